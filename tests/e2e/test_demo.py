"""The demo, as a newcomer starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
def test_demo_ends_with_the_shipped_example(tmp_path: Path) -> None:
    """Three simulated weeks end in the page that digests/ ships: late entry, outage, course and all."""
    env = {name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")}
    env |= {"TMPDIR": str(tmp_path), "TZ": "Asia/Tokyo"}
    done = subprocess.run(
        [sys.executable, "-m", "demo"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    made = next(tmp_path.glob("tracker-demo-*/digests/2026-W47.md")).read_text(encoding="utf-8")
    assert made == (ROOT / "digests" / "example-2026-W47.md").read_text(encoding="utf-8")
    assert made in done.stdout
    closed = re.findall(r"issue (\S+) is closed", done.stdout)
    assert closed == ["2026-W45", "2026-W46", "2026-W47"]
    for promised in ("Notes on attention", "12 November", "YouTube was unreachable", "lecture 3 of 10"):
        assert promised in made
