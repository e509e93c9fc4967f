"""Answer as arXiv's query API does, for the internet in a box: a span of submission, newest first, in pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from tests.internet import Internet
from tests.internet_feeds import Paper, arxiv_api_page
from tests.internet_replies import Reply, Seen

API = "https://export.arxiv.org/api/query"
_SPAN = re.compile(r"submittedDate:\[(\d{12}) TO (\d{12})\]")

Submitted = Iterable[tuple[Paper, datetime]]


def serve_archive(net: Internet, listed: Callable[[], Submitted]) -> None:
    """Serve what `listed` gives at the moment of asking: papers with their moment of submission."""

    def answer(seen: Seen) -> Reply:
        body = archive_page(seen, listed())
        return Reply(body=body, headers={"content-type": "application/atom+xml"})

    net.answer(API, answer)


def archive_page(seen: Seen, listed: Submitted) -> bytes:
    """Give the page that a request asks for: its categories, its span (to the minute, ends included), its place.

    Papers that are asked for by id come in their latest version.
    """
    if "id_list" in seen.params:
        return _by_id(seen.params["id_list"].split(","), listed)
    query = seen.params["search_query"]
    span = _SPAN.search(query)
    assert span, f"the archive is asked for no span: {query}"
    assert (seen.params["sortBy"], seen.params["sortOrder"]) == ("submittedDate", "descending")
    first, last = (datetime.strptime(each, "%Y%m%d%H%M").replace(tzinfo=UTC) for each in span.groups())
    categories = set(re.findall(r"cat:(\S+?)(?=[\s)])", query))
    found = sorted(
        (
            (paper, moment)
            for paper, moment in listed
            if first <= moment.replace(second=0, microsecond=0) <= last and categories & set(paper.categories)
        ),
        key=lambda each: each[1],
        reverse=True,
    )
    start, most = int(seen.params["start"]), int(seen.params["max_results"])
    return arxiv_api_page(found[start : start + most], total=len(found), start=start)


def _by_id(wanted: Iterable[str], listed: Submitted) -> bytes:
    """Give papers as they stand now, with the moment at which their first version was submitted."""
    found: dict[str, tuple[Paper, datetime]] = {}
    for paper, moment in listed:
        if paper.id in wanted:
            found[paper.id] = (paper, found.get(paper.id, (paper, moment))[1])
    return arxiv_api_page(found.values(), total=len(found), start=0)
