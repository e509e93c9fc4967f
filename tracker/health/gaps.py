"""Find in a feed's history where entries may have passed unseen and nothing has brought them; for the page and cli."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.models import Feed, Poll, SourceName


def gaps(feed: Feed, polls: Iterable[Poll]) -> tuple[Poll, ...]:
    """Give the polls at which everything in a full document was new, in order (M8, M41); each has its `gap_since`.

    YouTube's lists bring what its feed has dropped, and close the gap: only what came since it began is still open.
    """
    own = [each for each in polls if each.feed == feed.id and each.gap_since and each.at >= feed.subscribed_at]
    if feed.source is not SourceName.YOUTUBE:
        return tuple(own)
    since = feed.gap_since
    return tuple(each for each in own if since and each.gap_since and each.gap_since >= since)
