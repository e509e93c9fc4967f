"""arXiv: categories, queries, papers, authors and ids."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tracker.models import RawEntry, SourceName, Subscription
from tracker.sources.arxiv import Arxiv, paper_id

source = Arxiv()


def sub(**keys: object) -> Subscription:
    return Subscription(id="x", source=SourceName.ARXIV, **keys)  # type: ignore[arg-type] # keys of the test's own


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        ("cs.CL", ("cs.CL",)),
        ("cs.cl", ("cs.CL",)),
        ("cs.CL+cs.LG", ("cs.CL", "cs.LG")),
        ("hep-th", ("hep-th",)),
        ("cond-mat.MTRL-SCI", ("cond-mat.mtrl-sci",)),
        ("physics.acc-ph", ("physics.acc-ph",)),
        ("https://arxiv.org/list/cs.CL/new", ("cs.CL",)),
        ("arxiv.org/list/cs.CL/recent?skip=0&show=50", ("cs.CL",)),
        ("https://rss.arxiv.org/rss/cs.CL+cs.LG", ("cs.CL", "cs.LG")),
        ("https://rss.arxiv.org/atom/CS.cl%2Bcs.LG", ("cs.CL", "cs.LG")),
        ("https://export.arxiv.org/rss/stat.ML", ("stat.ML",)),
        ("https://arxiv.org/archive/astro-ph", ("astro-ph",)),
    ],
)
def test_categories_are_recognised(text: str, categories: tuple[str, ...]) -> None:
    """Listings, feeds, archive pages and bare names give the categories, spelt as arXiv does."""
    target = source.recognise(text)

    assert target is not None
    assert target.categories == categories


@pytest.mark.parametrize(
    "text", ["stat.berkeley.edu", "physics.org", "https://example.com/list/cs.CL/new", "hello", ""]
)
def test_hosts_are_no_categories(text: str) -> None:
    """A host that begins like a category is a host."""
    assert source.recognise(text) is None


def test_a_wrong_category_in_a_url_is_told() -> None:
    """What is arXiv's but no category is refused with an example of one."""
    with pytest.raises(ValueError, match=r"cs\.CL"):
        source.recognise("https://arxiv.org/list/nonsense/new")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("https://arxiv.org/search/?query=scaling+laws&searchtype=all", "all:scaling AND all:laws"),
        ("https://arxiv.org/search/cs?query=%22scaling+laws%22&searchtype=abstract", 'abs:"scaling laws"'),
        ("https://arxiv.org/search/?query=Karpathy&searchtype=author", "au:Karpathy"),
        (
            "https://export.arxiv.org/api/query?search_query=cat:cs.CL+AND+abs:%22scaling+laws%22&max_results=5",
            'cat:cs.CL AND abs:"scaling laws"',
        ),
    ],
)
def test_searches_are_recognised(text: str, query: str) -> None:
    """The API's query is kept, the search page's words are put into the API's."""
    target = source.recognise(text)

    assert target is not None
    assert target.query == query


@pytest.mark.parametrize(
    "text",
    [
        "2203.15556",
        "https://arxiv.org/abs/2203.15556v1",
        "arXiv:2203.15556",
        "https://export.arxiv.org/api/query?id_list=2203.15556v1",
        "https://doi.org/10.48550/arXiv.2203.15556",
    ],
)
def test_a_paper_is_recognised(text: str) -> None:
    """A paper's page, id, DOI and API address follow the paper."""
    target = source.recognise(text)

    assert target is not None
    assert target.papers == ("2203.15556",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0704.0001", ("0704.0001", None)),
        ("1412.9999v2", ("1412.9999", 2)),
        ("1501.00001", ("1501.00001", None)),
        ("2203.15556v12", ("2203.15556", 12)),
        ("arXiv:2203.15556v1", ("2203.15556", 1)),
        ("oai:arXiv.org:2203.15556v3", ("2203.15556", 3)),
        ("hep-th/9901001", ("hep-th/9901001", None)),
        ("math.CA/0611800v2", ("math/0611800", 2)),
        ("math/0611800v2", ("math/0611800", 2)),
        ("oai:arXiv.org:cmp-lg/9404001", ("cmp-lg/9404001", None)),
        ("http://arxiv.org/abs/2203.15556v1", ("2203.15556", 1)),
        ("https://arxiv.org/abs/2203.15556?context=cs.CL", ("2203.15556", None)),
        ("https://www.arxiv.org/pdf/2203.15556v2.pdf", ("2203.15556", 2)),
        ("https://arxiv.org/pdf/hep-th/9901001v1", ("hep-th/9901001", 1)),
        ("https://arxiv.org/html/2203.15556v1/", ("2203.15556", 1)),
        ("https://export.arxiv.org/abs/math.CA%2F0611800", ("math/0611800", None)),
        ("https://ar5iv.labs.arxiv.org/html/2203.15556", ("2203.15556", None)),
        ("https://huggingface.co/papers/2203.15556", ("2203.15556", None)),
        ("https://doi.org/10.48550/arXiv.2203.15556", ("2203.15556", None)),
    ],
)
def test_every_form_of_an_id_is_one_paper(text: str, expected: tuple[str, int | None]) -> None:
    """M71: all forms and wrappers of an id give the bare id and the version; M70: http and https are equal."""
    assert paper_id(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2203.1555",
        "1412.99999",
        "2213.00001",
        "2203.15556v0",
        "foo/1234567",
        "https://example.com/abs/2203.15556",
        "https://arxiv.org/list/cs.CL/new",
        "３２０３.15556",
        "2203.15556 and more",
    ],
)
def test_no_id_without_a_paper(text: str) -> None:
    """M71: wrong months, lengths, archives, hosts and digits are no paper."""
    assert paper_id(text) == ("", None)


