"""Which new versions an issue tells: once, to who waits for them, and never beside the paper's own announcement."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.digest_weeks import START, at, paper
from tracker.digest.updates import MOST, choose_updates
from tracker.digest.values import Revised, Update
from tracker.models import StoredEntry, Version

HOUR = timedelta(hours=1)
TOLD = replace(paper("2609.90417", "Lookahead Heads", day="2026-09-21T05:00"), issue="2026-W39", shown=True, version=2)
BACKLOG = paper("2203.15556", "Training Compute-Optimal Large Language Models", day="2022-03-29T12:00", backlog="old")
NEWS = paper("2611.90214", "New", day="24 05:00")


def seen(number: int, moment: datetime) -> Version:
    return Version(version=number, first_seen=moment, title=f"Title {number}", summary=f"Abstract {number}.")


def revised(entry: StoredEntry = TOLD, *versions: Version, **fields: object) -> Revised:
    """Be a paper starred on 25 September, revised in the window unless `versions` say otherwise."""
    known = versions or (seen(1, at("2026-09-21T06:00")), seen(2, START + HOUR))
    given = {"told": 1, "starred": at("2026-09-25T20:00"), "since": at("2026-09-25T20:00"), **fields}
    return Revised(entry=entry, versions=known, **given)  # type: ignore[arg-type] # by keyword, as Revised has them


def told(*of: Revised) -> list[tuple[int, int | None]]:
    """Give the told and the former version of each update."""
    return [(each.version.version, each.former.version if each.former else None) for each in choose_updates(of)]


def test_a_new_version_of_a_starred_paper_is_told() -> None:
    """It comes with the version that an issue told before."""
    (update,) = choose_updates([revised()])

    assert update == Update(
        entry=TOLD,
        version=seen(2, START + HOUR),
        former=seen(1, at("2026-09-21T06:00")),
        starred=at("2026-09-25T20:00"),
    )


def test_a_told_version_is_not_told_again() -> None:
    """Neither as the news that the paper was, nor as an update."""
    assert told(revised(told=2)) == []


def test_of_two_new_versions_the_latest_is_told() -> None:
    """Against what was told last."""
    versions = (seen(1, at("2026-09-21T06:00")), seen(2, START + HOUR), seen(3, START + 2 * HOUR))

    assert told(revised(TOLD, *versions)) == [(3, 1)]
    assert told(revised(TOLD, *versions, told=2)) == [(3, 2)]


def test_what_stood_there_when_it_was_starred_is_no_update() -> None:
    """Whoever starred the second version waits for the third."""
    starred = START + 3 * HOUR
    versions = (seen(1, at("2026-09-21T06:00")), seen(2, START + HOUR))

    assert told(revised(TOLD, *versions, since=starred)) == []
    assert told(revised(TOLD, *versions, seen(3, starred + HOUR), since=starred)) == [(3, 2)]


def test_a_version_stored_late_is_told_late() -> None:
    """The start of the window filters nothing."""
    assert told(revised(TOLD, seen(1, at("2026-09-21T06:00")), seen(2, at("2026-10-02T05:30")))) == [(2, 1)]


def test_what_is_news_itself_has_no_update() -> None:
    """Two versions inside one window are one announcement, of the latest."""
    assert told(revised(NEWS, seen(1, START), seen(2, START + HOUR), told=None)) == []


@pytest.mark.parametrize("since", ["2026-11-01T12:00", "2026-11-20T12:00"])
def test_a_followed_paper_of_the_backlog_is_told(since: str) -> None:
    """A paper that was there before, followed before or after it was first seen, is told in its next version."""
    versions = (seen(1, at("2026-11-10T12:00")), seen(2, START + HOUR))

    assert told(revised(BACKLOG, *versions, told=None, starred=None, since=at(since))) == [(2, 1)]


def test_a_version_whose_predecessor_is_not_stored_is_told_without_it() -> None:
    """Nothing is compared with what nobody has."""
    assert told(revised(TOLD, seen(3, START - HOUR), seen(4, START + HOUR), told=2, since=START - 2 * HOUR)) == [
        (4, None)
    ]


def test_an_issue_tells_a_bounded_number_the_oldest_first() -> None:
    """What is too much waits for the next issue."""
    many = [
        revised(
            replace(TOLD, id=number, key=f"arxiv:{number:02}"), seen(1, START - HOUR), seen(2, START + number * HOUR)
        )
        for number in reversed(range(1, MOST + 3))
    ]

    assert [each.entry.id for each in choose_updates(many)] == list(range(1, MOST + 1))
