"""What the database finds due is never less than what cadence would find due among all feeds."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.factories import NOW, make_config, make_door, make_identified, make_subscription, make_video
from tracker.models import Door, DoorState, Feed, SourceName
from tracker.poll import cadence, reconcile
from tracker.poll.asking import Pass, requests_due
from tracker.poll.together import Together
from tracker.storage import Storage

DAY = timedelta(days=1)
SUBS = (
    make_subscription(id="blog", url="https://weeknight.example/feed"),
    make_subscription(id="category", categories=("cs.CL",)),
    make_subscription(id="channel", channel="UCXUPKJO5MZQN11PqgIvyuvQ"),
    make_subscription(id="list", playlist="PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"),
)
MOMENTS = st.none() | st.sampled_from([-30, -1, 0, 0.02, 1, 8, 8.5, 60]).map(lambda days: NOW + days * DAY)
PAST = st.none() | st.sampled_from([NOW - DAY, NOW - timedelta(hours=1)])
DOORS = st.builds(
    make_door,
    next_due_at=MOMENTS,
    last_polled_at=MOMENTS,
    last_success_at=PAST,
    failing_since=PAST,
    entries=st.sampled_from([None, 3, 15, 40]),
)
# Mostly quiet, so that each reason for which a listing is asked comes alone, too.
QUIET = make_door(next_due_at=NOW + DAY, last_polled_at=NOW - DAY, last_success_at=NOW - DAY, entries=3)
STALE = replace(QUIET, next_due_at=NOW - DAY)
STATES = st.fixed_dictionaries(
    {
        "feed": st.one_of(
            *(st.just(QUIET),) * 3,
            st.sampled_from([replace(QUIET, entries=15), replace(QUIET, failing_since=NOW - DAY)]),
            st.just(DoorState()) | DOORS,
        ),
        "listing": st.one_of(st.just(STALE), st.just(STALE), st.just(DoorState()), DOORS),
        "listing_complete_at": st.sampled_from([NOW - DAY, NOW - DAY, NOW - DAY, None]),
        "gap_since": st.sampled_from([None, None, None, NOW - DAY]),
    },
    optional={"listing_before_at": PAST},
)
VIDEOS = st.lists(
    st.tuples(
        st.sampled_from(["list", "list", "channel"]),
        st.sampled_from([600, 600, None]),
        st.sampled_from([(Door.FEED,), (Door.FEED,), (Door.LISTING,), (Door.FEED, Door.LISTING)]),
        st.sampled_from([0, 2, 3]),
    ),
    max_size=4,
)


NOTHING_KNOWN = {"feed": QUIET, "listing": STALE, "listing_complete_at": NOW - DAY}


@example(  # a video that the feed shows no longer, and nothing else
    states=dict.fromkeys((each.id for each in SUBS), NOTHING_KNOWN),
    videos=[("list", 600, (Door.FEED,), 2), ("list", 600, (Door.FEED,), 0)],
    paused=set(),
)
@settings(max_examples=100, deadline=None)
@given(
    states=st.fixed_dictionaries({each.id: STATES for each in SUBS}),
    videos=VIDEOS,
    paused=st.sets(st.sampled_from([each.id for each in SUBS])),
)
def test_the_database_finds_every_feed_that_is_due(
    states: dict[str, dict[str, object]],
    videos: list[tuple[str, int | None, tuple[Door, ...], int]],
    paused: set[str],
) -> None:
    """Whatever is known of feeds, whatever their clocks: asking those alone asks the same as looking at all."""
    with tempfile.TemporaryDirectory() as name:
        subs = tuple(replace(each, paused=each.id in paused) for each in SUBS)
        config = make_config(Path(name) / "feeds.toml", subscriptions=subs)
        with Storage.open(Path(name) / "tracker.db", now=NOW - 30 * DAY) as storage:
            reconcile(config, storage, now=NOW - 30 * DAY)
            for feed in storage.feeds():
                storage.save_feed(replace(feed, **states[feed.id]))  # type: ignore[arg-type] -- fields of any type
            for number, (where, duration, doors, days) in enumerate(videos):
                video = make_video(f"video{number:06}", duration=duration)
                for door in doors:
                    storage.store(where, [make_identified(video)], door=door, at=NOW - days * DAY)

            def asked(rows: tuple[Feed, ...]) -> set[tuple[str, Door]]:
                here = Pass(
                    config=config,
                    storage=storage,
                    together=Together(storage),
                    now=NOW,
                    since=NOW - DAY,
                    rows={each.id: each for each in rows},
                )
                return {(each.feed, each.door) for each in requests_due(here, only=(), force=False)[0]}

            found = storage.due(now=NOW, latest=cadence.latest_due(NOW))
            assert asked(found) == asked(storage.feeds())
            assert all(each.source is SourceName.YOUTUBE or _is_called_for(each) or each.is_paused for each in found)


def _is_called_for(feed: Feed) -> bool:
    """Tell whether a feed without a listing was found for a reason: a door's own time."""
    doors = [each for each in (feed.feed, feed.archive) if each != DoorState()]
    return feed.feed == DoorState() or any(
        each.next_due_at is None
        or each.next_due_at <= NOW
        or each.next_due_at > cadence.latest_due(NOW)
        or (each.last_polled_at is not None and each.last_polled_at > NOW)
        for each in doors
    )
