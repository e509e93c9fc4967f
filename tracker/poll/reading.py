"""Serve taking: what an answer with a body holds, parsed and normalized; loaded at the first such answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from tracker.errors import ParseError
from tracker.models import Answer, Door, Entry, Feed, RawFeed, Recognised, Subscription
from tracker.poll.asking import Pass
from tracker.poll.baseline import is_first
from tracker.poll.identify import is_ambiguous
from tracker.poll.normalize import NORMALIZE_VERSION, normalize
from tracker.poll.parse import Recognise, parse_feed, parse_listing, parse_unread
from tracker.sources.youtube import is_uploads, list_kind

SLICES = True  # False reads every document whole, for the test that compares the two


def read(here: Pass, answer: Answer, feed: Feed, subscription: Subscription) -> tuple[RawFeed, tuple[Entry, ...]]:
    """Parse and normalize an answer: of a feed that was read before only the entries that have other bytes now.

    Raises ParseError, also for what a host sends by mistake where it has more.
    """
    is_again = answer.request.door is Door.FEED and not is_first(here, feed, answer)
    recognise = partial(here.storage.recognised, feed.id) if is_again else _recognise_nothing
    for each in (recognise, _recognise_nothing):
        raw = _parsed(answer, salt=f"{NORMALIZE_VERSION} {feed.target} {answer.url}", recognise=each)
        entries = () if raw.is_unread else normalize(raw, subscription, url=answer.url, now=here.now)
        if not is_ambiguous(entries, raw.recognised):
            break
    _refuse_emptied(feed, answer, raw)
    _refuse_hole(answer, raw)
    return raw, entries


def _recognise_nothing(_: Sequence[str]) -> Mapping[str, Recognised]:
    return {}


def _parsed(answer: Answer, *, salt: str, recognise: Recognise) -> RawFeed:
    try:
        if answer.request.door is Door.LISTING:
            return _parsed_listing(answer)
        kind = answer.headers.get("content-type", "")
        if answer.request.door is Door.ARCHIVE or not SLICES:
            return parse_feed(answer.body, content_type=kind, url=answer.url)
        return parse_unread(answer.body, content_type=kind, url=answer.url, salt=salt, recognise=recognise)
    except ParseError as error:
        error.feed, error.url = answer.request.feed, answer.request.url
        raise


def _parsed_listing(answer: Answer) -> RawFeed:
    lists = (answer.request.url, *answer.request.besides)
    raw = parse_listing(answer.body, kind=list_kind(lists[0]), kinds={each: list_kind(each) for each in lists[1:]})
    # All that a channel ever uploaded is not wanted, so what is not listed is not missing.
    return replace(raw, announced=None) if is_uploads(lists[0]) else raw


def _refuse_hole(answer: Answer, raw: RawFeed) -> None:
    """Take an empty page before the announced end for arXiv's known fault; it is asked again later (M68)."""
    start = answer.request.start
    if answer.request.door is Door.ARCHIVE and not raw.entries and start and start < (raw.announced or 0):
        text = f"arXiv announces {raw.announced:,} papers and sends none after {start:,}."
        raise ParseError(text, feed=answer.request.feed, url=answer.request.url)


def _refuse_emptied(feed: Feed, answer: Answer, raw: RawFeed) -> None:
    """Take a listing that holds nothing, where it held something before, for yt-dlp's failure (M31)."""
    held = feed.listing.entries or 0
    if answer.request.door is Door.LISTING and held and not raw.entries:
        text = f"yt-dlp lists nothing, where it listed {held} before."
        raise ParseError(text, feed=feed.id, url=answer.request.url, remedy="It is asked again tomorrow.")
