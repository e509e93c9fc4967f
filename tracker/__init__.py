"""Poll feeds, keep what is new, write one quiet page a week: the package, doing no work on import."""

__version__ = "0.1.0"
