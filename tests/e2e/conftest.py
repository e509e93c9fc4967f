"""Give end-to-end tests the small world that they live in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.world import World
from tests.internet import Internet


@pytest.fixture
def world(net: Internet, tmp_path: Path) -> World:
    """A newsletter, a blog, a category, a course and a channel, none of them followed yet."""
    return World(net, tmp_path)
