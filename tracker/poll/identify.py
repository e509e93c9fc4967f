"""Say what each entry is to the database: new, changed, unchanged or ignored, news or backlog; fourth stage of a poll.

Pure: only looks at the document's entries and at what is stored, decides, and stores nothing. What is absent from a
document is never spoken of: a feed is a window, and leaving it says nothing (M16).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from tracker.models import Baseline, Door, Entry, Identified, KnownEntry, Recognised, SourceName, Verdict
from tracker.poll.identify_match import Match, candidate_keys, is_ambiguous, matches

__all__ = ("candidate_keys", "identify", "is_ambiguous")

OLDER = "older than your first window"
UNDATED = "undated, and there at the first look"
LISTED = "part of the first complete listing"
BELOW = "below everything known in the listing"
OLDER_THAN_KNOWN = "older than the oldest known of its feed"
REVISION = "a new version, not a new paper"
KNOWN = "known before as backlog"

UNKNOWN_REVISION = "a new version of a paper that was never announced here"
UNKNOWN_PLACEHOLDER = "a placeholder for a video that is not known"
MOVED = 3  # of known videos the third from the top: a premiere or two may have moved up since

REPEATED = "stands twice in the document"


def identify(
    entries: tuple[Entry, ...],
    known: Sequence[KnownEntry],
    *,
    baseline: Baseline,
    feed: str,
    recognised: Sequence[Recognised] = (),
) -> tuple[Identified, ...]:
    """Decide about every entry of one document, in its order.

    `known` is what storage has under the entries' guids and candidate keys, and may hold more. An entry's `backlog` is
    that of its appearance in this feed: "" for an appearance stored as backlog means that it is news after all.
    `recognised` stand in the document as well; nothing is to be decided about them.
    """
    beside = frozenset(each.guid for each in recognised)
    found = matches(entries, known, feed=feed, beside=beside)
    here = _Here(
        baseline=baseline,
        last_known=_last_known(found, baseline),
        picked=_picked(found, baseline),
    )
    return tuple(_identified(match, here) for match in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Here:
    """What the decisions about one document share: `picked` are guids that `backlog = N` makes news."""

    baseline: Baseline
    last_known: int | None
    picked: frozenset[str]


# ---------------------------------------------------------------- what is it


def _identified(match: Match, here: _Here) -> Identified:
    entry = match.entry
    if reason := _ignored(match, here.baseline):
        return Identified(entry=entry, key=match.key, verdict=Verdict.IGNORED, reason=reason)
    if match.known is None:
        return Identified(entry=entry, key=match.key, verdict=Verdict.NEW, backlog=_backlog(entry, here))
    known = match.known
    if entry.placeholder:
        # A placeholder's title never takes the place of a real one (M28); storage notes the availability.
        entry = replace(entry, title=known.title, fingerprint=known.fingerprint)
    verdict = Verdict.CHANGED if _has_changed(entry, known, door=here.baseline.door) else Verdict.UNCHANGED
    return Identified(
        entry=entry, key=match.key, verdict=verdict, id=known.id, backlog=_backlog_of_known(entry, known, here)
    )


def _ignored(match: Match, baseline: Baseline) -> str:
    if match.is_repeated:
        return REPEATED
    if match.known is None and match.entry.placeholder:
        return UNKNOWN_PLACEHOLDER
    if match.known is None and _is_revision(match.entry) and match.entry.announce_type not in baseline.revisions:
        return UNKNOWN_REVISION
    return ""


def _is_revision(entry: Entry) -> bool:
    return entry.announce_type.startswith("replace")


def _has_changed(entry: Entry, known: KnownEntry, *, door: Door) -> bool:
    """Compare versions first (M54); a listing knows titles alone, so only they count there."""
    if entry.placeholder:
        return False
    if entry.version is not None and known.version is not None and entry.version != known.version:
        return entry.version > known.version
    if door is Door.LISTING:
        return entry.title != known.title
    return entry.fingerprint != known.fingerprint


# ---------------------------------------------------------------- news or backlog


def _backlog_of_known(entry: Entry, known: KnownEntry, here: _Here) -> str:
    """Decide about a new appearance of a known entry; an appearance stored as news stays news.

    The feed's own baseline may still call news what a listing, which has no dates, took for backlog before it.
    """
    if _is_revision(entry):
        return REVISION if known.is_backlog or known.guid is None else ""
    if known.guid is None:
        return _backlog(entry, here)
    if not known.is_backlog:
        return ""
    is_feeds_baseline = here.baseline.is_first and here.baseline.door is Door.FEED
    return "" if is_feeds_baseline and not _backlog(entry, here) else KNOWN


def _backlog(entry: Entry, here: _Here) -> str:
    baseline = here.baseline
    if baseline.is_day_batch:
        return ""
    if baseline.is_first:
        return _backlog_at_baseline(entry, here)
    if baseline.source is not SourceName.YOUTUBE or baseline.has_listing:
        return ""  # elsewhere a back-dated post is news; absent from a complete listing is what new means
    if baseline.door is Door.LISTING:
        return _backlog_by_place(entry, here)
    is_older = entry.published is not None and baseline.oldest is not None and entry.published < baseline.oldest
    return OLDER_THAN_KNOWN if is_older else ""  # an older one slid into the window of 15 (M10)


def _backlog_at_baseline(entry: Entry, here: _Here) -> str:
    baseline = here.baseline
    if entry.guid in here.picked or baseline.policy == "all":
        return ""
    if entry.published is None:
        return LISTED if baseline.door is Door.LISTING else UNDATED
    since = baseline.since
    if isinstance(baseline.policy, date):
        since = min(since, datetime.combine(baseline.policy, time(), UTC))
    return "" if entry.published >= since else OLDER


def _backlog_by_place(entry: Entry, here: _Here) -> str:
    """Judge an undated listing by its order, newest first: above anything known is news."""
    is_below = here.last_known is not None and entry.position > here.last_known
    return BELOW if is_below else ""


def _last_known(matches: tuple[Match, ...], baseline: Baseline) -> int | None:
    """Find the lowest place of an entry that stood there when the order was last known.

    One that came since may stand above others that are just as new: after a gap (M8) the feed has brought the topmost.
    """
    anchor = baseline.anchored_at
    known = ((each.entry.position, each.known) for each in matches if each.is_here)
    places = (
        position
        for position, stored in known
        if not (anchor and stored and stored.seen_here and stored.seen_here > anchor)
    )
    if baseline.is_of_all:
        # Between its entries stand old ones of a kind that no tab has shown: what the feed told of last bounds the new.
        return next(iter(sorted(places)[:MOVED][-1:]), None)
    return max(places, default=None)


def _picked(matches: tuple[Match, ...], baseline: Baseline) -> frozenset[str]:
    """Pick the N newest of what would be backlog, by date, undated ones after them in the source's order.

    What the feed's other door has made news before counts, so that two doors give N once.
    """
    if not baseline.is_first or isinstance(baseline.policy, date | str) or not baseline.policy:
        return frozenset()
    told = sum(1 for each in matches if each.is_here and each.known and not each.known.is_backlog)
    new = [each.entry for each in matches if not each.is_here and not _ignored(each, baseline)]
    rest = [each for each in new if each.published is None or each.published < baseline.since]
    dated = sorted((each for each in rest if each.published), key=lambda each: (each.published, -each.position))
    undated = [each for each in rest if not each.published]
    order = [*reversed(dated), *undated]
    return frozenset(each.guid for each in order[: max(0, baseline.policy - told)])
