"""Generate what each subscription's feed shows over the years, in its source's style and rhythm, from seed and id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from tracker.models import SourceName, Subscription
from tracker.simulate import papers as arxiv
from tracker.simulate import words
from tracker.simulate.papers import Papers
from tracker.simulate.values import DAY, HOUR, History, Work

BEFORE = 400 * DAY  # how far they reach back from the start: what is backlog at the first poll
_RHYTHMS = (DAY, 3.5 * DAY, 7 * DAY, 12 * DAY, 30 * DAY)  # between two uploads of a channel
_BUSY = 0.6 * DAY  # of a channel of which the reader wants only what `match` finds


def generate(sub: Subscription, papers: Papers, *, seed: int, start: datetime, end: datetime) -> History:
    """Make the history of one subscription; the same seed and id give the same on every machine."""
    dice = Random(f"{seed}:{sub.id}")
    if sub.source is SourceName.YOUTUBE:
        return _playlist(sub, dice, start, end) if sub.playlist else _channel(sub, dice, start, end)
    if sub.source is SourceName.SUBSTACK:
        return _letter(sub, dice, start, end)
    if sub.source is SourceName.ARXIV:
        return _papers(sub, papers, seed=seed, start=start, end=end)
    return _blog(sub, dice, start, end)


def _playlist(sub: Subscription, dice: Random, start: datetime, end: datetime) -> History:
    """Make a playlist to which its owner appends: a course that is nearly complete, or a list that grows weekly."""
    who = words.person(dice)
    if sub.course:
        count = dice.randint(8, 13)
        old = [start - BEFORE + number * 25 * DAY + dice.random() * DAY for number in range(count)]
        dates = sorted([*old, *_dates(dice, start + 20 * DAY, end, 45 * DAY)])
    else:
        dates = sorted(_dates(dice, start - BEFORE / 2, end, 9 * DAY))
    works = tuple(
        Work(
            name=f"youtube:{words.video_id(dice)}",
            title=words.lecture_title(number) if sub.course else words.video_title(dice),
            text=words.sentence(dice),
            who=who,
            at=at,
            published=at,
            size=dice.randint(1500, 7200),
            kind="long",
        )
        for number, at in enumerate(dates, 1)
    )
    return History(sub=sub, title=sub.title or "Lectures", works=works, is_appended=True)


def _channel(sub: Subscription, dice: Random, start: datetime, end: datetime) -> History:
    gap = _BUSY if sub.match else dice.choice(_RHYTHMS)
    hints = [each for each in re.split(r"[|()\[\].*+?^$\\]+", sub.match) if each.strip()]
    works = []
    for at in sorted(_dates(dice, start - BEFORE, end, gap)):
        kind = dice.choices(("long", "shorts", "live"), (8, 2, 1))[0]
        title = words.video_title(dice)
        if hints and dice.random() < 0.1:
            title = f"{dice.choice(hints)} · {title}"
        works.append(
            Work(
                name=f"youtube:{words.video_id(dice)}",
                title=title,
                text=words.sentence(dice),
                who=sub.title or "A channel",
                at=at,
                published=at,
                size=dice.randint(20, 59) if kind == "shorts" else dice.randint(300, 9000),
                kind="shorts" if kind == "shorts" else "live" if kind == "live" else "long",
            )
        )
    return History(sub=sub, title=sub.title or "A channel", works=tuple(works))


def _letter(sub: Subscription, dice: Random, start: datetime, end: datetime) -> History:
    who = words.person(dice)
    dates = sorted(_dates(dice, start - BEFORE / 2, end, 7 * DAY, jitter=6 * HOUR))
    works = tuple(_post(sub, dice, at, number, who=who, may_be_paid=True) for number, at in enumerate(dates))
    return History(sub=sub, title=sub.title or "A newsletter", works=works, holds=20)


def _blog(sub: Subscription, dice: Random, start: datetime, end: datetime) -> History:
    who = words.person(dice)
    gap = dice.choice((5 * DAY, 12 * DAY, 25 * DAY))
    dates = sorted(_dates(dice, start - BEFORE, end, gap))
    works = tuple(_post(sub, dice, at, number, who=who) for number, at in enumerate(dates))
    return History(sub=sub, title=sub.title or "A blog", works=works, holds=10)


def _post(sub: Subscription, dice: Random, at: datetime, number: int, *, who: str, may_be_paid: bool = False) -> Work:
    title = words.post_title(dice)
    return Work(
        name=f"post:{sub.id}:{number}-{words.slug(title)}",
        title=title,
        text=words.sentence(dice),
        who=who,
        at=at,
        published=at,
        size=dice.randint(300, 2500),
        is_paid=may_be_paid and dice.random() < 0.3,
    )


def _papers(sub: Subscription, papers: Papers, *, seed: int, start: datetime, end: datetime) -> History:
    """Give a query's or a table's papers; a category's are asked of the day's batch instead."""
    if sub.papers:
        return History(sub=sub, title="arXiv Query", works=arxiv.followed(sub, seed=seed, start=start, end=end))
    found = arxiv.answers(sub, papers) if sub.query or sub.authors else ()
    return History(sub=sub, title="arXiv Query", works=found, holds=100)


def _dates(
    dice: Random, start: datetime, end: datetime, gap: timedelta, *, jitter: timedelta | None = None
) -> Iterator[datetime]:
    """Publish about once every `gap`, up to `jitter` off (a third of the gap), never twice in one second."""
    most = gap / 3 if jitter is None else jitter
    moment = start + gap * dice.random()
    while moment < end:
        yield (moment + most * dice.uniform(-1, 1)).replace(microsecond=0)
        moment += gap
