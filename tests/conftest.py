"""Give every test a fixed time, an internet in a box and the program itself; refuse every other network."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.internet import Internet

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
NOW = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)
pytest_plugins = ["tests.golden_files"]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def now() -> datetime:
    """Wednesday 25 November 2026, 18:20 UTC."""
    return NOW


@pytest.fixture
def shared() -> Path:
    """The folder of recorded feeds, where there is one."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared with its recorded feeds, which a stranger's clone has not")
    return SHARED


@pytest.fixture(scope="session")
def _box() -> Iterator[Internet]:
    with Internet() as box:
        yield box


@pytest.fixture
def net(_box: Internet) -> Iterator[Internet]:
    """An internet of its own, empty at the start of each test."""
    _box.clear()
    yield _box
    _box.clear()


@pytest.fixture(autouse=True)
def _no_stray_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own settings out of the tests."""
    for name in list(os.environ):
        if name.startswith("TRACKER_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse sockets of Python's own to anywhere else; libcurl's are held by the box's proxy variables."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host and not str(host).startswith("127.") and host not in {"::1", "localhost"}:
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]  # whatever it was, it is passed on

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def run_cli(tmp_path: Path, net: Internet) -> Run:
    """Run `python -m tracker …` as a user does, in tmp_path, with no other network than the box."""

    def run(*args: str, clock: str = "", code: int | None = 0, **environ: str) -> subprocess.CompletedProcess[str]:
        env = cli_environ(net, clock=clock) | environ
        done = subprocess.run(
            [sys.executable, "-m", "tracker", *args], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120
        )
        assert "Traceback" not in done.stderr, done.stderr
        if code is not None:
            assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run


def cli_environ(net: Internet, *, clock: str = "") -> dict[str, str]:
    """Make the environment in which the program reaches the box only."""
    env = {name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")}
    env |= net.environ() | {"PYTHONPATH": str(ROOT), "TZ": "UTC"}
    return env | ({"TRACKER_CLOCK": clock} if clock else {})
