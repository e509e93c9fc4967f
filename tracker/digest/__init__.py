"""Write the weekly page: storage → window → gather → rank → select → compose → render → deliver.

What the reader has ticked in earlier pages is read back first.

A close is one transaction; delivery follows it and is tried until it has succeeded once.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

from tracker import window as windows
from tracker.digest import composition
from tracker.digest.composition import Status
from tracker.digest.deliver import Written, file_of, write_issue, write_preview
from tracker.digest.gather import HELD, arrived, gather, gather_span, held_back
from tracker.digest.page import Page, make_page
from tracker.digest.readback import read_marks
from tracker.digest.render import render
from tracker.digest.values import Material
from tracker.errors import BusyError, DeliveryError, DigestError
from tracker.models import Config, Placed, Role, StoredIssue, Window
from tracker.spans import ledger, next_close, open_since, open_window
from tracker.storage import Storage, lock

__all__ = [
    "HELD",
    "Written",
    "close_early",
    "close_overdue",
    "deliver_pending",
    "held",
    "next_close",
    "open_places",
    "open_since",
    "open_window",
    "overdue",
    "placed_now",
    "preview",
    "preview_text",
    "read_marks",
    "rebuild",
    "span",
]

log = logging.getLogger(__name__)

AWAKE = timedelta(days=1)  # without one poll in so long, the computer slept through the closing hour
PATIENCE = 30.0  # seconds to wait for another process that writes pages


def overdue(config: Config, storage: Storage, *, now: datetime) -> Window | None:
    """Tell which window must be closed now. After an early close the regular one follows only if anything came."""
    window = windows.overdue(config.digest, **ledger(config, storage, now=now), now=now)
    if window and window.repeats and not arrived(storage, before=window.closes_at, now=now):
        return None
    if window and not window.is_late and _was_asleep(storage, window, now=now):
        return windows.delayed(window, now)
    return window


def close_overdue(config: Config, storage: Storage, *, now: datetime) -> tuple[StoredIssue, ...]:
    """Close what is overdue, and deliver what was never tried. A delivery that fails is told by `deliver_pending`."""
    closed = []
    if overdue(config, storage, now=now):
        read_marks(config.digest, storage, now=now)
        with storage.transaction():
            # Two processes may have seen it; the second finds it closed.
            window = overdue(config, storage, now=now)
            if window:
                closed.append(_close(config, storage, window, now=now))
    _deliver_new(config, storage, now=now)
    return tuple(_stored(storage, label) for label in closed)


def close_early(config: Config, storage: Storage, *, now: datetime) -> StoredIssue:
    """Close the open window at this moment, and deliver it. Raises DigestError when the clock runs behind."""
    read_marks(config.digest, storage, now=now)
    with storage.transaction():
        window = windows.early(config.digest, **ledger(config, storage, now=now), now=now)
        label = _close(config, storage, window, now=now)
    _deliver_new(config, storage, now=now)
    return _stored(storage, label)


def preview(config: Config, storage: Storage, *, now: datetime) -> Written:
    """Write the open window's page into the folder.

    Raises DigestError (template), DeliveryError, and BusyError when another process writes for long.
    It is made inside the lock in which issues are delivered: one that closes meanwhile is brought
    afterwards, over the preview, and never the other way round.
    """
    with lock(storage.path, "digest", patience=PATIENCE):
        read_marks(config.digest, storage, now=now)
        page = _preview(config, storage, now=now)
        if storage.issue(page.window.label):
            page = _preview(config, storage, now=now)
        return write_preview(config.digest, page.window.label, page.text, memory=storage, now=now)


def preview_text(config: Config, storage: Storage, *, now: datetime) -> str:
    """Give the open window's page and write no file."""
    read_marks(config.digest, storage, now=now)
    return _preview(config, storage, now=now).text


def open_places(config: Config, storage: Storage, *, now: datetime) -> Mapping[int, Placed]:
    """Say where every entry of the open window would stand if it closed now, by entry id; assigns nothing."""
    return {place.entry: place for place in placed_now(config, storage, now=now) if place.role is Role.NEWS}


def placed_now(config: Config, storage: Storage, *, now: datetime) -> tuple[Placed, ...]:
    """Give every place in the open window's page, lectures and new versions too; assigns nothing.

    The shipped template measures the page when the reader's own is broken.
    """
    with storage.snapshot():
        window = open_window(config, storage, now=now)
        material = gather(config, storage, window, now=now)
    return _make(config, material, window, status="preview").placed


def held(storage: Storage, *, now: datetime) -> Mapping[int, str]:
    """Say why some news waits outside every window, by entry id: a premiere (M15), or uploaded again."""
    return held_back(storage, now=now)


