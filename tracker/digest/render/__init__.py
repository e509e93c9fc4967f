"""Turn a composition into text; one module for each format, pure."""

from __future__ import annotations

from tracker.digest.render.markdown import render

__all__ = ["render"]
