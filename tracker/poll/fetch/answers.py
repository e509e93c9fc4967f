"""Judge what a host answered: the error that a status or a challenge stands for, or none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.errors import BlockedError, FeedGoneError, FetchError, RateLimitedError, StatusError
from tracker.poll.fetch.hop import HopAnswer
from tracker.poll.fetch.redact import host_of, redact

LATER = "It is tried again later."
_HTML = rb"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html)"
_FEED = rb"<(rss|feed|rdf:RDF|channel)[\s>]|^\s*\{"
_START = 2048


def judge(answer: HopAnswer, urls: Sequence[str], *, is_page: bool, is_conditional: bool) -> FetchError | None:
    """Give the error for an answer, None for a good one.

    `urls` are the hops, the answering one last. `is_page` is whether a person's page may come
    (subscribe); a feed's request that ends in HTML on another host has met a login (M23).
    """
    if is_challenge(answer):
        return blocked(urls[-1], answer.status)
    if answer.status >= 300 and not (answer.status == 304 and is_conditional):
        return _status_error(answer, urls)
    if not is_page and _is_elsewhere(urls) and _is_html(answer):
        return _login_page(urls)
    return None


def is_challenge(answer: HopAnswer) -> bool:
    """Tell a bot check from an answer, whatever its status (Cloudflare's and Amazon's own marks)."""
    return "challenge" in (answer.headers.get("cf-mitigated"), answer.headers.get("x-amzn-waf-action"))


def blocked(url: str, status: int) -> BlockedError:
    """Give the error for a host that does not want this machine (M48)."""
    remedy = (
        "It is left alone for hours and then tried again. Another network may be let in; "
        "pretending to be a browser is not done."
    )
    text = f"{host_of(url)} refuses this machine ({_named(status)})."
    return BlockedError(text, status=status, url=redact(url), remedy=remedy)


def rate_limited(url: str, status: int, *, retry_after: str = "") -> RateLimitedError:
    """Give the error for a host that asks for a pause; `retry_after` is the header's text (M80)."""
    text = f"{host_of(url)} asks to be left alone for a while ({_named(status)})."
    return RateLimitedError(text, status=status, url=redact(url), remedy=LATER, retry_after=retry_after)


def is_for_host(error: FetchError) -> bool:
    """Tell whether an error holds for every feed of the host, so that none of them is asked now."""
    return isinstance(error, RateLimitedError) or (isinstance(error, BlockedError) and error.is_host_wide)


def _status_error(answer: HopAnswer, urls: Sequence[str]) -> FetchError:
    url, status = urls[-1], answer.status
    retry_after = answer.headers.get("retry-after", "")
    if status == 429 or (status == 503 and retry_after):
        return rate_limited(url, status, retry_after=retry_after)
    if status in (401, 403):
        return _forbidden(answer, url)
    text, host = f"{host_of(url)} answered {_named(status)}.", host_of(urls[0])
    if status == 410:
        remedy = "Its owner says that the feed is gone for good; it is looked at once more on another day."
        return FeedGoneError(text, status=status, url=redact(url), remedy=remedy)
    if status == 404 and len(urls) > 1 and host.endswith(".substack.com"):
        text = f"There is no such publication: {host} leads nowhere."  # M47
        return StatusError(text, status=status, url=redact(url), remedy="Check the spelling of its name.")
    if status == 304:
        text = f"{host} answered 304 (Not Modified) although nothing was asked for by version."
    remedy = "Check the address, if it stays so." if status in (400, 404) else LATER
    return StatusError(text, status=status, url=redact(url), remedy=remedy, retry_after=retry_after)


def _forbidden(answer: HopAnswer, url: str) -> BlockedError:
    """Tell a wall before the whole host from a 401, or a store's access rule, for the one address (M48)."""
    is_wall = "cloudflare" in answer.headers.get("server", "").lower() or _is_html(answer)
    if answer.status == 403 and is_wall:
        return blocked(url, 403)
    text = f"{host_of(url)} does not give this address to us ({_named(answer.status)})."
    remedy = "The address may need a login or a token, or is not public any more: check it."
    return BlockedError(text, status=answer.status, url=redact(url), remedy=remedy, is_host_wide=False)


def _login_page(urls: Sequence[str]) -> FetchError:
    text = (
        f"{host_of(urls[0])} sent us on to {host_of(urls[-1])}, which shows a web page instead of the feed: "
        "a consent or login page."
    )
    remedy = "The address is kept. Open it in a browser; from another country or network it may answer."
    return FetchError(text, url=redact(urls[-1]), remedy=remedy)


def _is_elsewhere(urls: Sequence[str]) -> bool:
    first, last = (host_of(url).removeprefix("www.") for url in (urls[0], urls[-1]))
    return first != last


def _is_html(answer: HopAnswer) -> bool:
    """Tell by the first bytes; the header alone lies in both directions."""
    start = answer.body[:_START].removeprefix(b"\xef\xbb\xbf")
    says_html = "html" in answer.headers.get("content-type", "").lower()
    return bool(re.match(_HTML, start, re.IGNORECASE | re.DOTALL)) or (
        says_html and not re.search(_FEED, start, re.IGNORECASE)
    )


def _named(status: int) -> str:
    from http import HTTPStatus  # not above: 1 ms of a start

    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
