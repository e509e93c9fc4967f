"""Say for people what went wrong on the way to a host: libcurl's error numbers become NetworkError."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tracker.errors import FetchError, NetworkError
from tracker.poll.fetch.redact import host_of, redact

# libcurl's numbers (curl/curl.h), which never change; pycurl need not be imported to read them.
_RESOLVE_PROXY, _RESOLVE_HOST, _CONNECT, _TIMEOUT = 5, 6, 7, 28
_MALFORMED = frozenset({1, 3, 4})
_BROKE_OFF = frozenset({16, 18, 52, 55, 56, 81, 92, 95})
_TLS = frozenset({35, 51, 53, 54, 58, 59, 60, 64, 66, 80, 82, 83, 90, 91})
_TLS_STORE = 77
_NO_ROUTE = frozenset({errno.ENETUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})
# A name server that knows a name or not says so at once; silence this long is its own trouble.
_RESOLVER_PATIENCE_MS = 4000
OFFLINE = "Check the network; everything is asked again at the next poll."
CERTIFICATES = (
    "If a proxy or a local authority signs your connections, set SSL_CERT_FILE to a PEM file with its certificate; "
    "otherwise check this machine's clock and certificates."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How a transfer ended badly: libcurl's number, and what tells whose fault it is.

    `tunnel` is the proxy's answer to CONNECT, 0 for none. `milliseconds` is the time it took.
    """

    code: int
    url: str
    timeout: float = 0.0
    is_proxied: bool = False
    has_address: bool = False
    has_connection: bool = False
    tunnel: int = 0
    os_error: int = 0
    milliseconds: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The error, and whether the whole network may be behind it (decided when several hosts fail)."""

    error: FetchError
    is_doubtful: bool = False


def explain(trouble: Trouble) -> Verdict:
    """Give the error that stands for libcurl's."""
    if trouble.code in _MALFORMED:
        text = f"{redact(trouble.url)} is no address that can be asked."
        return Verdict(FetchError(text, url=redact(trouble.url), remedy="Correct the address in feeds.toml."))
    named = _BY_CODE.get(trouble.code)
    if named:
        return named(trouble)
    if trouble.code in _BROKE_OFF:
        return _broke_off(trouble)
    if trouble.code in _TLS:
        return _network(trouble, "has no certificate that can be trusted, or none for this name", remedy=CERTIFICATES)
    return _network(trouble, f"could not be asked (libcurl error {trouble.code})")


def as_outage(error: FetchError) -> FetchError:
    """Give the error again as the network's fault, once that is known (M94)."""
    if isinstance(error, NetworkError) and error.local:
        return error
    text = f"{host_of(error.url)} was not reached: the network is down."
    return NetworkError(text, feed=error.feed, url=error.url, remedy=OFFLINE, local=True)


def as_own(error: FetchError) -> FetchError:
    """Give an error before the host again as the host's own, once others are known to be reached."""
    if not (isinstance(error, NetworkError) and error.local):
        return error
    text = f"{str(error).removesuffix('.')}, although others are reached."
    remedy = "It is tried again later; if it stays so, check the host's name and its name servers."
    return NetworkError(text, feed=error.feed, url=error.url, remedy=remedy)


def _no_proxy(trouble: Trouble) -> Verdict:
    remedy = "Check HTTPS_PROXY and HTTP_PROXY, and whether the proxy is running."
    return _network(trouble, "was not asked: the proxy cannot be reached", remedy=remedy, local=True)


def _no_address(trouble: Trouble) -> Verdict:
    if trouble.milliseconds >= _RESOLVER_PATIENCE_MS or _is_resolver_down(host_of(trouble.url)):
        return _network(trouble, "was not asked: no name server answers", remedy="Check the network.", local=True)
    return _network(trouble, "has no address", remedy="Check the spelling of the host.", doubtful=True)


def _no_connection(trouble: Trouble) -> Verdict:
    if trouble.tunnel:
        return _no_tunnel(trouble)
    if trouble.is_proxied:
        return _no_proxy(trouble)
    if trouble.os_error in _NO_ROUTE:
        return _network(trouble, "was not asked: this machine has no way out", remedy="Check the network.", local=True)
    return _network(trouble, "takes no connections", doubtful=trouble.os_error == errno.EHOSTUNREACH)


def _no_tunnel(trouble: Trouble) -> Verdict:
    if trouble.tunnel == 407:
        remedy = "Put user and password into HTTPS_PROXY (http://user:password@host:port)."
        return _network(trouble, "was not asked: the proxy wants a login", remedy=remedy, local=True)
    what = f"was not reached: the proxy answered {trouble.tunnel}"
    return _network(trouble, what, doubtful=trouble.tunnel >= 500)


def _no_answer_in_time(trouble: Trouble) -> Verdict:
    if not (trouble.has_address or trouble.has_connection or trouble.is_proxied):
        return _network(trouble, "was not asked: no name server answers", remedy="Check the network.", local=True)
    if not trouble.has_connection:
        return _network(trouble, "takes no connections: nothing came back in time", doubtful=True)
    what = f"did not answer in full within {trouble.timeout:.3g} s"
    return _network(trouble, what, remedy="If it is always this slow, raise `timeout` in [http].")


def _broke_off(trouble: Trouble) -> Verdict:
    if trouble.is_proxied and trouble.url.startswith("https:") and not trouble.tunnel:
        return _network(
            trouble, "was not asked: the proxy closed the connection", remedy="Check the proxy.", local=True
        )
    return _network(trouble, "broke off in the middle of its answer")


def _no_store(trouble: Trouble) -> Verdict:
    what = "was not asked: the file of certificates cannot be read"
    return _network(trouble, what, remedy="Check that SSL_CERT_FILE names a PEM file.")


_BY_CODE: Mapping[int, Callable[[Trouble], Verdict]] = {
    _RESOLVE_PROXY: _no_proxy,
    _RESOLVE_HOST: _no_address,
    _CONNECT: _no_connection,
    _TIMEOUT: _no_answer_in_time,
    _TLS_STORE: _no_store,
}


def _network(
    trouble: Trouble,
    what: str,
    *,
    remedy: str = "It is tried again later.",
    local: bool = False,
    doubtful: bool = False,
) -> Verdict:
    error = NetworkError(f"{host_of(trouble.url)} {what}.", url=redact(trouble.url), remedy=remedy, local=local)
    return Verdict(error, is_doubtful=doubtful or local)


def _is_resolver_down(host: str) -> bool:
    """Ask once more what libcurl does not tell: no such name, or nobody to ask (getaddrinfo(3))."""
    try:
        socket.getaddrinfo(host, None)
    except socket.gaierror as error:
        return error.errno != socket.EAI_NONAME and error.errno != getattr(socket, "EAI_NODATA", None)
    except (OSError, UnicodeError):
        return False
    return False
