"""Ask one URL once: a hop of fetch, with pycurl handles in one CurlMulti (design: fetching)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pycurl

from tracker.errors import BodyTooLargeError, FetchError, NetworkError, UnsafeRedirectError
from tracker.poll.fetch.body import Body, BodyError, TooLarge
from tracker.poll.fetch.certificates import certificate_store
from tracker.poll.fetch.deadlines import Attention
from tracker.poll.fetch.hop import Hop, HopAnswer, Transfer
from tracker.poll.fetch.names import look_up
from tracker.poll.fetch.redact import host_of, redact
from tracker.poll.fetch.redirects import is_proxied, proxies
from tracker.poll.fetch.trouble import Trouble, Verdict, explain

CONNECT_TIMEOUT = 10.0
ROOM = 32_000_000  # bytes that all running answers may hold together; beyond it only the largest goes on
_GLANCE = 0.02  # seconds between two looks at a resolver's thread, and at deadlines
_NEVER = 86_400  # seconds, for a deadline of libcurl's that is kept here instead (0 would be its default)
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]")


class Transfers:
    """Running hops. `start` some, `run` a little, take what is `finished`."""

    def __init__(self, *, user_agent: str, max_body: int) -> None:
        self._multi = pycurl.CurlMulti()
        self._idle: list[pycurl.Curl] = []
        self._active: dict[pycurl.Curl, Transfer] = {}
        self._finished: list[tuple[Any, HopAnswer | Verdict]] = []
        self._user_agent = _UNSENDABLE.sub("", user_agent).encode("latin-1")
        self._max_body = max_body
        self._store = certificate_store()
        self._proxies = proxies()
        self._held = 0  # bytes of all bodies that are on their way
        self._attention = Attention()
        self._looks_at = 0.0  # when deadlines are to be looked at, by Attention's clock

    def __len__(self) -> int:
        return len(self._active)

    def start(self, hop: Hop, token: Any) -> None:
        """Begin a hop; its answer comes out of `finished` with the token."""
        began, body = self._attention.now(), Body(self._max_body)
        transfer = Transfer(hop=hop, token=token, body=body, is_proxied=is_proxied(hop.url, self._proxies), began=began)
        handle = self._idle.pop() if self._idle else pycurl.Curl()
        self._configure(handle, transfer)
        self._active[handle] = transfer
        if transfer.is_proxied:
            self._multi.add_handle(handle)
        else:
            transfer.lookup = look_up(hop.url)
            self._set_out(handle, transfer)

    def run(self, seconds: float) -> None:
        """Let the transfers go on, and wait up to so long for something to happen."""
        self._attention.come()
        self._go_on()
        self._perform()
        if any(each.lookup for each in self._active.values()):
            seconds = min(seconds, _GLANCE)
        if self._active and not self._finished and seconds > 0:
            if self._multi.select(seconds) == -1:
                time.sleep(min(seconds, 0.01))  # libcurl has no socket yet (a name is being resolved)
            self._perform()
        self._end_late_ones()
        self._attention.leave()

    def finished(self) -> Iterator[tuple[Any, HopAnswer | Verdict]]:
        """Give each finished hop's token with its answer, or with the error and its doubt."""
        while self._finished:
            yield self._finished.pop(0)

    def has_got_through(self) -> bool:
        """Tell whether any running hop has a connection to its host itself, not only to a proxy."""
        return any(
            handle.getinfo(pycurl.APPCONNECT_TIME) > 0
            or (handle.getinfo(pycurl.CONNECT_TIME) > 0 and not transfer.is_proxied)
            for handle, transfer in self._active.items()
        )

    def cancel(self) -> None:
        """Break off every running hop."""
        for handle in list(self._active):
            self._release(handle)

    def close(self) -> None:
        """Close everything."""
        self.cancel()
        for handle in self._idle:
            handle.close()
        self._idle.clear()
        self._multi.close()

    def _configure(self, handle: pycurl.Curl, transfer: Transfer) -> None:
        hop = transfer.hop
        options: dict[int, Any] = {
            pycurl.URL: hop.url.encode("ascii"),
            pycurl.NOSIGNAL: 1,
            pycurl.FOLLOWLOCATION: 0,
            pycurl.PROTOCOLS: pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS,
            pycurl.CONNECTTIMEOUT: _NEVER,
            pycurl.USERAGENT: self._user_agent,
            pycurl.HTTPHEADER: _headers(hop),
            pycurl.HEADERFUNCTION: transfer.on_header,
            pycurl.WRITEFUNCTION: lambda data: self._take(transfer, data),
        }
        if self._store:
            options |= {pycurl.CAINFO: self._store, pycurl.PROXY_CAINFO: self._store}
        if hop.is_guarded and not transfer.is_proxied:
            # A connection kept from an earlier, configured host would not come past `on_socket`.
            options |= {pycurl.OPENSOCKETFUNCTION: transfer.on_socket, pycurl.FRESH_CONNECT: 1}
        for option, value in options.items():
            handle.setopt(option, value)

    def _take(self, transfer: Transfer, data: bytes) -> int:
        if self._has_room(transfer):
            before = len(transfer.body)
            taken = transfer.on_body(data)
            self._held += len(transfer.body) - before
            return taken
        transfer.paused_at = self._attention.now()
        return int(pycurl.WRITEFUNC_PAUSE)  # libcurl keeps these bytes and gives them again

    def _has_room(self, transfer: Transfer) -> bool:
        return self._held < ROOM or len(transfer.body) == max(len(each.body) for each in self._active.values())

    def _go_on(self) -> None:
        """Set out where the addresses are known by now; let those go on that waited for room."""
        for handle, transfer in list(self._active.items()):
            if transfer.lookup is not None:
                self._set_out(handle, transfer)
            elif transfer.paused_at is not None and self._has_room(transfer):
                # The wait was no fault of the host's.
                transfer.began += self._attention.now() - transfer.paused_at
                transfer.paused_at = None
                try:
                    handle.pause(pycurl.PAUSE_CONT)
                except pycurl.error as error:  # the bytes that were kept were too many, say
                    self._finish(handle, error.args[0])

    def _set_out(self, handle: pycurl.Curl, transfer: Transfer) -> None:
        if transfer.lookup is not None:
            if not transfer.lookup.is_done:
                return
            if transfer.lookup.entry:
                handle.setopt(pycurl.RESOLVE, [transfer.lookup.entry])
            transfer.lookup = None
        self._multi.add_handle(handle)

    def _end_late_ones(self) -> None:
        """End what has had its time; not at each of the moments between two answers, 64 questions each."""
        if self._attention.now() < self._looks_at:
            return
        self._looks_at = self._attention.now() + _GLANCE
        for handle, transfer in list(self._active.items()):
            if self._is_over(handle, transfer):
                self._finish(handle, pycurl.E_OPERATION_TIMEDOUT)

    def _is_over(self, handle: pycurl.Curl, transfer: Transfer) -> bool:
        """Tell whether a transfer has had its time, or that for a connection."""
        if transfer.paused_at is not None:
            return False
        has_begun = handle.getinfo(pycurl.PRETRANSFER_TIME) > 0
        limit = transfer.hop.timeout if has_begun else min(transfer.hop.timeout, CONNECT_TIMEOUT)
        return self._attention.now() - transfer.began > limit

    def _perform(self) -> None:
        self._multi.perform()
        waiting = 1
        while waiting:
            waiting, good, bad = self._multi.info_read()
            for handle in good:
                self._finish(handle, 0)
            for handle, code, _ in bad:
                self._finish(handle, code)

    def _finish(self, handle: pycurl.Curl, code: int) -> None:
        transfer = self._active[handle]
        spent = self._attention.now() - transfer.began
        outcome = _outcome(handle, transfer, code, milliseconds=int(spent * 1000))
        self._release(handle)
        self._finished.append((transfer.token, outcome))

    def _release(self, handle: pycurl.Curl) -> None:
        transfer = self._active.pop(handle)
        self._held -= len(transfer.body)
        if transfer.lookup is None:  # else it has not set out
            self._multi.remove_handle(handle)
        # A handle remembers what it was told; even an empty header list keeps the former validators.
        handle.reset()
        self._idle.append(handle)


