"""arXiv's people: names → a query, and searches and author pages → names."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_subscription
from tracker import sources
from tracker.sources import arxiv_authors
from tracker.sources.arxiv import Arxiv

source = Arxiv()


def asked(*authors: str) -> dict[str, list[str]]:
    """Give the parameters of the address that is polled for these authors."""
    return parse_qs(urlsplit(source.feed_url(make_subscription(authors=authors))).query)


def test_all_papers_by_any_of_them_are_asked_for() -> None:
    """M66: the names are phrases of the authors' field, joined by OR; newest first, at most 100."""
    parameters = asked("Andrej Karpathy", "Li  Fei-Fei")

    assert parameters["search_query"] == ['au:"Andrej Karpathy" OR au:"Li Fei-Fei"']
    assert (parameters["sortBy"], parameters["sortOrder"]) == (["submittedDate"], ["descending"])
    assert parameters["max_results"] == ["100"]


def test_the_target_is_stable_under_order_and_case() -> None:
    """Order, case, spaces and the form of accents make no other subscription; another name does."""
    one = source.target(make_subscription(authors=("Andrej Karpathy", "Bj\u00f6rn Ommer")))

    assert one == source.target(make_subscription(authors=("Bjo\u0308rn  Ommer", "andrej karpathy")))
    assert one != source.target(make_subscription(authors=("Andrej Karpathy",)))


@pytest.mark.parametrize(
    "name",
    ["Andrej Karpathy", "A. Karpathy", "Seán Ó'Briain", "Li Fei-Fei", "D0 Collaboration"],
)
def test_a_name_is_no_problem(name: str) -> None:
    """Names of people and collaborations pass, and lead to a page for people."""
    sub = make_subscription(authors=(name,))

    assert source.problem(sub) == ""
    assert source.site_url(sub).startswith("https://arxiv.org/search/?query=%22")


@pytest.mark.parametrize(
    "name",
    [
        *('Karpathy" OR all:"x', "x)", "(x", "ti:x", "a\\b", "a*", "Karpathy, Andrej", "a&b", "a/b", "a_b", "x\ny\x00"),
        *("", "  ", ".", "42", "-x", "x" * 101),
    ],
)
def test_what_would_leave_the_phrase_is_refused(name: str) -> None:
    """Quotation marks, brackets, operators and what is no name are refused, with an example of a name."""
    assert '"Andrej Karpathy"' in source.problem(make_subscription(authors=(name, "Andrej Karpathy")))


def test_the_number_of_names_is_bounded() -> None:
    """Twenty names stand in one table, not more."""
    assert source.problem(make_subscription(authors=("Ada Brandt",) * 20)) == ""
    assert "at most 20" in source.problem(make_subscription(authors=("Ada Brandt",) * 21))


@pytest.mark.parametrize(
    ("url", "authors", "query"),
    [
        ("https://arxiv.org/search/?query=Andrej+Karpathy&searchtype=author", ("Andrej Karpathy",), ""),
        ("https://arxiv.org/search/?query=%22Andrej+Karpathy%22&searchtype=author", ("Andrej Karpathy",), ""),
        ("https://arxiv.org/search/cs?searchtype=author&query=Karpathy%2C+Andrej", ("Andrej Karpathy",), ""),
        ("https://arxiv.org/search/cs?searchtype=author&query=Karpathy,+A", (), "au:Karpathy_A"),
        ("https://arxiv.org/search/cs?searchtype=author&query=de+la+Cruz,+A.", (), "au:de_la_Cruz_A"),
        ("https://arxiv.org/search/?query=Karpathy&searchtype=author", (), "au:Karpathy"),
        ("https://arxiv.org/search/?query=Andrej+Karpathy&searchtype=all", (), "all:Andrej AND all:Karpathy"),
        ("https://arxiv.org/a/karpathy_a_1", (), "au:karpathy_a"),
        ("https://arxiv.org/a/del_maestro_a_1.atom", (), "au:del_maestro_a"),
    ],
)
def test_searches_for_people_are_recognised(url: str, authors: tuple[str, ...], query: str) -> None:
    """A whole name is followed as one; surname and initial, which author pages and arXiv's links have, as a query."""
    target = sources.source_for(url)

    assert (target.authors, target.query) == (authors, query)


@pytest.mark.parametrize("page", ["0000-0002-1825-0097", "karpathy", "a%22b_c_1"])
def test_an_author_page_without_a_name_is_told(page: str) -> None:
    """An ORCID tells no name: the person hears what to write."""
    with pytest.raises(ValueError, match="write authors"):
        sources.source_for(f"https://arxiv.org/a/{page}")


NAMES = st.from_regex(r"[A-Z][a-zé'.-]{0,8}( [A-Z][a-z]{1,9}){1,2}", fullmatch=True)


@settings(deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=20, unique=True))
def test_the_address_of_authors_leads_back_to_them(authors: list[str]) -> None:
    """What an export writes, an import reads as the same names."""
    target = sources.source_for(source.feed_url(make_subscription(authors=tuple(authors))))

    assert target.authors == arxiv_authors.names(authors)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_out_of_the_query(name: str) -> None:
    """Whatever stands in the list, it is refused or it is one phrase of letters and the marks of names."""
    if not source.problem(make_subscription(authors=(name,))):
        (query,) = asked(name)["search_query"]

        assert query.count('"') == 2
        assert not set(query[4:-1]) & set('"\\:()[]{}*?~^&|!+/')


def test_other_queries_are_kept_as_queries() -> None:
    """A query that only looks like one of authors stays as it was written."""
    for query in ('au:"Andrej Karpathy" AND cat:cs.CL', 'au:"x) OR (y"', 'au:""', "au:Karpathy"):
        url = source.feed_url(make_subscription(query=query))

        assert sources.source_for(url).query == query
