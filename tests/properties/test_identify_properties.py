"""Over any documents: what was seen is known, in whatever order it comes again, and nothing is lost on the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_baseline, make_entry
from tracker.models import Baseline, Door, Entry, Identified, Kind, KnownEntry, SourceName, Verdict
from tracker.poll.identify import candidate_keys, identify

FEED = "feed"
SINCE = datetime(2026, 11, 23, 7, tzinfo=UTC)
DATES = st.none() | st.integers(-20, 20).map(lambda days: SINCE + timedelta(days=days))


@st.composite
def documents(draw: st.DrawFn) -> tuple[Entry, ...]:
    """What normalize may hand on: unique guids, canonical URLs that stand once."""
    numbers = draw(st.lists(st.integers(0, 12), unique=True, max_size=8))
    return tuple(draw(entry(number, position)) for position, number in enumerate(numbers))


@st.composite
def entry(draw: st.DrawFn, number: int, position: int) -> Entry:
    kind = draw(st.sampled_from((Kind.POST, Kind.VIDEO, Kind.PAPER)))
    fields: dict[str, Any] = {
        "position": position,
        "kind": kind,
        "key": {Kind.POST: "", Kind.VIDEO: f"youtube:{number}", Kind.PAPER: f"arxiv:{number}"}[kind],
        "guid": draw(st.sampled_from((f"guid-{number}", f"other-{number}"))),
        "canonical": draw(st.sampled_from(("", f"example.org/p/{number}"))),
        "published": draw(DATES),
        "title": draw(st.sampled_from((f"Title {number}", f"Other {number}"))),
        "fingerprint": draw(st.sampled_from("ab")),
        "version": draw(st.sampled_from((None, 1, 2))) if kind is Kind.PAPER else None,
        "announce_type": draw(st.sampled_from(("", "new", "cross", "replace"))) if kind is Kind.PAPER else "",
        "placeholder": draw(st.sampled_from(("", "[Private video]"))) if kind is Kind.VIDEO else "",
    }
    return make_entry(number, **fields)


@st.composite
def baselines(draw: st.DrawFn) -> Baseline:
    return make_baseline(
        source=draw(st.sampled_from(SourceName)),
        door=draw(st.sampled_from(Door)),
        is_first=draw(st.booleans()),
        since=SINCE,
        policy=draw(st.sampled_from((None, 0, 3, "all", datetime(2026, 11, 20, tzinfo=UTC).date()))),
        has_listing=draw(st.booleans()),
        is_day_batch=draw(st.booleans()),
        oldest=draw(DATES),
    )


def stored(found: tuple[Identified, ...], before: dict[str, KnownEntry]) -> dict[str, KnownEntry]:
    """Do what storage does with a document."""
    after = dict(before)
    for each in found:
        if each.verdict is Verdict.IGNORED:
            continue
        old = before.get(each.key)
        after[each.key] = KnownEntry(
            id=old.id if old else len(after) + 1,
            key=each.key,
            title=each.entry.title,
            published=each.entry.published,
            fingerprint=each.entry.fingerprint,
            version=each.entry.version,
            guid=each.entry.guid,
            is_backlog=bool(each.backlog) and (old is None or old.is_backlog),
        )
    return after


def look_up(entries: tuple[Entry, ...], rows: dict[str, KnownEntry]) -> list[KnownEntry]:
    """Find what storage finds: by guid in this feed, or by candidate key."""
    guids = {each.guid for each in entries}
    keys = {key for each in entries for key in candidate_keys(each, feed=FEED)}
    return [row for row in rows.values() if row.guid in guids or row.key in keys]


def poll(entries: tuple[Entry, ...], rows: dict[str, KnownEntry], baseline: Baseline) -> tuple[Identified, ...]:
    return identify(entries, look_up(entries, rows), baseline=baseline, feed=FEED)


@settings(deadline=None)
@given(documents(), baselines(), baselines(), st.randoms())
def test_second_look_finds_nothing_new(
    entries: tuple[Entry, ...], first: Baseline, second: Baseline, random: Any
) -> None:
    """The same batch again, in any order and through any door, is unchanged (M2, M15)."""
    rows = stored(poll(entries, {}, first), {})
    again = list(entries)
    random.shuffle(again)
    found = poll(tuple(again), rows, second)

    assert {each.verdict for each in found} <= {Verdict.UNCHANGED, Verdict.IGNORED}
    assert all(each.id == rows[each.key].id for each in found if each.verdict is Verdict.UNCHANGED)


@settings(deadline=None)
@given(st.lists(documents(), max_size=4), baselines())
def test_every_entry_is_accounted_for(batches: list[tuple[Entry, ...]], baseline: Baseline) -> None:
    """Each entry gets one verdict, keys are unique but for repeats, and only what is ignored has a reason."""
    rows: dict[str, KnownEntry] = {}
    for entries in batches:
        found = poll(entries, rows, baseline)
        kept = [each for each in found if each.verdict is not Verdict.IGNORED]
        assert [each.entry.position for each in found] == [each.position for each in entries]
        assert len({each.key for each in kept}) == len(kept)
        assert all((each.verdict is Verdict.IGNORED) == bool(each.reason) for each in found)
        assert all((each.id is None) == (each.verdict in {Verdict.NEW, Verdict.IGNORED}) for each in found)
        assert all(each.key in candidate_keys(each.entry, feed=FEED) for each in kept if each.verdict is Verdict.NEW)
        rows = stored(found, rows)


@settings(deadline=None)
@given(documents(), baselines())
def test_unseen_entries_never_vanish_silently(entries: tuple[Entry, ...], baseline: Baseline) -> None:
    """An unseen entry is new, as news or with the reason why not, unless it is a placeholder or a replacement (M58)."""
    for each in poll(entries, {}, baseline):
        is_nothing = bool(each.entry.placeholder) or each.entry.announce_type == "replace"
        assert each.verdict is (Verdict.IGNORED if is_nothing else Verdict.NEW)


@settings(deadline=None)
@given(documents())
def test_policy_all_announces_all_and_none_only_the_window(entries: tuple[Entry, ...]) -> None:
    """At the first look "all" suppresses nothing, and the default nothing of the open window (M5)."""
    first = {"source": SourceName.WEB, "is_first": True, "since": SINCE}
    everything = poll(entries, {}, make_baseline(**first, policy="all"))
    usual = poll(entries, {}, make_baseline(**first))

    assert not any(each.backlog for each in everything)
    for each in usual:
        is_inside = each.entry.published is not None and each.entry.published >= SINCE
        assert each.verdict is Verdict.IGNORED or bool(each.backlog) is not is_inside
