"""Serve page: which papers of earlier issues get a second look; pure.

What an issue cut for want of room and a newsletter or video takes up later is shown once more, at most two in an issue,
once in all (digest-model, rule 7). Membership stays in its old issue.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracker.digest.values import Look, Material

MOST = 2  # in one issue


def choose_looks(material: Material, order: Sequence[str]) -> tuple[Look, ...]:
    """Choose what most feeds have discussed, then what is first in an order of keys.

    What the reader has marked is known to them already.
    """
    told = {key for key, mark in material.marks.items() if mark.done or mark.starred or mark.hidden}
    waiting = [each for each in material.looks if each.entry.key not in told]
    return tuple(sorted(waiting, key=lambda each: (-len(each.feeds), order.index(each.entry.key)))[:MOST])
