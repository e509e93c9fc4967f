"""Compare what a test made with a golden file, byte for byte; `--update-golden` writes the files anew."""

from __future__ import annotations

from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that rewrite golden files and databases."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")
    parser.addoption("--update-databases", action="store_true", help="write the unreleased schema's database anew")


class Golden:
    """Golden files under tests/golden, named by their path in it."""

    def __init__(self, *, update: bool) -> None:
        self._update = update

    def check(self, name: str, text: str) -> None:
        """Fail unless the file holds exactly this text."""
        path = GOLDEN / name
        if self._update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"there is no golden file {name}; --update-golden writes it"
        assert text == path.read_bytes().decode(), f"differs from {name}; if that is meant, --update-golden"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare with golden files."""
    return Golden(update=request.config.getoption("--update-golden"))
