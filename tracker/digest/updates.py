"""Serve page: which new versions of the reader's papers an issue tells; pure.

A new version is told to whoever starred or follows the paper, and to nobody else (digest-model, rule 7). It is told
once, by the first issue that closes after it was seen, and only where the reader knows an earlier one: a paper that is
announced itself is announced as it stands then. There is no lower bound in time, so what is stored late is told late.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracker.digest.values import Revised, Update

MOST = 10  # in one issue, so that the page keeps its length; the others wait for the next


def choose_updates(revised: Iterable[Revised]) -> tuple[Update, ...]:
    """Choose what was seen first, the latest version of each paper only."""
    found = [update for each in revised if (update := _update(each))]
    return tuple(sorted(found, key=lambda each: (each.version.first_seen, each.entry.key))[:MOST])


def _update(revised: Revised) -> Update | None:
    """Give the latest version unless the reader knows it, or is about to hear of the paper itself."""
    is_known = revised.entry.issue or revised.entry.is_backlog
    if not is_known or not revised.versions:
        return None
    last, known = revised.versions[-1], _known_version(revised)
    if last.version <= known:
        return None
    former = next((each for each in revised.versions if each.version == known), None)
    return Update(entry=revised.entry, version=last, former=former, starred=revised.starred)


def _known_version(revised: Revised) -> int:
    """Tell the latest version that an issue has told, or that stood there when the paper was starred or followed."""
    there = [each.version for each in revised.versions if each.first_seen <= revised.since]
    # Followed before it was first seen: the first version is then the one that it was stored with.
    return max(revised.told or 0, *there) if there else revised.told or revised.versions[0].version
