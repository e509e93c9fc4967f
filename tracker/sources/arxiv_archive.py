"""Know how to ask arXiv's API for the batch of a day that has passed (M51): which submissions it held, which address.

arXiv's schedule (https://info.arxiv.org/help/availability.html, all hours Eastern): what is submitted from 14:00 of one
day to 14:00 of the next is announced at 20:00 of the latter and stands in the feed of the day after that; Thursday
14:00 to Friday 14:00 is announced on Sunday, Friday 14:00 to Monday 14:00 on Monday. A holiday announces nothing: its
papers wait for the next evening. So every submission belongs to one batch, and batches leave no minute between them.

The API knows the day of submission only: a paper that moderators held back, a cross-list that was added later and a
new version stand in the batch of their day, but cannot be asked for by it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from tracker.models import Subscription
from tracker.sources.arxiv import spelt
from tracker.sources.arxiv_calendar import BATCH_READY, announcement_days, batch_day, is_announcement_day

# Two large categories bring 400 to 600 papers a day, so that a batch is one page or two, of about a megabyte each. The
# API gives slices of up to 2,000, but answers large ones slowly (its manual), and M66's 100 would be six requests.
PAGE = 500
MOST = 10_000  # entries asked for of one batch, whatever the API says that there are
REACH = timedelta(days=30)  # a batch older than this is not asked for any more

_EASTERN = ZoneInfo("America/New_York")
_DEADLINE = time(14)
# Archives that are divided into subjects: in the API's words "cs" finds nothing, "cs.*" all of it.
_DIVIDED = frozenset(
    ("astro-ph", "cond-mat", "cs", "econ", "eess", "math", "nlin", "physics", "q-bio", "q-fin", "stat")
)


def submitted(day: date) -> tuple[datetime, datetime]:
    """Give the first and the last moment (UTC) of submission of the batch that the feed of `day` holds."""
    before = day - timedelta(days=1)
    while not is_announcement_day(before):
        before -= timedelta(days=1)
    return _deadline(before), _deadline(day)


def batch_of(submission: datetime) -> date:
    """Name the day whose feed holds what was submitted at a moment, moderators and cross-lists aside."""
    day = batch_day(submission)
    return next(each for each in announcement_days(day, day + timedelta(days=14)) if submission < submitted(each)[1])


def page_url(sub: Subscription, day: date, *, start: int) -> str:
    """Give the address of one page of a day's batch; `start` counts entries from 0. Order and number are said (M66)."""
    first, last = (f"{moment:%Y%m%d%H%M}" for moment in submitted(day))
    named = (spelt(each) for each in sub.categories)
    categories = " OR ".join(f"cat:{each}.*" if each in _DIVIDED else f"cat:{each}" for each in named)
    query = quote(f"({categories}) AND submittedDate:[{first} TO {last}]", safe=":()*")
    order = "sortBy=submittedDate&sortOrder=descending"
    return f"https://export.arxiv.org/api/query?search_query={query}&{order}&start={start}&max_results={PAGE}"


def window_days(since: datetime, now: datetime) -> tuple[date, ...]:
    """List the days whose batch came into the feed since a moment, today's included."""
    today = batch_day(now)
    first = max(batch_day(since), today - REACH)
    return tuple(
        day
        for day in announcement_days(first, today)
        if day == today or datetime.combine(day, BATCH_READY, UTC) >= since
    )


def _deadline(day: date) -> datetime:
    """Give the moment (UTC) at which the batch of a day is full: on Friday for Monday, else on the day before."""
    last = day - timedelta(days=3 if day.weekday() == 0 else 1)
    return datetime.combine(last, _DEADLINE, _EASTERN).astimezone(UTC)
