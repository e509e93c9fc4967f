"""Be everything that can be wrong with a feed, for a daemon that meets it all at once: kinds of trouble, and what is to be said of each."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import NOW
from tests.internet import Internet
from tests.internet_feeds import Post, atom
from tests.internet_replies import MIB, Reply, bomb, drip, encoded, truncated

GIB = 1024 * MIB
HANGING = "hung.example"  # the names below it are never resolved, where `hanging_resolver` is preloaded
NAMED = "named.example"  # the names below it are resolved to this machine then
RSS = '<?xml version="1.0"?>\n{}<rss version="2.0"><channel><title>Trouble</title>{}</channel></rss>'
_TEN_FOLD = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10 if number else "lol"}">' for number in range(10))
# `getaddrinfo` that never comes back for some names, and knows others: libcurl and Python both call it.
_STUB = f"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>
typedef int call(const char *, const char *, const struct addrinfo *, struct addrinfo **);
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {{
  if (name && strstr(name, ".{HANGING}")) for (;;) pause();
  if (name && strstr(name, ".{NAMED}")) name = "127.0.0.1";
  return ((call *)dlsym(RTLD_NEXT, "getaddrinfo"))(name, service, hints, found);
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One kind of bad feed: how it is put up at a base URL, the stage at which it fails and what is said (a pattern).

    A kind without a stage is read in spite of its trouble, which is a warning then.
    """

    put_up: Callable[[Internet, str], object]
    stage: str
    said: str
    domain: str = "example"


def _hold(
    body: Callable[[], bytes | str], *, content_type: str = "application/xml"
) -> Callable[[Internet, str], object]:
    return lambda net, url: net.serve(url, body(), content_type=content_type, compress=False)


def _answer(reply: Callable[[], Reply]) -> Callable[[Internet, str], object]:
    return lambda net, url: net.answer(url, reply())


def _endless(net: Internet, url: str) -> None:
    base = url.rpartition("/")[0]
    net.redirect(url, f"{base}/1")
    for number in range(1, 10):
        net.redirect(f"{base}/{number}", f"{base}/{number + 1}")


@cache
def _ten_gigabytes() -> Reply:
    packed = bomb(10 * GIB)
    assert isinstance(packed.body, bytes)
    assert len(packed.body) < 11 * MIB
    return packed


@cache
def _crowd() -> str:
    return RSS.format("", "".join(f"<item><guid>{number}</guid><title>T</title></item>" for number in range(100_000)))


def _misnamed() -> bytes:
    text = atom("Trouble", "https://umlauts.example", [Post(slug="one", title="Grüße", published=NOW - timedelta(1))])
    return text.decode().encode("cp1252")


TROUBLES = {
    "large": Trouble(
        put_up=_answer(lambda: Reply(body=[bytes(MIB)] * 20)),
        stage="fetch",
        said=r"is larger than the 16 MB that `max_body`",
    ),
    "bomb": Trouble(put_up=_answer(_ten_gigabytes), stage="fetch", said=r"is larger than the 16 MB that `max_body`"),
    "endless": Trouble(put_up=_endless, stage="fetch", said=r"is one more than the 5 that are followed"),
    "circle": Trouble(
        put_up=lambda net, url: net.redirect(url, url), stage="fetch", said=r"leads back to where it came from"
    ),
    "inward": Trouble(
        put_up=lambda net, url: net.redirect(url, "https://192.168.0.1/admin"),
        stage="fetch",
        said=r"leads to a private address",
    ),
    "drip": Trouble(
        put_up=_answer(lambda: drip(RSS.format("", "").encode(), parts=60, pause=0.5)),
        stage="fetch",
        said=r"did not answer in full within 2 s",
    ),
    "silent": Trouble(
        put_up=_answer(lambda: Reply(hang=True)), stage="fetch", said=r"did not answer in full within 2 s"
    ),
    "hung": Trouble(
        put_up=lambda net, url: None,
        stage="fetch",
        said=r"no name server answers, although others are reached",
        domain=HANGING,
    ),
    "swallowed": Trouble(
        put_up=lambda net, url: net.swallow(url.split("/")[2]), stage="fetch", said=r"nothing came back in time"
    ),
    "cut": Trouble(
        put_up=_answer(lambda: truncated(RSS.format("", "").encode(), keep=30)),
        stage="fetch",
        said=r"broke off in the middle",
    ),
    "packed": Trouble(
        put_up=_answer(lambda: encoded(b"\x8b\x00\x80", "br")), stage="fetch", said=r"an unsupported encoding \(br\)"
    ),
    "lol": Trouble(
        put_up=_hold(lambda: RSS.format(f"<!DOCTYPE rss [{_TEN_FOLD}]>\n", "<item><title>&l9;</title></item>")),
        stage="parse",
        said=r"entities are made of other entities",
    ),
    "swollen": Trouble(
        put_up=_hold(lambda: RSS.format(f'<!DOCTYPE rss [<!ENTITY a "{"a" * 500}">]>\n', "&a;" * 100_000)),
        stage="parse",
        said=r"entities grow it beyond",
    ),
    "crowd": Trouble(put_up=_hold(_crowd), stage="parse", said=r"more than 10,000 entries"),
    "deep": Trouble(put_up=_hold(lambda: RSS.format("", "<b>" * 200_000)), stage="parse", said=r"deep in each other"),
    "charset": Trouble(
        put_up=_hold(_misnamed, content_type="application/xml; charset=utf-8"),
        stage="",
        said=r"is not in utf-8 as it says",
    ),
}


def hanging_resolver(folder: Path) -> dict[str, str]:
    """Make a `getaddrinfo` that hangs for names below `HANGING`; give the variables that preload it. Skips where that cannot be.

    What it shows is that a program bears a call of the system's resolver that does not come back; not what a real
    resolver does meanwhile.
    """
    compiler = shutil.which("cc")
    if not (sys.platform.startswith("linux") and compiler):
        pytest.skip("needs Linux and a C compiler for a resolver that hangs")
    source, library = folder / "resolver.c", folder / "resolver.so"
    source.write_text(_STUB)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    direct = f".{HANGING},.{NAMED}"
    return {"LD_PRELOAD": str(library), "NO_PROXY": direct, "no_proxy": direct}
