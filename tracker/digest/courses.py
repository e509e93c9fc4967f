"""Serve select: which lecture of a course is next, and how far the reader is; pure.

A course waits (digest-model, rule 8). For a reader who ticks, the next lecture is the first in the
present order that is not done. For one who never ticked a lecture of it, what closed issues have
offered is behind them, so that each issue moves on by `pace`, however long the gap; previews, which
close nothing, advance nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tracker.digest.filters import unavailable
from tracker.digest.values import CourseChoice, CourseState, is_hidden
from tracker.models import Mark, StoredEntry


def choose_lectures(state: CourseState, marks: Mapping[str, Mark]) -> CourseChoice:
    """Choose the next `pace` lectures that can be watched and are not hidden; none when the course is finished."""
    ticked = [entry for entry in state.lectures if (mark := marks.get(entry.key)) and mark.done]
    done = {entry.id for entry in ticked}
    lectures = tuple(
        entry for entry in state.lectures if entry.id in done or not unavailable(entry, state.subscription)
    )
    passed = _passed(state, ticked, marks)
    behind = frozenset(entry.id for entry in lectures if entry.id in done or entry.id in passed)
    # What is hidden keeps its number, so that the others keep theirs.
    waiting = tuple(entry for entry in lectures if entry.id not in behind and not is_hidden(entry, marks))
    return CourseChoice(
        subscription=state.subscription,
        title=state.title,
        lectures=lectures,
        offered=waiting[: state.subscription.pace],
        waiting=waiting,
        behind=behind,
        done=len(done) or None,
    )


def _passed(state: CourseState, ticked: Sequence[StoredEntry], marks: Mapping[str, Mark]) -> Collection[int]:
    """Tell the lectures that were offered and left behind by `pace`.

    The first tick says where such a reader really is: what was passed before that lecture stays
    behind, everything after it waits. The last offer is where they were, so it is never passed.
    """
    offered = {entry for _, entry in state.offers}
    if not ticked:
        return offered
    last = state.offers[-1][0] if state.offers else ""
    current = {entry for label, entry in state.offers if label == last}
    order = [entry.id for entry in state.lectures]
    first = min(ticked, key=lambda entry: (marks[entry.key].at, order.index(entry.id)))
    return (offered - current) & set(order[: order.index(first.id)])
