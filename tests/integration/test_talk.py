"""What links in posts do to papers, what interests find, on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories import (
    as_changed,
    make_config,
    make_entry,
    make_mark,
    make_paper,
    make_subscription,
    store_entries,
    subscribe,
)
from tracker import digest
from tracker.cli.why import Answer, _lines
from tracker.errors import StorageError
from tracker.models import Config, DigestSettings, Door, Interests, Mention, Placed, Role
from tracker.storage import Storage

FIRST = datetime(2026, 11, 9, 8, tzinfo=UTC)
MONDAY = datetime(2026, 11, 16, 7, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
PAPERS = make_subscription(id="papers", categories=("cs.CL",), title="arXiv cs.CL")
NOTES = make_subscription(id="notes", url="https://notes.example/feed", title="Gradient Notes")
CURVES = make_subscription(id="curves", url="https://curves.example/feed", title="Loss Curves")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Two papers of each feed, and two newsletters."""
    settings = DigestSettings(folder=tmp_path / "digests", timezone="UTC", papers=2)
    return make_config(tmp_path / "feeds.toml", digest=settings, subscriptions=(PAPERS, NOTES, CURVES))


@pytest.fixture
def storage(config: Config) -> Iterator[Storage]:
    """A database with the subscriptions, followed for a week."""
    with Storage.open(config.database, now=FIRST) as storage:
        for feed in subscribe(storage, *config.subscriptions, now=FIRST):
            storage.save_feed(replace(feed, first_polled_at=FIRST))
        yield storage


def arrive(storage: Storage, *numbers: int, at: datetime) -> None:
    """Store papers, those with high numbers of larger groups."""
    papers = [
        make_paper(f"2611.{number:05}", authors=tuple(f"A. Author{each}" for each in range(3 * number)), published=at)
        for number in numbers
    ]
    store_entries(storage, papers, feed="papers", at=at)


def write(storage: Storage, feed: str, *links: int | str, at: datetime, number: int = 1) -> None:
    """Publish a post that links to papers."""
    ids = [each if isinstance(each, str) else f"2611.{each:05}" for each in links]
    mentions = tuple(Mention(f"arxiv:{each}", f"https://arxiv.org/pdf/{each}v2") for each in ids)
    url = f"https://{feed}.example/{number}"
    post = make_entry(key=f"web:{feed}.example/{number}", guid=url, url=url, title=f"On it {number}", mentions=mentions)
    store_entries(storage, [post], feed=feed, at=at)


def close(config: Config, storage: Storage, *, now: datetime) -> str:
    (issue,) = digest.close_overdue(config, storage, now=now)
    return issue.rendered.decode()


def places(storage: Storage, label: str, role: Role) -> dict[str, Placed]:
    ids = storage.entries_by_id([each.entry for each in storage.placed(label) if each.role is role])
    return {ids[each.entry].key: each for each in storage.placed(label) if each.role is role}


def test_a_paper_that_feeds_discuss_stands_higher(config: Config, storage: Storage) -> None:
    """A link of a post counts, is a reason, and is said of the post, whichever came first."""
    write(storage, "notes", 1, at=FIRST + DAY)
    arrive(storage, 1, 2, 3, 4, at=FIRST + 2 * DAY)
    write(storage, "curves", 1, at=FIRST + 3 * DAY)
    text = close(config, storage, now=MONDAY)
    assert "*Why: discussed in Gradient Notes and Loss Curves.*" in text
    assert text.count("  \n  Discusses one paper below.\n") == 2
    placed = places(storage, "2026-W46", Role.NEWS)["arxiv:2611.00001"]
    assert (placed.is_shown, placed.reasons) == (True, ("discussed in Gradient Notes and Loss Curves",))
    assert placed.terms["discussed in your feeds"] == 4


def test_what_an_issue_cut_gets_one_second_look(config: Config, storage: Storage) -> None:
    """Discussed after its issue, a paper is shown once more; its membership stays, and it is never shown again."""
    arrive(storage, 1, 2, 3, 4, at=FIRST + DAY)
    first = close(config, storage, now=MONDAY)
    assert "2611.00001" not in first
    write(storage, "notes", 1, at=MONDAY + DAY)
    write(storage, "curves", 1, at=MONDAY + 2 * DAY)
    text = close(config, storage, now=MONDAY + WEEK)
    assert (
        "[Paper 2611.00001](https://arxiv.org/abs/2611.00001) · Author0 … Author2 (3) · announced in week 46  \n"
        in text
    )
    assert "*Second look: not shown then; Gradient Notes and Loss Curves have discussed it since.*" in text
    assert "two posts. Also one second look." in text
    look = places(storage, "2026-W47", Role.SECOND_LOOK)["arxiv:2611.00001"]
    assert (look.section, look.reasons) == ("papers", ("discussed in Gradient Notes", "discussed in Loss Curves"))
    entry = storage.entry("arxiv:2611.00001")
    assert entry is not None
    assert (entry.issue, entry.shown) == ("2026-W46", False)
    write(storage, "notes", 1, at=MONDAY + WEEK + DAY, number=2)
    assert "Second look" not in close(config, storage, now=MONDAY + 2 * WEEK)


