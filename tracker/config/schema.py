"""Serve `config`: the tables and keys of feeds.toml, with types, defaults and what each is for.

docs/feeds.md is compared with these tables by a test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from tracker.config import values

Texts = tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...]
DAY = 86_400  # seconds
Videos = tuple[Literal["long", "shorts", "live"], ...]
Announced = tuple[Literal["new", "cross", "replace", "replace-cross"], ...]


class Line(str):
    """One line of text."""

    __slots__ = ()


class Location(str):
    """A file or folder, absolute or relative to feeds.toml."""

    __slots__ = ()


class Contact(str):
    """What goes into the User-Agent."""

    __slots__ = ()


class FeedId(str):
    """The name of a subscription."""

    __slots__ = ()


class FilePattern(str):
    """A file name with {issue} in it."""

    __slots__ = ()


class Zone(str):
    """An IANA time zone."""

    __slots__ = ()


class Pattern(str):
    """A regular expression."""

    __slots__ = ()


class Delay(float):
    """A time in seconds that may be none."""

    __slots__ = ()


class Timeout(float):
    """A time in seconds that must be some: to libcurl, 0 is for ever."""

    __slots__ = ()


class Age(float):
    """A time in seconds for which something is kept."""

    __slots__ = ()


class Length(float):
    """How long a video is, in seconds."""

    __slots__ = ()


class Size(int):
    """A number of bytes."""

    __slots__ = ()


class Backlog:
    """What of the entries already there is news; `value` is None where nothing is said."""

    __slots__ = ("value",)

    def __init__(self, value: values.Backlog | None = None) -> None:
        self.value = value


NO_BACKLOG = Backlog()


class TrackerTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[tracker]`."""

    database: Annotated[Location, Meta(examples=["tracker.db"])] = Location("tracker.db")
    contact: Annotated[Contact, Meta(examples=["https://example.org"])] = Contact("")


class HttpTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[http]`."""

    host_delay: Annotated[Delay, Meta(examples=["2s"])] = Delay(2)
    timeout: Annotated[Timeout, Meta(examples=["30s"])] = Timeout(30)
    max_body: Annotated[Size, Meta(examples=["16MB"])] = Size(16_000_000)
    concurrency: Annotated[int, Meta(ge=1, le=256, examples=[16])] = 16


class StorageTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[storage]`."""

    keep_polls: Annotated[Age, Meta(examples=["90d"])] = Age(90 * DAY)


class DigestTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[digest]`; `at`, `timezone`, `lines` and `bytes` have defaults that other things decide.

    `minutes` 0 is no bound.
    """

    folder: Annotated[Location, Meta(examples=["digests"])] = Location("digests")
    file: Annotated[FilePattern, Meta(examples=["{issue}.md"])] = FilePattern("{issue}.md")
    title: Annotated[Line, Meta(examples=["Learning LLMs"])] = Line("Digest")
    every: Annotated[Literal["day", "week", "month"], Meta(examples=["week"])] = "week"
    at: Annotated[Line, Meta(examples=["mon 07:00"])] = Line("")
    timezone: Annotated[Zone, Meta(examples=["Europe/London"])] = Zone("")
    papers: Annotated[int, Meta(ge=0, le=1000, examples=[5])] = 5
    interests: Annotated[int, Meta(ge=0, le=1000, examples=[10])] = 6
    titles: Annotated[int, Meta(ge=0, le=1000, examples=[10])] = 0
    papers_first: Annotated[bool, Meta(examples=[True])] = False
    minutes: Annotated[int, Meta(ge=1, le=10_000, examples=[240])] = 0
    boxes: Annotated[Literal["all", "course", "none"], Meta(examples=["course"])] = "all"
    lines: Annotated[int, Meta(ge=20, le=10_000, examples=[80])] = 0
    bytes: Annotated[Size, Meta(examples=["10kB"])] = Size(0)
    templates: Annotated[Location, Meta(examples=["templates"])] = Location("")


class RankingTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[ranking]`."""

    prior: Annotated[bool, Meta(examples=[False])] = True
    authors: Annotated[bool, Meta(examples=[False])] = True
    deadline: Annotated[bool, Meta(examples=[False])] = True


class InterestsTable(msgspec.Struct, frozen=True, kw_only=True):
    """`[interests]`."""

    keywords: Annotated[Texts, Meta(max_length=200, examples=[["speculative decoding", "KV cache"]])] = ()
    authors: Annotated[Texts, Meta(max_length=200, examples=[["M. Adeyemi"]])] = ()
    papers: Annotated[Texts, Meta(max_length=200, examples=[["2203.15556"]])] = ()


class FeedTable(msgspec.Struct, frozen=True, kw_only=True):
    """One `[[feed]]`."""

    id: Annotated[FeedId, Meta(examples=["zero-to-hero"])] = FeedId("")
    source: Annotated[Literal["youtube", "substack", "arxiv", "web"] | None, Meta(examples=["youtube"])] = None
    title: Annotated[Line, Meta(examples=["Neural Networks: Zero to Hero"])] = Line("")
    playlist: Annotated[Line, Meta(examples=["PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"])] = Line("")
    channel: Annotated[Line, Meta(examples=["UCXUPKJO5MZQN11PqgIvyuvQ"])] = Line("")
    videos: Annotated[Videos, Meta(min_length=1, examples=[["long"]])] = ("long", "live")
    members_only: Annotated[bool, Meta(examples=[True])] = False
    min_duration: Annotated[Length, Meta(examples=["10m"])] = Length(0)
    publication: Annotated[Line, Meta(examples=["https://magazine.sebastianraschka.com"])] = Line("")
    categories: Annotated[Texts, Meta(min_length=1, examples=[["cs.CL", "cs.LG"]])] = ()
    query: Annotated[Line, Meta(examples=['abs:"scaling laws"'])] = Line("")
    papers: Annotated[Texts, Meta(min_length=1, examples=[["2203.15556"]])] = ()
    authors: Annotated[Texts, Meta(min_length=1, examples=[["Andrej Karpathy"]])] = ()
    url: Annotated[Line, Meta(examples=["https://example.org/feed.xml"])] = Line("")
    tags: Annotated[Texts, Meta(examples=[["courses"]])] = ()
    announce: Annotated[Announced, Meta(min_length=1, examples=[["new"]])] = ("new", "cross")
    course: Annotated[bool, Meta(examples=[True])] = False
    pace: Annotated[int, Meta(ge=1, le=1000, examples=[1])] = 1
    most: Annotated[int, Meta(ge=1, le=1000, examples=[3])] = 0
    backlog: Annotated[Backlog, Meta(examples=[5])] = NO_BACKLOG
    match: Annotated[Pattern, Meta(examples=["CS229|Language Model"])] = Pattern("")
    exclude: Annotated[Pattern, Meta(examples=["Shorts"])] = Pattern("")
    paused: Annotated[bool, Meta(examples=[True])] = False


TABLES: dict[str, type[msgspec.Struct]] = {
    "tracker": TrackerTable,
    "http": HttpTable,
    "storage": StorageTable,
    "digest": DigestTable,
    "ranking": RankingTable,
    "interests": InterestsTable,
}
TARGETS = ("playlist", "channel", "publication", "categories", "query", "papers", "authors", "url")


def read(kind: type, value: object) -> object:
    """Read a value whose type msgspec does not know: its `dec_hook`."""
    return _READERS[kind](value)


def _delay(value: object) -> Delay:
    seconds = values.parse_duration(value)
    if seconds > 3600:
        raise ValueError(f"expected at most an hour, not {values.shown(value)}")
    return Delay(seconds)


def _timeout(value: object) -> Timeout:
    seconds = values.parse_duration(value)
    if not 1 <= seconds <= 3600:
        raise ValueError(f'expected a time from "1s" to "1h", not {values.shown(value)}')
    return Timeout(seconds)


def _age(value: object) -> Age:
    seconds = values.parse_duration(value)
    if not 35 * DAY <= seconds <= 3650 * DAY:
        said = f'expected a time from "35d" to "3650d", not {values.shown(value)}'
        raise ValueError(f"{said}: an issue of a month looks back that far")
    return Age(seconds)


def _length(value: object) -> Length:
    seconds = values.parse_duration(value)
    if not 1 <= seconds <= 86400:
        raise ValueError(f'expected a time from "1s" to "1d", not {values.shown(value)}')
    return Length(seconds)


def _size(value: object) -> Size:
    size = values.parse_size(value)
    if not 10_000 <= size <= 1024**3:
        raise ValueError(f'expected a size from "10kB" to "1GiB", not {values.shown(value)}')
    return Size(size)


_READERS: dict[type, Callable[[object], object]] = {
    Line: lambda value: Line(values.check_text(value)),
    Location: lambda value: Location(values.check_text(value)),
    Contact: lambda value: Contact(values.check_contact(value)),
    FeedId: lambda value: FeedId(values.check_id(value)),
    FilePattern: lambda value: FilePattern(values.check_file(value)),
    Zone: lambda value: Zone(values.check_zone(value)),
    Pattern: lambda value: Pattern(values.check_pattern(value)),
    Delay: _delay,
    Timeout: _timeout,
    Age: _age,
    Length: _length,
    Size: _size,
    Backlog: lambda value: Backlog(values.parse_backlog(value)),
}
