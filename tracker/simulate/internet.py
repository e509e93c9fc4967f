"""Answer requests as the generated internet stands at a moment: real bytes, headers, 304s, redirects and outages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from urllib.parse import parse_qs, urlsplit

from tracker.models import Config, Door, Request, SourceName, Subscription
from tracker.simulate import documents, histories
from tracker.simulate import papers as arxiv
from tracker.simulate.values import DAY, HOUR, History, Move, MoveKind, Outage, Scenario, Work
from tracker.sources import source_of
from tracker.sources.arxiv_calendar import batch_day, is_announcement_day
from tracker.sources.youtube import list_kind

_SPAN = re.compile(r"submittedDate:\[(\d{12}) TO (\d{12})\]")
_LATE_UNTIL = 10 * HOUR  # UTC, of the day
_HIDDEN_FOR = 7 * DAY
_EDITED = 21 * DAY  # how old a title may be that a `titles` move edits
_KINDS = {"UULF": "long", "UULV": "live", "UUSH": "shorts"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An answer on its way; `works` are those that it holds, `again` papers that stand in it for a new version.

    `urls` lead to it, the last one answers. `is_torn` when it arrives cut off.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    urls: tuple[str, ...] = ()
    works: tuple[Work, ...] = ()
    again: tuple[Work, ...] = ()
    is_torn: bool = False


class Internet:
    """The hosts of every subscription, made from a seed; the same for the same feeds.toml everywhere.

    `names` maps each address that a work was ever given under to the work's name.
    """

    def __init__(self, config: Config, scenario: Scenario, *, seed: int, start: datetime, end: datetime) -> None:
        self.scenario = scenario
        self.papers = arxiv.generate(config.subscriptions, seed=seed, start=start, end=end)
        self.histories = {
            each.id: histories.generate(each, self.papers, seed=seed, start=start, end=end)
            for each in config.subscriptions
        }
        self.names: dict[str, str] = {}
        self._dice = Random(f"{seed}:internet")
        self._feeds = {new: old for _, old, new in scenario.renames}

    def history(self, feed: str) -> History:
        """Look a subscription's history up, by its former id too."""
        return self.histories[self._feeds.get(feed, feed)]

    def page(self, request: Request, now: datetime) -> Page:
        """Answer one request."""
        history = self.history(request.feed)
        if outage := self.outage(request, now):
            retry = {"retry-after": outage.retry_after} if outage.retry_after else {}
            body = b"<!doctype html><title>Error</title>"
            return Page(status=outage.status, body=body, headers={"content-type": "text/html", **retry})
        page = self._found(request, history, now)
        for work in (*page.works, *page.again):
            self.names[self.address(history, work, now)] = work.name
        if self._dice.random() * 1000 < self.scenario.torn and page.works:
            return replace(page, body=page.body[: len(page.body) // 4], is_torn=True)
        return self._unless_known(page, request)

    def outage(self, request: Request, now: datetime) -> Outage | None:
        """Find the outage that a request meets."""
        own = self._feeds.get(request.feed, request.feed)
        return next((each for each in self.scenario.outages if self._meets(each, request, own, now)), None)

    def address(self, history: History, work: Work, now: datetime) -> str:
        """Give the address under which a page shows a work."""
        if work.kind == "paper":
            return f"https://arxiv.org/abs/{work.id}"
        if work.kind == "post":
            base, is_substack = self._base(history, now), history.sub.source is SourceName.SUBSTACK
            return documents.post_page(work, base, is_substack=is_substack)
        return f"{documents.SITE}/watch?v={work.id}"

    @staticmethod
    def _meets(outage: Outage, request: Request, feed: str, now: datetime) -> bool:
        is_here = outage.host == request.host and outage.feed in {"", feed}
        is_spared = request.door is Door.LISTING or (outage.feed and request.door is Door.ARCHIVE)
        return is_here and not is_spared and outage.span[0] <= now < outage.span[1]

    def _found(self, request: Request, history: History, now: datetime) -> Page:
        if request.door is Door.LISTING:
            return self._listing(request, history, now)
        if history.sub.source is SourceName.YOUTUBE:
            return self._youtube(request, history, now)
        if "export.arxiv.org" in request.url:
            return self._api(request, history, now)
        if history.sub.categories:
            return self._batch(request, history.sub, now)
        return self._posts(request, history, now)

    @staticmethod
    def _unless_known(page: Page, request: Request) -> Page:
        etag = page.headers.get("etag", "")
        if etag and etag == request.etag:
            return replace(page, status=304, body=b"")
        return page

    # ------------------------------------------------------------ YouTube

    def _shelf(self, history: History, now: datetime) -> list[Work]:
        """Give a playlist in its order, or a channel's videos, newest first."""
        works = list(history.works[: history.until(now)])
        if not history.is_appended:
            return works[::-1]
        if self._has(history, "reorder", now) and len(works) > 1:
            works[:2] = works[1::-1]
        return works

    def _hidden(self, history: History, now: datetime) -> str:
        moves = [each for each in self._moves(history) if each.kind == "hidden"]
        is_hidden = any(each.at <= now < each.at + _HIDDEN_FOR for each in moves) and len(history.works) > 1
        return history.works[1].name if is_hidden else ""

    def _youtube(self, request: Request, history: History, now: datetime) -> Page:
        query = parse_qs(urlsplit(request.url).query)
        list_id = (query.get("playlist_id") or query.get("channel_id") or [""])[0]
        kind = _KINDS.get(list_id[:4], "") if not history.sub.playlist else ""
        hidden = self._hidden(history, now)
        shown = [each for each in self._shelf(history, now) if kind in {"", each.kind} and each.name != hidden]
        shown = shown[: history.holds]
        name = f"yt:playlist:{list_id}" if "playlist_id" in query else f"yt:channel:{list_id.removeprefix('UC')}"
        body = documents.youtube(shown, title=history.title, list_id=name, channel=_channel(history.sub))
        headers = {"content-type": "text/xml; charset=UTF-8", "cache-control": "public, max-age=900"}
        return Page(body=body, headers=headers, works=tuple(shown))

    def _listing(self, request: Request, history: History, now: datetime) -> Page:
        kind = list_kind(request.url) if not history.sub.playlist else ""
        shown = [each for each in self._shelf(history, now) if kind in {"", each.kind}][: request.items]
        list_id, hidden = history.sub.playlist or history.sub.channel, self._hidden(history, now)
        channel = _channel(history.sub)
        besides = {url: [each.id for each in history.works if each.kind == list_kind(url)] for url in request.besides}
        body = documents.listing(
            shown, title=history.title, list_id=list_id, channel=channel, hidden=hidden, besides=besides
        )
        works = tuple(each for each in shown if each.name != hidden)
        return Page(body=body, headers={"content-type": "application/json"}, works=works)

    # ------------------------------------------------------------ posts

    def _posts(self, request: Request, history: History, now: datetime) -> Page:
        shown = history.works[: history.until(now)][-history.holds :][::-1]
        edited = tuple(self._edited(history, work, now) for work in shown)
        base, is_substack = self._base(history, now), history.sub.source is SourceName.SUBSTACK
        epoch = sum(each.kind == "guids" and each.at <= now for each in self._moves(history))
        body = self._written(history, edited, base=base, epoch=epoch)
        forms = {"json": "application/feed+json", "atom": "application/atom+xml", "rss": "application/rss+xml"}
        headers = {"content-type": forms[_form(history)], "etag": f'W/"{sha256(body).hexdigest()[:20]}"'}
        target = f"{base}/feed" if is_substack else self._feed_address(history, base, now)
        urls = (request.url,) if request.url == target else (request.url, target)
        return Page(body=body, headers=headers, works=edited, urls=urls)

    def _written(self, history: History, works: tuple[Work, ...], *, base: str, epoch: int) -> bytes:
        form = _form(history)
        if form == "json":
            return documents.posts_json(works, title=history.title, base=base, epoch=epoch)
        if form == "atom":
            return documents.posts_atom(works, title=history.title, base=base, epoch=epoch)
        is_substack = history.sub.source is SourceName.SUBSTACK
        return documents.posts_rss(works, title=history.title, base=base, epoch=epoch, is_substack=is_substack)

    def _base(self, history: History, now: datetime) -> str:
        """Give the site, without a last slash: feeds.toml's, or the domain that it has moved to."""
        if self._has(history, "domain", now):
            return f"https://www.{history.sub.id}-moved.example"
        return source_of(history.sub).site_url(history.sub).rstrip("/")

    def _feed_address(self, history: History, base: str, now: datetime) -> str:
        if self._has(history, "domain", now):
            return f"{base}/feed.xml"
        return f"{base}/new/feed.xml" if self._has(history, "path", now) else history.sub.url

    def _edited(self, history: History, work: Work, now: datetime) -> Work:
        edits = [each.at for each in self._moves(history) if each.kind == "titles" and each.at <= now]
        is_edited = any(each - _EDITED < work.at < each for each in edits)
        return replace(work, title=f"{work.title} (updated)") if is_edited else work

    # ------------------------------------------------------------ arXiv

    def _batch(self, request: Request, sub: Subscription, now: datetime) -> Page:
        """Give the day's batch; on a late day the one before, until it is there (M63)."""
        day = batch_day(now)
        if day in self.scenario.late and now < datetime.combine(day, datetime.min.time(), UTC) + _LATE_UNTIL:
            day = self.papers.before(day)
        wanted = set(sub.categories)
        there = self.papers.batches.get(day, ()) if is_announcement_day(day) else ()
        fresh = [each for each in there if wanted & set(each.categories)]
        again = [each for each in self.papers.replaced.get(day, ()) if wanted & set(each[0].categories)]
        rows = [(each, 1, "new" if each.categories[0] in wanted else "cross") for each in fresh]
        rows += [(each, version, "replace") for each, version in again]
        body = documents.batch(day, rows, categories=request.url.rpartition("/")[2])
        left = timedelta(seconds=int((arxiv.midnight(batch_day(now) + DAY) - now).total_seconds()))
        headers = {
            "content-type": "application/xml",
            "cache-control": f"max-age={left.total_seconds():.0f}",
            "etag": sha256(body).hexdigest(),
        }
        return Page(body=body, headers=headers, works=tuple(fresh), again=tuple(each for each, _ in again))

    def _api(self, request: Request, history: History, now: datetime) -> Page:
        query = {name: each[0] for name, each in parse_qs(urlsplit(request.url).query).items()}
        if span := _SPAN.search(query.get("search_query", "")):
            found = self._submitted(history.sub, span.groups(), now)
        else:
            found = history.works[: history.until(now)]
        start, most = int(query.get("start", 0)), int(query.get("max_results", 10))
        shown = sorted(found, key=lambda work: work.published, reverse=True)[start : start + most]
        rows = [(each, arxiv.version_at(each, now)) for each in shown]
        body = documents.api(rows, total=len(found), start=start, now=now)
        return Page(body=body, headers={"content-type": "application/atom+xml"}, works=tuple(shown))

    def _submitted(self, sub: Subscription, span: tuple[str, ...], now: datetime) -> tuple[Work, ...]:
        """Find what was submitted in a span (to the minute) and has been announced."""
        first, last = (datetime.strptime(each, "%Y%m%d%H%M").replace(tzinfo=UTC) for each in span)
        wanted = set(sub.categories)
        days = (day for day in self.papers.batches if abs(arxiv.midnight(day) - last) < 10 * DAY)
        there = (work for day in days for work in self.papers.batches[day] if work.at <= now)
        return tuple(each for each in there if first <= each.published <= last and wanted & set(each.categories))

    # ------------------------------------------------------------ moves

    def _moves(self, history: History) -> tuple[Move, ...]:
        return self.scenario.moves.get(history.sub.id, ())

    def _has(self, history: History, kind: MoveKind, now: datetime) -> bool:
        return any(each.kind == kind and each.at <= now for each in self._moves(history))


def _form(history: History) -> str:
    """Say in which form a site writes its feed, by its address."""
    url = history.sub.url
    if history.sub.source is SourceName.SUBSTACK:
        return "rss"
    return "json" if url.endswith(".json") else "atom" if "atom" in url else "rss"


def _channel(sub: Subscription) -> str:
    return sub.channel or f"UC{sub.playlist.removeprefix('PL')[:21]:A<21}Q"
