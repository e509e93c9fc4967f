"""Put up arXiv for the rig: a category's feed with the batch of the day, and the API that knows every day that has passed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from tests.internet import Internet
from tests.internet_arxiv import API, Submitted, archive_page
from tests.internet_feeds import Paper, arxiv_rss
from tests.internet_replies import Reply, Seen, document
from tests.torture.sites import FAULTS, XML, Log
from tracker.sources.arxiv_archive import batch_of
from tracker.sources.arxiv_calendar import batch_day

FEED = "https://rss.arxiv.org/rss/cs.CL"
BEFORE = timedelta(days=60)  # how far the archive reaches back behind the beginning
_ID = re.compile(rb"arxiv\.org/abs/(\d{4}\.\d{5})")


class Papers:
    """A category: one to three papers are submitted on each weekday, for good; feed and API fail by the dice."""

    def __init__(self, net: Internet, log: Log, dice: Random, *, now: Callable[[], datetime]) -> None:
        self.log, self.dice, self.now = log, dice, now
        self.is_calm = True
        self._first = now() - BEFORE
        net.answer(FEED, lambda seen: self._answer(seen, "papers", self._batch))
        net.answer(API, lambda seen: self._answer(seen, "archive", self._page))

    def _answer(self, seen: Seen, site: str, answer: Callable[[Seen], tuple[Reply, set[str]]]) -> Reply:
        with self.log.lock:
            if not self.is_calm and self.dice.random() < 0.25:
                fault = self.dice.choice(sorted(FAULTS.keys() - {"no gzip"}))
                self.log.fail(seen, site, fault)
                return FAULTS[fault](b"<feed></feed>" * 40)
            reply, keys = answer(seen)
            self.log.note(seen, site, keys, is_known=reply.status == 304)
            return reply

    def _batch(self, seen: Seen) -> tuple[Reply, set[str]]:
        day = batch_day(self.now())
        body = arxiv_rss(day, [paper for paper, moment in self._submitted() if batch_of(moment) == day])
        return document(body, {"content-type": XML, "etag": "auto"})(seen), _keys(body)

    def _page(self, seen: Seen) -> tuple[Reply, set[str]]:
        body = archive_page(seen, self._submitted())
        return Reply(body=body, headers={"content-type": "application/atom+xml"}), _keys(body)

    def _submitted(self) -> Submitted:
        yield from submissions(self._first, self.now())

    def batch(self, day: date) -> set[str]:
        """Give the keys of what was submitted for the batch of a day."""
        around = (datetime.combine(day, time(), UTC) + timedelta(days=each) for each in (-14, 1))
        return {f"arxiv:{paper.id}" for paper, moment in submissions(*around) if batch_of(moment) == day}

    @property
    def keys(self) -> set[str]:
        """Everything that was ever submitted."""
        return {f"arxiv:{paper.id}" for paper, _ in self._submitted()}


def _keys(body: bytes) -> set[str]:
    return {f"arxiv:{each.decode()}" for each in _ID.findall(body)}


def submissions(first: datetime, last: datetime) -> Iterator[tuple[Paper, datetime]]:
    """List what is submitted between two moments; the day alone says what."""
    for offset in range((last - first).days + 2):
        day = (first + timedelta(days=offset)).date()
        moment = datetime.combine(day, time(15), UTC)
        if day.weekday() > 4 or not first <= moment <= last:
            continue
        for number in range(1 + day.toordinal() % 3):
            name = f"{day:%y%m}.{day.day:02}{number:03}"
            yield Paper(id=name, title=f"Paper {name}", authors="Ada Lovelace", abstract="We prove a bound."), moment
