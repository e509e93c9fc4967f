"""A paper from its first version to its second, over three issues, by the real commands."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

from tests.conftest import Run
from tests.e2e.world import World
from tests.internet_feeds import Paper
from tracker.models import Mark
from tracker.storage import Storage

STARRED = Paper(
    id="2611.09001",
    title="Lookahead Heads: Self-Speculation Without a Draft Model",
    authors="Ada Brandt, Bo Chen, Cleo Diaz",
    abstract="We propose heads that look ahead. They decode 2.4x at 7B. Quality stays as it was.",
)
FOLLOWED = replace(STARRED, id="2611.08001", title="Counting *Tokens* [[twice]]", abstract="We count tokens.")
OTHER = replace(STARRED, id="2611.09002", title="Reading a Small Transformer", abstract="We label every head.")
SECOND = "We propose heads that look ahead. They decode 2.1x at 7B and 34B. Quality stays as it was."
NEWER = replace(STARRED, id="2611.09003", title="A Census of Context Windows")


def at(day: int, hour: int, minute: int = 0, *, month: int = 11) -> datetime:
    """Name a moment of 2026 in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_a_new_version_is_told_to_who_waits_for_it(world: World, run_cli: Run) -> None:
    """News as v1, told as v2 to who starred it and to who follows it by `papers`, and never twice (M54, M58)."""
    world.follow("papers", "watched")
    world.announce(date(2026, 11, 3), FOLLOWED)
    world.announce(date(2026, 11, 24), STARRED, OTHER)
    world.announce(date(2026, 12, 1), replace(STARRED, version=2, announce_type="replace", abstract=SECOND), NEWER)
    world.announce(
        date(2026, 12, 2), *(replace(each, version=2, announce_type="replace") for each in (FOLLOWED, OTHER))
    )

    run_cli("run", "--once", clock=world.at(at(24, 6, 40)), code=None)
    run_cli("run", "--once", clock=world.at(at(30, 7, 2)), code=None)
    with Storage.open(world.folder / "tracker.db", now=world.moment) as storage:
        storage.set_mark(Mark(key=f"arxiv:{STARRED.id}", starred=True, at=at(30, 12)))
    for moment in (at(1, 6, 40, month=12), at(2, 6, 40, month=12), at(7, 7, 2, month=12), at(14, 7, 2, month=12)):
        run_cli("run", "--once", clock=world.at(moment), code=None)

    first, second, third = (world.page(f"2026-W{week}") for week in (48, 49, 50))
    assert f"- [ ] [{STARRED.title}](https://arxiv.org/abs/2611.09001) ·" in first
    assert "## Yours" not in first
    assert second.count("2611.0900") == 2
    assert (
        "## Yours\n"
        f"- [ ] [{STARRED.title}](https://arxiv.org/abs/2611.09001v2) · **v2** of a paper you starred in week 49  \n"
        '  Changed in the abstract: "2.1x at 7B and 34B", was "2.4x at 7B".\n'
        "- [ ] [Counting \\*Tokens\\* \\[\\[twice\\]\\]](https://arxiv.org/abs/2611.08001v2) · **v2** of a paper you follow  \n"
        "  The abstract is unchanged.\n\n## Papers\n"
    ) in second
    assert "The abstract of one paper. Also two new versions. " in second
    assert "v2" not in third
    listed = json.loads(run_cli("entries", "--issue", "2026-W49", "--json").stdout)
    assert [each["key"] for each in listed] == [f"arxiv:{NEWER.id}"]
    assert {len(labels) for labels in world.news().values()} == {1}
    assert not world.net.strays
