"""Histories of a whole life with the program: a world that drives it, and a model that knows what must be true."""