def test_a_preview_uses_no_second_look_up(config: Config, storage: Storage) -> None:
    """Looking at the open window assigns nothing."""
    arrive(storage, 1, 2, 3, at=FIRST + DAY)
    close(config, storage, now=MONDAY)
    write(storage, "notes", 1, at=MONDAY + DAY)
    for _ in range(2):
        assert "Second look" in digest.preview_text(config, storage, now=MONDAY + 2 * DAY)
    assert storage.looked_at_again() == frozenset()


def test_an_issue_has_two_second_looks_at_most(config: Config, storage: Storage) -> None:
    """Those that most feeds discuss, then those that editors would pick; a roundup fills no page."""
    arrive(storage, *range(1, 9), at=FIRST + DAY)
    close(config, storage, now=MONDAY)
    write(storage, "notes", 1, 2, 3, 4, at=MONDAY + DAY)
    write(storage, "curves", 2, at=MONDAY + DAY)
    text = close(config, storage, now=MONDAY + WEEK)
    assert list(places(storage, "2026-W47", Role.SECOND_LOOK)) == ["arxiv:2611.00002", "arxiv:2611.00004"]
    assert "Also two second looks." in text


def test_what_the_reader_left_out_or_knows_gets_none(config: Config, storage: Storage) -> None:
    """A filter's verdict stands, a mark says that the paper is known, and what was said before its issue is not since."""
    arrive(storage, 1, 2, 3, 4, at=FIRST + DAY)
    write(storage, "notes", 3, at=FIRST + 2 * DAY)
    strict = replace(PAPERS, exclude="00001")
    config = replace(config, subscriptions=(strict, NOTES, CURVES))
    close(replace(config, digest=replace(config.digest, papers=0)), storage, now=MONDAY)
    storage.set_mark(make_mark("arxiv:2611.00002"))
    write(storage, "notes", 1, 2, at=MONDAY + DAY, number=2)
    assert "Second look" not in close(config, storage, now=MONDAY + WEEK)


def test_what_was_said_before_the_issue_is_not_since(config: Config, storage: Storage) -> None:
    """A second look names who has discussed the paper after its issue."""
    none_shown = replace(config, digest=replace(config.digest, papers=0))
    arrive(storage, 1, 2, at=FIRST + DAY)
    write(storage, "notes", 1, at=FIRST + 2 * DAY)
    close(none_shown, storage, now=MONDAY)
    write(storage, "curves", 1, at=MONDAY + DAY)
    assert "not shown then; Loss Curves has discussed it since." in close(config, storage, now=MONDAY + WEEK)


def test_a_former_feed_says_nothing(config: Config, storage: Storage) -> None:
    """Only what the reader still follows counts."""
    write(storage, "notes", 1, at=FIRST + DAY)
    arrive(storage, 1, 2, 3, at=FIRST + 2 * DAY)
    storage.reconcile((PAPERS, CURVES), {"papers": "target:papers", "curves": "target:curves"}, now=FIRST + 3 * DAY)
    text = close(replace(config, subscriptions=(PAPERS, CURVES)), storage, now=MONDAY)
    assert "discussed in" not in text


def test_a_post_names_the_papers_that_are_not_on_the_page(config: Config, storage: Storage) -> None:
    """By title where they are stored, else by id; of many links only the reader's own papers."""
    arrive(storage, 1, 2, 3, at=FIRST + DAY)
    write(storage, "notes", "2203.15556", at=FIRST + DAY)
    write(storage, "curves", 1, 2, 3, "2203.15556", "2501.00001", at=FIRST + DAY)
    storage.set_mark(make_mark("arxiv:2203.15556", done=False, starred=True))
    text = close(config, storage, now=MONDAY)
    assert "Discusses [arXiv:2203.15556](https://arxiv.org/abs/2203.15556).\n" in text
    named = "Discusses [arXiv:2203.15556](https://arxiv.org/abs/2203.15556) and two of the papers below.\n"
    assert named in text


