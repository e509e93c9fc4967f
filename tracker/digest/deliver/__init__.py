"""Bring text to its place; one module for each kind of place."""

from __future__ import annotations

from tracker.digest.deliver.files import Written, file_of, write_issue, write_preview

__all__ = ["Written", "file_of", "write_issue", "write_preview"]
