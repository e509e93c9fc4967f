"""Know arXiv for every stage: categories, queries, papers and authors → feed; the id without version is identity.

Facts: spec M54 to M71; the calendar has a module of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qs, quote, unquote

from tracker.models import RawEntry, SourceName, Subscription
from tracker.sources import arxiv_authors
from tracker.sources.base import Manners, Target, host_of, slot, split

HOUR = 3600.0
API_TIMEOUT = 60.0  # the API stalls for 15 to 30 s before it answers 429 (M67)
MOST_RESULTS = 100  # M66
KEY = "arxiv:"  # begins every paper's key
_PAGES = "https://arxiv.org/abs/"

_ARCHIVE = re.compile(
    "astro-ph|cond-mat|cs|econ|eess|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|nlin|nucl-ex|nucl-th|physics|q-bio"
    "|q-fin|quant-ph|stat"
)
_OLD_ARCHIVE = re.compile(
    "acc-phys|adap-org|alg-geom|ao-sci|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|dg-ga|funct-an|mtrl-th"
    "|patt-sol|plasm-ph|q-alg|solv-int|supr-con"
)
_CATEGORY = re.compile(
    r"([a-z]+(?:-[a-z]+)?)(?:\.(?:[a-z]{2}|[a-z]{2,5}-[a-z]{2,4}|optics|other))?", re.IGNORECASE | re.ASCII
)
_PAPER = re.compile(
    r"(?:(?:oai:)?arxiv(?:\.org)?:|(?:doi:)?10\.48550/arxiv\.)?\s*"
    r"(?:(?P<new>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})|(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2,})?/(?P<old>\d{7}))"
    r"(?:v(?P<version>[1-9]\d{0,3}))?(?:\.pdf)?",
    re.IGNORECASE | re.ASCII,
)
_PAPER_PATH = re.compile(r"/(?:abs|pdf|html|ps|format|e-print|src|papers|arxiv)/(.+?)/?", re.IGNORECASE)
_MIRRORS = frozenset(("ar5iv.org", "alphaxiv.org", "huggingface.co"))
_SEARCH_FIELDS = {"title": "ti", "author": "au", "abstract": "abs", "comments": "co"}


class Arxiv:
    """arXiv categories, searches and single papers."""

    name = SourceName.ARXIV

    def recognise(self, url: str) -> Target | None:
        """See Source; bare ids and categories ("cs.CL", "cs.CL+cs.LG") are known, too."""
        text = url.strip()
        paper, _ = paper_id(text)
        if paper:
            return Target(source=SourceName.ARXIV, papers=(paper,), note="A paper is followed for its new versions.")
        if categories := _categories(text):
            return Target(source=SourceName.ARXIV, categories=categories)
        parts = split(text) if "/" in text else None
        if parts is None or not _is_arxiv(parts):
            return None
        return _from_search(parts) or arxiv_authors.from_page(parts) or _from_path(parts)

    def target(self, sub: Subscription) -> str:
        """See Source; the order of categories, papers and authors does not matter."""
        if sub.categories:
            return f"categories:{'+'.join(sorted(spelt(each) for each in sub.categories))}"
        if sub.papers:
            return f"papers:{','.join(sorted(_papers(sub)))}"
        if sub.authors:
            return f"authors:{','.join(sorted(name.casefold() for name in arxiv_authors.names(sub.authors)))}"
        return f"query:{' '.join(sub.query.split())}"

    def feed_url(self, sub: Subscription) -> str:
        """See Source; a query always says order and number, for the defaults are relevance and 10 (M66)."""
        if sub.categories:
            return f"https://rss.arxiv.org/rss/{'+'.join(spelt(each) for each in sub.categories)}"
        papers = ",".join(_papers(sub))
        asked = f"id_list={papers}" if papers else f"search_query={quote(_query(sub), safe=':()')}"
        order = "sortBy=submittedDate&sortOrder=descending"
        return f"https://export.arxiv.org/api/query?{asked}&{order}&max_results={MOST_RESULTS}"

    def listing_url(self, sub: Subscription) -> str:
        """See Source: there is none."""
        del sub
        return ""

    def site_url(self, sub: Subscription) -> str:
        """See Source."""
        if sub.categories:
            return f"https://arxiv.org/list/{spelt(sub.categories[0])}/new"
        if sub.papers:
            return f"{_PAGES}{_papers(sub)[0]}"
        if sub.authors:
            return arxiv_authors.search_page(sub.authors)
        return f"https://arxiv.org/search/?query={quote(' '.join(sub.query.split()), safe='')}&searchtype=all"

    def manners(self, url: str) -> Manners:
        """See Source; one slot for all of arXiv (M65), patience with the API (M67), its results change daily."""
        host, delay = slot(url)
        parts = split(url)
        is_api = parts is not None and parts.path.startswith("/api/")
        return Manners(host=host, delay=delay, timeout=API_TIMEOUT if is_api else None, interval=24 * HOUR)

    def entry_key(self, raw: RawEntry) -> str:
        """See Source (M54)."""
        return paper_key(raw.guid) or paper_key(raw.link)

    def problem(self, sub: Subscription) -> str:
        """See Source."""
        if sub.categories:
            wrong = (each for each in sub.categories if not _is_category(each))
            return "".join(_category_problem(each) for each in list(wrong)[:1])
        if sub.papers:
            return _papers_problem(sub.papers)
        if sub.authors:
            return arxiv_authors.problem(sub.authors)
        wanted = 'needs categories = ["cs.CL"], query = \'abs:"…"\', papers = ["…"] or authors = ["…"]'
        return "" if sub.query.strip() else wanted


def paper_id(text: str) -> tuple[str, int | None]:
    """Find the id without version, and the version, in any of an id's forms and wrappers; ("", None) without (M71)."""
    text = text.strip()
    if "//" in text or text.lower().startswith(("arxiv.org/", "www.arxiv.org/", "doi.org/")):
        text = _wrapped(text)
    found = _PAPER.fullmatch(text)
    if found is None:
        return "", None
    version = int(found["version"]) if found["version"] else None
    if found["new"]:
        # Five digits after the point since January 2015, four before.
        return (found["new"], version) if len(found["new"]) == (10 if found["new"] >= "1501" else 9) else ("", None)
    archive = found["archive"].lower()
    is_known = _ARCHIVE.fullmatch(archive) or _OLD_ARCHIVE.fullmatch(archive)
    return (f"{archive}/{found['old']}", version) if is_known else ("", None)