def span(config: Config, storage: Storage, *, since: datetime, until: datetime, now: datetime) -> str:
    """Give the page of what was first seen in a span, backlog left out; assigns nothing."""
    start = max(since, storage.first_polled_at(now=now) or since) if since.year < 1971 else since
    window = Window(label="", start=min(start, until), end=until, closes_at=until)
    with storage.snapshot():
        material = gather_span(config, storage, window, now=now)
    return make_page(material, window, status="span", templates=config.digest.templates).text


def rebuild(config: Config, storage: Storage, label: str, *, rerender: bool) -> bytes:
    """Give a closed issue back, byte for byte, or its stored composition in today's template.

    Raises DigestError for a label that was never closed, naming the issue that covers it or the nearest.
    """
    issue = storage.issue(label)
    if issue is None:
        raise DigestError(_unknown(storage, label), issue=label)
    if not rerender:
        return issue.rendered
    try:
        stored = composition.decode(issue.composition)
    except ValueError as error:
        raise DigestError(f"the composition of {label} cannot be read: {error}", issue=label) from error
    return render(stored, config.digest.templates).encode()


def deliver_pending(config: Config, storage: Storage, *, now: datetime) -> tuple[DeliveryError, ...]:
    """Deliver every closed issue whose delivery has not succeeded once; give what failed again."""
    failed = _deliver(config, storage, storage.undelivered(), now=now)
    for error in failed:
        storage.mark_delivery_failed(error.issue, str(error))
    return failed


def _deliver_new(config: Config, storage: Storage, *, now: datetime) -> None:
    """Deliver what has not failed yet; `deliver_pending` tries again, counts what fails, and tells it."""
    _deliver(config, storage, [each for each in storage.undelivered() if not each.delivery_failures], now=now)


def _deliver(
    config: Config, storage: Storage, issues: Sequence[StoredIssue], *, now: datetime
) -> tuple[DeliveryError, ...]:
    """Try each once; one that fails stops no other. Nobody previews or delivers at the same time."""
    if not issues:
        return ()
    failed = []
    try:
        with lock(storage.path, "digest", patience=PATIENCE):
            # Another process may have brought some of them while this one waited.
            waiting = {issue.label for issue in storage.undelivered()}
            for issue in (each for each in issues if each.label in waiting):
                try:
                    written = write_issue(config.digest, issue.label, issue.rendered, memory=storage, now=now)
                    storage.mark_delivered(issue.label, at=now, file=file_of(config.digest, written.path))
                    if written.is_beside:
                        log.warning(
                            "issue %s: its usual file holds another text, so it stands beside: %s",
                            issue.label,
                            written.path,
                        )
                except DeliveryError as error:
                    failed.append(error)
    except BusyError as error:
        folder = str(config.digest.folder)
        return tuple(DeliveryError(str(error), issue=issue.label, target=folder) for issue in issues)
    return tuple(failed)


def _was_asleep(storage: Storage, window: Window, *, now: datetime) -> bool:
    """Tell whether nothing was asked in the day before a closing hour, and something is since then, or waits for it."""
    asked = [poll.at for poll in storage.polls(since=window.closes_at - AWAKE)]
    if any(at <= window.closes_at for at in asked):
        return False
    due = storage.next_due_at()
    return any(at <= now for at in asked) or (due is not None and due <= window.closes_at)


def _preview(config: Config, storage: Storage, *, now: datetime) -> Page:
    with storage.snapshot():
        window = open_window(config, storage, now=now)
        material = gather(config, storage, window, now=now)
    return make_page(material, window, status="preview", templates=config.digest.templates)


def _close(config: Config, storage: Storage, window: Window, *, now: datetime) -> str:
    """Make the issue and enter it into the ledger."""
    page = _make(config, gather(config, storage, window, now=now), window, status="closed")
    storage.add_issue(
        StoredIssue(
            id=0,
            label=window.label,
            start=window.start,
            end=window.end,
            closes_at=window.closes_at,
            closed_at=now,
            covers=window.covers,
            composition=composition.encode(page.composition),
            rendered=page.text.encode(),
            file="",
            delivered_at=None,
        ),
        page.placed,
    )
    return window.label


def _make(config: Config, material: Material, window: Window, *, status: Status) -> Page:
    """Make a page; a broken template of the reader's never costs an issue."""
    try:
        return make_page(material, window, status=status, templates=config.digest.templates)
    except DigestError as error:
        log.warning("%s %s: %s; the shipped template was used", status, window.label, error)
        return make_page(material, window, status=status, templates=None)


def _stored(storage: Storage, label: str) -> StoredIssue:
    issue = storage.issue(label)
    assert issue is not None, label
    return issue


def _unknown(storage: Storage, label: str) -> str:
    """Say where a label went, or which one is near it."""
    covering = storage.issue_covering(label)
    if covering:
        return f"{label} was missed and is covered by {covering.label}: tracker digest {covering.label}"
    labels = storage.labels()
    near = get_close_matches(label, labels, n=1, cutoff=0.0)
    return (
        f"no issue {label} is closed; the nearest is {near[0]}"
        if near
        else f"no issue is closed yet, so none is {label}"
    )