@pytest.mark.parametrize(
    ("guid", "link"),
    [
        ("oai:arXiv.org:2203.15556v3", "https://arxiv.org/abs/2203.15556"),
        ("http://arxiv.org/abs/2203.15556v1", ""),
        ("", "https://arxiv.org/abs/2203.15556"),
    ],
)
def test_the_key_has_no_version(guid: str, link: str) -> None:
    """M54: whichever guid a feed or the API gives, the key is the bare id."""
    assert source.entry_key(RawEntry(position=0, guid=guid, link=link)) == "arxiv:2203.15556"


def test_an_error_entry_has_no_key() -> None:
    """M69: the API's error entry is nobody's paper."""
    guid = "https://arxiv.org/api/errors#incorrect_id_format_for_x"

    assert source.entry_key(RawEntry(position=0, guid=guid)) == ""


@pytest.mark.parametrize(
    "keys", [{"query": 'abs:"scaling laws" AND cat:cs.CL'}, {"papers": ("2203.15556v1", "0704.0001")}]
)
def test_the_api_is_always_told_order_and_number(keys: dict[str, object]) -> None:
    """M66: sortBy, sortOrder and max_results are always set, the latter to at most 100."""
    asked = parse_qs(urlsplit(source.feed_url(sub(**keys))).query)

    assert asked["sortBy"] == ["submittedDate"]
    assert asked["sortOrder"] == ["descending"]
    assert asked["max_results"] == ["100"]


def test_a_query_arrives_as_written() -> None:
    """Quotes, spaces and ampersands of a query survive the URL."""
    asked = parse_qs(urlsplit(source.feed_url(sub(query='abs:"R&D"  AND\nau:"O\'Neil"'))).query)

    assert asked["search_query"] == ['abs:"R&D" AND au:"O\'Neil"']


def test_papers_are_asked_for_without_version() -> None:
    """M54: every version of a watched paper is news, so none is asked for by number."""
    asked = parse_qs(urlsplit(source.feed_url(sub(papers=("2203.15556v1", "arXiv:2203.15556", "0704.0001")))).query)

    assert asked["id_list"] == ["2203.15556,0704.0001"]


def test_categories_are_joined_by_a_literal_plus() -> None:
    """Categories go into one feed, joined by a plus that is not encoded."""
    assert source.feed_url(sub(categories=("cs.cl", "cs.LG"))) == "https://rss.arxiv.org/rss/cs.CL+cs.LG"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"categories": ("cs.CL", "cs.LG")}, {"categories": ("cs.lg", "cs.CL")}),
        ({"papers": ("2203.15556v1", "0704.0001")}, {"papers": ("0704.0001", "2203.15556")}),
        ({"query": "all:a  AND all:b"}, {"query": "all:a AND all:b "}),
    ],
)
def test_the_target_is_stable_under_spelling(one: dict[str, object], other: dict[str, object]) -> None:
    """Order, case, versions and spaces do not make another subscription."""
    assert source.target(sub(**one)) == source.target(sub(**other))


def test_all_of_arxiv_is_one_host() -> None:
    """M65: one slot and three seconds for feeds, API and pages; M67: the API gets a minute."""
    urls = [source.feed_url(sub(categories=("cs.CL",))), source.feed_url(sub(query="all:x")), "https://arxiv.org/abs/1"]
    manners = [source.manners(url) for url in urls]

    assert {each.host for each in manners} == {"arxiv.org"}
    assert all(each.delay >= 3 for each in manners)
    assert (manners[1].timeout or 0) >= 60


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        ({}, "needs categories"),
        ({"categories": ("cs.CL", "nonsense")}, "'nonsense' is no arXiv category"),
        ({"categories": ("cs.CL+cs.LG",)}, "no arXiv category"),
        ({"categories": ("cs.CL cs.LG",)}, "no arXiv category"),
        ({"categories": ("https://arxiv.org/list/cs.CL/new",)}, "no arXiv category"),
        ({"papers": ("2203.15556", "12")}, "'12' is no arXiv id"),
        ({"papers": tuple(f"2203.{number:05}" for number in range(101))}, "at most 100"),
    ],
)
def test_a_wrong_target_is_told(keys: dict[str, object], part: str) -> None:
    """A wrong form is named, with an example of the right one; M66: no more papers than results."""
    assert part in source.problem(sub(**keys))


@pytest.mark.parametrize("keys", [{"categories": ("cs.CL", "hep-th")}, {"query": "all:x"}, {"papers": ("2203.15556",)}])
def test_a_right_target_is_no_problem(keys: dict[str, object]) -> None:
    """Right forms pass, and lead to a page for people."""
    assert source.problem(sub(**keys)) == ""
    assert source.site_url(sub(**keys)).startswith("https://arxiv.org/")
    assert source.listing_url(sub(**keys)) == ""
