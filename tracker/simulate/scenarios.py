"""Make the scenarios: when the program sleeps, what fails, what moves; from the seed, for a span of virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from random import Random
from types import MappingProxyType
from zoneinfo import ZoneInfo

from tracker.models import Config, SourceName, Subscription
from tracker.simulate.values import DAY, HOUR, MINUTE, Move, Outage, Scenario, Span
from tracker.sources import source_of
from tracker.sources.arxiv_calendar import announcement_days

# Clocks go back on 7 February 2027 and forward on 14 March, for Ramadan: both changes within five weeks.
CHANGING = "Africa/Casablanca"
CHANGING_AT = "sun 02:30"  # comes twice on the one day and not at all on the other
CHANGING_FROM = date(2027, 1, 25)
USUAL_FROM = date(2026, 11, 23)  # a Monday

_AWAKE = (8, 19)  # hours of a weekday at which the laptop is open
_WAKING = 2 * MINUTE  # until the network is there
_ABSENCE = 21 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a scenario is made from."""

    config: Config
    seed: int
    start: datetime
    end: datetime

    def dice(self, name: str) -> Random:
        """Give dice of their own to one part of a scenario."""
        return Random(f"{self.seed}:scenario:{name}")

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return (self.end - self.start).days


def scenario(name: str, config: Config, *, seed: int, start: datetime, end: datetime) -> Scenario:
    """Make a scenario by its name; KeyError for one that there is not."""
    return SCENARIOS[name](Setting(config=config, seed=seed, start=start, end=end))


def as_lived(name: str, config: Config) -> Config:
    """Give the configuration that a scenario is lived with: `dst` has a zone and an hour of its own."""
    if name != "dst":
        return config
    return replace(config, digest=replace(config.digest, every="week", at=CHANGING_AT, timezone=CHANGING))


def begins(name: str) -> date:
    """Say on which day a scenario starts unless another is wanted."""
    return CHANGING_FROM if name == "dst" else USUAL_FROM


def _calm(setting: Setting) -> Scenario:
    del setting
    return Scenario(name="calm")


def _youtube_outages(setting: Setting) -> Scenario:
    """Let YouTube's feeds answer 404, sometimes 500, for two to nine hours of every day (M19)."""
    dice = setting.dice("youtube")
    begun = (setting.start + day * DAY + dice.uniform(0, 15) * HOUR for day in range(setting.days + 1))
    outages = tuple(
        Outage(
            host="youtube.com", span=(each, each + dice.uniform(2, 9) * HOUR), status=dice.choice((404, 404, 404, 500))
        )
        for each in begun
    )
    return Scenario(name="youtube-outages", outages=outages)


def _laptop(setting: Setting) -> Scenario:
    """Sleep from 19:00 to 08:00 and through weekends; on waking, the network takes two minutes to come."""
    zone = ZoneInfo(setting.config.digest.timezone)
    awake = []
    for number in range(-1, setting.days + 2):
        day = (setting.start + number * DAY).astimezone(zone).date()
        if day.weekday() < 5:
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            awake.append(tuple((midnight.replace(hour=hour)).astimezone(setting.start.tzinfo) for hour in _AWAKE))
    asleep = tuple((before[1], after[0]) for before, after in pairwise(awake))
    offline = tuple((each[0], each[0] + _WAKING) for each in awake if each[0] > setting.start)
    return Scenario(name="laptop", asleep=asleep, offline=offline)


def _holiday(setting: Setting) -> Scenario:
    """Be switched off for three weeks, once in every half year."""
    first = setting.start + 11 * DAY
    return Scenario(name="holiday", asleep=tuple(_absences(first, setting.end)))


def _absences(first: datetime, end: datetime) -> Iterator[Span]:
    while first < end:
        yield first, first + _ABSENCE
        first += 182 * DAY


def _dst(setting: Setting) -> Scenario:
    del setting
    return Scenario(name="dst")


def _moves(setting: Setting) -> Scenario:
    """Let everything move that can: addresses, ids, titles, places in a playlist; the first feed is renamed."""
    dice = setting.dice("moves")
    moves = {each.id: tuple(_moves_of(each, dice, setting)) for each in setting.config.subscriptions}
    renames = tuple(_renames(setting, dice))
    return Scenario(name="moves", moves=moves, renames=renames)


def _moves_of(sub: Subscription, dice: Random, setting: Setting) -> Iterator[Move]:
    def at(part: float) -> datetime:
        return setting.start + (setting.end - setting.start) * (part + dice.uniform(-0.05, 0.05))

    if sub.playlist:
        yield Move(kind="reorder", at=at(0.3))
        yield Move(kind="hidden", at=at(0.5))
    elif sub.source is SourceName.SUBSTACK:
        yield Move(kind="titles", at=at(0.2))
        yield Move(kind="domain", at=at(0.4))
    elif sub.source is SourceName.WEB:
        yield Move(kind="path", at=at(0.2))
        yield Move(kind="guids", at=at(0.5))
        yield Move(kind="titles", at=at(0.6))
        yield Move(kind="domain", at=at(0.8))


def _renames(setting: Setting, dice: Random) -> Iterator[tuple[datetime, str, str]]:
    at = setting.start + (setting.end - setting.start) * dice.uniform(0.3, 0.6)
    for sub in setting.config.subscriptions[:1]:
        yield at, sub.id, f"{sub.id}-renamed"


def _chaos(setting: Setting) -> Scenario:
    """Let all of it happen, and besides: late batches, hosts that limit, one feed that is down for long, crashes."""
    dice = setting.dice("chaos")
    laptop, holiday, moves = _laptop(setting), _holiday(setting), _moves(setting)
    days = announcement_days(setting.start.date(), setting.end.date())
    outages = sorted((*_youtube_outages(setting).outages, *_troubles(setting, dice)), key=lambda each: each.span)
    return Scenario(
        name="chaos",
        asleep=_together(laptop.asleep, holiday.asleep),
        offline=laptop.offline,
        outages=tuple(outages),
        moves=moves.moves,
        renames=moves.renames,
        late=frozenset(day for day in days if dice.random() < 0.1),
        crashes=60,
        torn=5,
    )


def _troubles(setting: Setting, dice: Random) -> Iterator[Outage]:
    """Give every feed's host a few bad hours or days in a year."""
    for sub in setting.config.subscriptions:
        host = source_of(sub).manners(source_of(sub).feed_url(sub)).host
        for status, retry_after, hours in ((503, "", 30), (429, "7200", 3), (403, "", 20), (500, "", 200)):
            if dice.random() < 0.5 * setting.days / 365 + 0.1:
                begin = setting.start + setting.days * dice.random() * DAY
                span = (begin, begin + hours * dice.uniform(0.5, 1.5) * HOUR)
                whole = "" if status in {429, 403} else sub.id
                yield Outage(host=host, span=span, status=status, retry_after=retry_after, feed=whole)


def _together(*many: tuple[Span, ...]) -> tuple[Span, ...]:
    """Merge spans into ones that do not overlap."""
    merged: list[Span] = []
    for begin, end in sorted(span for spans in many for span in spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)


SCENARIOS: Mapping[str, Callable[[Setting], Scenario]] = MappingProxyType(
    {
        "calm": _calm,
        "youtube-outages": _youtube_outages,
        "laptop": _laptop,
        "holiday": _holiday,
        "dst": _dst,
        "moves": _moves,
        "chaos": _chaos,
    }
)