def test_interests_find_people_and_words(config: Config, storage: Storage) -> None:
    """Followed people's papers are Yours, words have their section; the page says how many matched."""
    papers = [
        make_paper("2611.00001", title="On Caches", authors=("A B", "C D", "E F")),
        make_paper("2611.00002", title="On Birds", authors=("Mira Adeyemi",)),
        *(make_paper(f"2611.{each:05}", title=f"Question {each}") for each in range(10, 20)),
    ]
    store_entries(storage, papers, feed="papers", at=FIRST + DAY)
    interests = Interests(keywords=("cache",), authors=("M. Adeyemi",))
    text = close(replace(config, interests=interests), storage, now=MONDAY)
    assert "12 papers: " in text
    yours, rest = text.split("## Yours\n")[1].split("## From your interests (1 of 1 match)\n")
    assert "2611.00002" in yours
    assert "*Why: by M. Adeyemi, whom you follow.*" in yours
    assert "2611.00001" in rest.split("## Top papers")[0]
    assert "Papers not shown, by first category: cs.CL 8. Any of them: `tracker entries" in text


def revised(storage: Storage, version: int, *, at: datetime, **fields: Any) -> None:
    paper = make_paper("2609.90417", title="Lookahead Heads", summary="We show 2.4x.")
    entry = storage.entry(paper.key)
    assert entry is not None
    changed = as_changed(paper, entry, version=version, announce_type="replace", summary=f"We show {version}.1x.")
    storage.store("papers", [replace(changed, backlog="a new version")], door=Door.FEED, at=at)


def test_a_paper_of_the_interests_is_followed(config: Config, storage: Storage) -> None:
    """Its new versions are told once, from the window on in which it is named: nobody knows since when it stands there."""
    paper = make_paper("2609.90417", title="Lookahead Heads", summary="We show 2.4x.")
    store_entries(storage, [paper], feed="papers", at=FIRST + DAY)
    close(config, storage, now=MONDAY)
    revised(storage, 2, at=MONDAY + DAY)
    close(config, storage, now=MONDAY + WEEK)
    config = replace(config, interests=Interests(papers=("2609.90417",)))
    assert "Lookahead" not in close(config, storage, now=MONDAY + 2 * WEEK)
    revised(storage, 3, at=MONDAY + 2 * WEEK + DAY)
    told = close(config, storage, now=MONDAY + 3 * WEEK)
    assert "(https://arxiv.org/abs/2609.90417v3) · **v3** of a paper you follow" in told
    assert "Lookahead" not in close(config, storage, now=MONDAY + 4 * WEEK)


def test_papers_of_the_interests_teach_the_taste(config: Config, storage: Storage) -> None:
    """Five of them are enough to bring their like to the top, as stars are."""
    old = [make_paper(f"2501.0000{each}", summary=f"On walrus habits {each}.") for each in range(5)]
    store_entries(storage, old, feed="papers", at=FIRST + DAY)
    close(config, storage, now=MONDAY)
    new = [make_paper(f"2611.{each:05}", summary="On cats and dogs and walls.") for each in range(30)]
    new += [make_paper(f"2611.0010{each}", summary="On the walrus.") for each in range(2)]
    store_entries(storage, new, feed="papers", at=MONDAY + DAY)
    interests = Interests(papers=tuple(each.key.removeprefix("arxiv:") for each in old))
    text = close(replace(config, interests=interests), storage, now=MONDAY + WEEK)
    assert text.count("words of papers you starred: walrus") == 2
    assert "abs/2611.00100)" in text
    assert "abs/2611.00101)" in text


def test_a_second_look_is_stored_once(storage: Storage, config: Config) -> None:
    """The file itself refuses a second one."""
    arrive(storage, 1, 2, 3, at=FIRST + DAY)
    close(config, storage, now=MONDAY)
    close(config, storage, now=MONDAY + WEEK)
    entry = storage.entry("arxiv:2611.00001")
    issue = storage.issue("2026-W47")
    assert entry is not None
    assert issue is not None
    again = Placed(entry=entry.id, role=Role.SECOND_LOOK, is_shown=True, section="papers")
    for number in range(2):
        late = replace(issue, label=f"2026-W5{number}")
        if not number:
            storage.add_issue(late, [again])
            continue
        with pytest.raises(StorageError):
            storage.add_issue(late, [again])
    assert storage.looked_at_again() == {entry.id}


def test_why_names_the_terms_of_a_score(config: Config, storage: Storage) -> None:
    """Of a paper that was cut: what cut it, its number among all papers, and everything that its score is the sum of."""
    arrive(storage, 1, 2, 3, at=FIRST + DAY)
    close(config, storage, now=MONDAY)
    entry = storage.entry("arxiv:2611.00001")
    assert entry is not None
    answer = Answer(key=entry.key, entry=entry, mark=None, places=storage.places(entry.id))
    told = list(_lines(answer, config))
    assert "  2026-W46: not shown: not among the first 2 papers, number 3 of its papers, score " in "\n".join(told)
    terms = told[-1].strip().split("; ")
    assert any(each.startswith("three authors ") for each in terms)
    score = storage.places(entry.id)[0][1].score
    assert sum(float(each.rpartition(" ")[2]) for each in terms) == pytest.approx(score, abs=0.1)
