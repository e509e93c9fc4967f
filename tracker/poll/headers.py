"""Read what a host asks for in its headers, how long to stay away and how long an answer is fresh; for cadence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

LONGEST_PAUSE = timedelta(days=7)  # of a Retry-After (M80), and between two looks at a feed that is gone (M83)


def wait_asked(text: str, *, now: datetime) -> timedelta:
    """Read seconds or an HTTP date (RFC 9110 §10.2.3), at most a week; zero for the past and for garbage (M80)."""
    text = text.strip()
    if re.fullmatch(r"[0-9]+", text):
        return min(timedelta(seconds=seconds(text)), LONGEST_PAUSE)
    moment = _http_date(text)
    return min(max(moment - now, timedelta()), LONGEST_PAUSE) if moment else timedelta()


def freshness(headers: Mapping[str, str], *, now: datetime) -> timedelta:
    """Give how long the answer stays fresh (RFC 9111 §4.2): max-age less Age, else Expires less Date."""
    control = headers.get("cache-control", "").lower()
    if found := re.search(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]+)", control):
        return timedelta(seconds=max(seconds(found[1]) - seconds(headers.get("age", "")), 0))
    expires = _http_date(headers.get("expires", ""))
    return max(expires - (_http_date(headers.get("date", "")) or now), timedelta()) if expires else timedelta()


def _http_date(text: str) -> datetime | None:
    if not text:
        return None
    from email.utils import parsedate_to_datetime  # not above: 6 ms of a start, and most answers give no date

    try:
        moment = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:  # a year 1 or 9999 in a zone
        return None


def seconds(value: object) -> float:
    """Read a number of seconds; nothing, nonsense and negative ones are 0, ten years are a month."""
    if isinstance(value, str):
        digits = value.strip(" \t")
        value = int(digits[:9]) if re.fullmatch("[0-9]+", digits) else 0
    is_usable = isinstance(value, int | float) and value > 0
    return min(float(value), 31 * 86400.0) if is_usable and isinstance(value, int | float) else 0.0
