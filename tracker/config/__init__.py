"""Begin the flow: feeds.toml → Config, or every mistake in it at once."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from tracker.config import schema, syntax
from tracker.config.convert import Mistake, Table, convert, unknown
from tracker.config.feeds import subscriptions
from tracker.config.interests import interests
from tracker.config.values import DEFAULT_AT, Every, Rhythm, check_id, check_zone, parse_at, parse_backlog, shown, slug
from tracker.errors import ConfigError, Problem
from tracker.models import Config, DigestSettings, HttpSettings, RankingSettings

__all__ = ["FILE_NAME", "Every", "Rhythm", "check_id", "find", "load", "loads", "parse_at", "parse_backlog", "slug"]

FILE_NAME = "feeds.toml"


def find(option: str | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """Say which file is meant: `--config`, else TRACKER_CONFIG, else the current folder's feeds.toml."""
    return (cwd / _expand(option or environ.get("TRACKER_CONFIG") or FILE_NAME)).absolute()


def load(path: Path) -> Config:
    """Read and check feeds.toml; ConfigError holds every mistake, in file order."""
    return loads(syntax.read(path), path.absolute())


def loads(raw: bytes, path: Path) -> Config:
    """Check the bytes of a feeds.toml that stands, or is to stand, at an absolute path."""
    text = syntax.decode(raw, path)
    document = syntax.parse(text, path)
    mistakes = _outside(document)
    tracker = _table(schema.TrackerTable, "tracker", document, mistakes)
    http = _table(schema.HttpTable, "http", document, mistakes)
    storage = _table(schema.StorageTable, "storage", document, mistakes)
    digest = _digest(document, path, mistakes)
    ranking = _table(schema.RankingTable, "ranking", document, mistakes)
    wanted, wrong = interests(_table(schema.InterestsTable, "interests", document, mistakes))
    mistakes += wrong
    feeds, wrong = subscriptions(document.get("feed", []), text=text)
    mistakes += wrong
    if mistakes:
        raise ConfigError(path, _problems(mistakes, text))
    return Config(
        path=path,
        database=_located(tracker.database, path),
        contact=str(tracker.contact),
        http=HttpSettings(
            host_delay=float(http.host_delay),
            timeout=float(http.timeout),
            max_body=int(http.max_body),
            concurrency=http.concurrency,
        ),
        keep_polls=timedelta(seconds=float(storage.keep_polls)),
        digest=digest,
        ranking=RankingSettings(prior=ranking.prior, authors=ranking.authors, deadline=ranking.deadline),
        interests=wanted,
        subscriptions=feeds,
    )


def _outside(document: Mapping[str, object]) -> list[Mistake]:
    known = [*schema.TABLES, "feed"]
    return [
        Mistake((key,), _no_table(key, known) if isinstance(value, dict | list) else unknown(key, known))
        for key, value in document.items()
        if key not in known
    ]


def _no_table(key: str, known: list[str]) -> str:
    text = unknown(key, known)
    return text.replace("is no key here", "is no table here", 1)


def _table(kind: type[Table], name: str, document: Mapping[str, object], mistakes: list[Mistake]) -> Table:
    table = document.get(name, {})
    if not isinstance(table, dict):
        mistakes.append(Mistake((name,), f"is a table: [{name}], in single brackets, on a line of its own"))
        return kind()
    converted, wrong, _ = convert(kind, table, path=(name,))
    mistakes += wrong
    return converted


def _digest(document: Mapping[str, object], path: Path, mistakes: list[Mistake]) -> DigestSettings:
    wrong: list[Mistake] = []
    table = _table(schema.DigestTable, "digest", document, wrong)
    every, at = table.every, " ".join(table.at.lower().split()) or DEFAULT_AT[table.every]
    if not {("digest", "every"), ("digest", "at")} & {each.path for each in wrong}:
        wrong += _at_mistake(every, at)
    mistakes += wrong
    templates = _located(table.templates, path) if table.templates else None
    if templates and not templates.is_dir():
        mistakes.append(Mistake(("digest", "templates"), f"there is no folder {shown(str(templates))}"))
    return DigestSettings(
        folder=_located(table.folder, path),
        file=str(table.file),
        title=str(table.title),
        every=every,
        at=at,
        timezone=str(table.timezone) or system_zone(),
        papers=table.papers,
        interests=table.interests,
        titles=table.titles,
        papers_first=table.papers_first,
        minutes=table.minutes,
        boxes=table.boxes,
        lines=table.lines,
        bytes=int(table.bytes),
        templates=templates,
    )


def _at_mistake(every: Every, at: str) -> list[Mistake]:
    try:
        parse_at(every, at)
    except ValueError as error:
        return [Mistake(("digest", "at"), str(error))]
    return []


def system_zone() -> str:
    """Name the system's time zone; "UTC" where it cannot be told."""
    import tzlocal

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a machine that contradicts itself
            return check_zone(tzlocal.get_localzone_name())
    except (LookupError, ValueError, OSError):
        return "UTC"


def _located(location: str, path: Path) -> Path:
    return path.parent / _expand(location)


def _expand(location: str) -> Path:
    given = Path(location)
    return given.expanduser() if given.parts[:1] == ("~",) else given


def _problems(mistakes: list[Mistake], text: str) -> tuple[Problem, ...]:
    from tracker.config.lines import line_of, places

    found = places(text)
    problems = [Problem(each.text, line=line_of(each.path, found), key=_key(each.path)) for each in mistakes]
    return tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.key, problem.text)))


def _key(path: tuple[str | int, ...]) -> str:
    return ".".join(part for part in path if isinstance(part, str))