def _headers(hop: Hop) -> list[bytes]:
    """Give what goes beyond libcurl's own: no cookie, no referer, no A-IM (M74, M86)."""
    fields = {
        "Accept-Encoding": "gzip, deflate",
        "If-None-Match": hop.etag,
        "If-Modified-Since": hop.last_modified,
    }
    return [
        f"{name}: {value}".encode("latin-1")
        for name, value in fields.items()
        if value and not _UNSENDABLE.search(value)
    ]


def _outcome(handle: pycurl.Curl, transfer: Transfer, code: int, *, milliseconds: int) -> HopAnswer | Verdict:
    url = transfer.hop.url
    if transfer.body_error is not None:
        return Verdict(_body_error(transfer.body_error, url))
    if transfer.refused:
        return Verdict(_refused(url))
    if code:
        return explain(_trouble(handle, transfer, code, milliseconds=milliseconds))
    try:
        content = transfer.body.finish()
    except BodyError as error:
        return Verdict(_body_error(error, url))
    peer = "" if transfer.is_proxied else str(handle.getinfo(pycurl.PRIMARY_IP))
    return HopAnswer(
        status=int(handle.getinfo(pycurl.RESPONSE_CODE)), headers=transfer.headers, body=content, peer=peer
    )


def _trouble(handle: pycurl.Curl, transfer: Transfer, code: int, *, milliseconds: int) -> Trouble:
    return Trouble(
        code=code,
        url=transfer.hop.url,
        timeout=transfer.hop.timeout,
        is_proxied=transfer.is_proxied,
        has_address=handle.getinfo(pycurl.NAMELOOKUP_TIME) > 0,
        has_connection=handle.getinfo(pycurl.CONNECT_TIME) > 0,
        tunnel=int(handle.getinfo(pycurl.HTTP_CONNECTCODE)),
        os_error=int(handle.getinfo(pycurl.OS_ERRNO)),
        milliseconds=milliseconds,
    )


def _body_error(error: BodyError, url: str) -> FetchError:
    text = f"The answer of {host_of(url)} {error}."
    if isinstance(error, TooLarge):
        return BodyTooLargeError(
            text, url=redact(url), remedy="If the feed is really that large, raise `max_body` in [http]."
        )
    return NetworkError(text, url=redact(url), remedy="It is tried again later.")


def _refused(url: str) -> FetchError:
    text = f"A redirect leads to {host_of(url)}, which is a private address; that is not followed."
    return UnsafeRedirectError(text, url=redact(url), remedy="If that is meant, put the new address into feeds.toml.")