def paper_key(text: str) -> str:
    """Give the key under which a paper is stored, of any of its id's forms and wrappers, "" without one."""
    paper = paper_id(text)[0]
    return f"{KEY}{paper}" if paper else ""


def paper_url(key: str) -> str:
    """Give the address of the page of a paper that is stored under a key."""
    return f"{_PAGES}{key.removeprefix(KEY)}"


def _wrapped(url: str) -> str:
    """Take an id out of the URL around it."""
    parts = split(url)
    if parts is None:
        return ""
    path = unquote(parts.path)
    if host_of(parts) in {"doi.org", "dx.doi.org"}:
        return path.removeprefix("/")
    found = _PAPER_PATH.fullmatch(path) if _is_arxiv(parts) or host_of(parts) in _MIRRORS else None
    return found[1] if found else ""


def _is_arxiv(parts: SplitResult) -> bool:
    host = host_of(parts)
    return host == "arxiv.org" or host.endswith(".arxiv.org")


def _from_search(parts: SplitResult) -> Target | None:
    """Recognise a query of the API, or the search page's, which is put into the API's words."""
    query = parse_qs(parts.query)
    if papers := [paper_id(each)[0] for each in _first(query, "id_list").split(",")]:
        known = tuple(dict.fromkeys(each for each in papers if each))
        if known:
            return Target(source=SourceName.ARXIV, papers=known)
    if asked := _first(query, "search_query"):
        authors = arxiv_authors.from_query(asked)
        return Target(source=SourceName.ARXIV, authors=authors, query="" if authors else asked)
    words = _first(query, "query") if parts.path.startswith("/search") else ""
    if not words:
        return None
    field = _SEARCH_FIELDS.get(_first(query, "searchtype"), "all")
    return (arxiv_authors.from_words(words) if field == "au" else None) or _from_words(words, field)


def _from_words(words: str, field: str) -> Target:
    terms = re.findall(r'"[^"]+"|[^\s"]+', words)
    return Target(
        source=SourceName.ARXIV,
        query=" AND ".join(f"{field}:{term}" for term in terms),
        note="The search page's words are put into a query of arXiv's API.",
    )


def _from_path(parts: SplitResult) -> Target | None:
    """Recognise a category's listing, archive page or feed."""
    segments = [each for each in unquote(parts.path).split("/") if each]
    if len(segments) < 2 or segments[0] not in {"list", "archive", "rss", "atom"}:
        return None
    categories = _categories(segments[1])
    if not categories:
        raise ValueError(_category_problem(segments[1]))
    return Target(source=SourceName.ARXIV, categories=categories)


def _categories(text: str) -> tuple[str, ...]:
    """Read one category or several joined by "+"; () when any is none."""
    given = [each for each in re.split(r"[+ ]", text) if each]
    are_known = all(_is_category(each) for each in given)
    return tuple(dict.fromkeys(spelt(each) for each in given)) if are_known else ()


def _is_category(text: str) -> bool:
    """Check the archive and the form only: arXiv adds subjects, and answers 400 where there is none."""
    found = _CATEGORY.fullmatch(text)
    return found is not None and _ARCHIVE.fullmatch(found[1].lower()) is not None


def spelt(category: str) -> str:
    """Spell a category as arXiv does: two-letter subjects are upper case, the others lower."""
    archive, dot, subject = category.strip().partition(".")
    return f"{archive.lower()}{dot}{subject.upper() if len(subject) == 2 else subject.lower()}"


def _papers(sub: Subscription) -> tuple[str, ...]:
    """Give the ids without versions: every version is asked for."""
    return tuple(dict.fromkeys(paper_id(each)[0] or each for each in sub.papers))


def _query(sub: Subscription) -> str:
    return arxiv_authors.query(sub.authors) if sub.authors else " ".join(sub.query.split())


def _first(query: dict[str, list[str]], name: str) -> str:
    return query.get(name, [""])[0].strip()


def _category_problem(given: str) -> str:
    return f'{given[:80]!r} is no arXiv category: expected one such as "cs.CL" (https://arxiv.org/category_taxonomy)'


def _papers_problem(papers: Iterable[str]) -> str:
    given = tuple(papers)
    if len(given) > MOST_RESULTS:
        return f"papers: {len(given)} are too many for one table; at most {MOST_RESULTS}"
    wrong = [each for each in given if not paper_id(each)[0]]
    return f'papers: {wrong[0][:80]!r} is no arXiv id: expected one such as "2203.15556"' if wrong else ""
