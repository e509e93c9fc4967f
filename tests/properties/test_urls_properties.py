"""URLs from anywhere: comparing is idempotent, showing is safe, and nothing raises."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.poll.fetch.redact import host_of
from tracker.poll.fetch.redirects import ascii_url, is_plain
from tracker.sources import canonical_url, clean_url, domain, source_for, work_key
from tracker.sources.arxiv import paper_id
from tracker.sources.youtube import video_id

HOSTS = st.sampled_from(
    (
        *("example.com", "www.example.com", "EXAMPLE.com.", "bücher.example", "www.youtube.com", "youtu.be"),
        *("x.substack.com", "open.substack.com", "127.0.0.1:8000", "[::1]", "user:pw@example.com"),
        *("exam\u202eple.com", "arxiv.org"),
    )
)
TAILS = st.text(st.one_of(st.characters(), st.sampled_from("/?#&=%.:@[]<>()`\"' \u202e\u200b\n")), max_size=40)
URLS = st.one_of(st.builds("{}://{}/{}".format, st.sampled_from(["http", "https", "HTTP"]), HOSTS, TAILS), st.text())
IDS = st.from_regex(r"\A[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]\Z")
PAPERS = st.from_regex(r"\A(1[5-9]|2[0-9])(0[1-9]|1[0-2])\.[0-9]{5}\Z")


@given(URLS)
@example("https://example.com/%25%32%35")
@example("https://www.www.example.com//")
@example("https://example.com/\ud800")
@example("0.\u00af")
def test_comparing_twice_changes_nothing(url: str) -> None:
    """The comparable form of a comparable form is itself."""
    once = canonical_url(url)

    assert canonical_url(f"https://{once}") == once or not once


@given(URLS)
@example("http://example.com/'")
def test_what_is_shown_is_the_same_page_and_safe(url: str) -> None:
    """A shown URL is http(s) without anything invisible or dangerous to Markdown and HTML, and showing it twice is once."""
    shown = clean_url(url)

    assert clean_url(shown) == shown
    assert not shown or urlsplit(shown).scheme in {"http", "https"}
    assert not set(shown) & set("<>\"'`\\ \n\t")
    assert all(unicodedata.category(each)[0] not in "CZ" for each in shown)
    assert not shown or urlsplit(shown).netloc.isascii()
    assert not shown or canonical_url(shown) == canonical_url(url)


@given(URLS)
def test_no_text_raises_anything_but_a_sentence(url: str) -> None:
    """Whatever is typed is recognised, or refused with one line that fits a terminal."""
    work_key(url)
    domain(url)
    said = refusal(url)

    assert len(said) < 400
    assert "\n" not in said


def refusal(url: str) -> str:
    try:
        source_for(url)
    except ValueError as error:
        return str(error)
    return ""


@given(IDS, st.sampled_from(["watch?v={}", "watch?a=b&v={}&t=1", "shorts/{}", "live/{}?x", "embed/{}", "v/{}"]))
def test_every_video_url_gives_its_id(video: str, path: str) -> None:
    """M13: the id survives every form of URL."""
    assert video_id(f"https://www.youtube.com/{path.format(video)}") == video
    assert work_key(f"https://youtu.be/{video}") == f"youtube:{video}"


@given(
    PAPERS,
    st.one_of(st.none(), st.integers(1, 99)),
    st.sampled_from(
        (
            *("{}", "arXiv:{}", "oai:arXiv.org:{}", "http://arxiv.org/abs/{}", "https://arxiv.org/pdf/{}.pdf"),
            *("https://www.arxiv.org/html/{}", "https://doi.org/10.48550/arXiv.{}"),
        )
    ),
)
def test_every_paper_url_gives_its_id_and_version(paper: str, version: int | None, form: str) -> None:
    """M71: id and version survive every form."""
    given_id = paper if version is None else f"{paper}v{version}"

    assert paper_id(form.format(given_id)) == (paper, version)


@given(
    st.one_of(URLS, st.from_regex(r"\A(?i:https?://[a-z0-9.-]{1,9}(:[0-9]{1,5})?)[/?][a-z0-9/?&=%.~:@+;#\[\]-]{0,9}\Z"))
)
@example("http://example.com:0080/feed")
@example("https://example.com/feed?")
@example("https://example.com/a;b")
def test_an_address_that_is_taken_for_plain_is_sent_as_it_is(url: str) -> None:
    """What is not looked at closely before it is asked is a web address, and would be written no other way."""
    if is_plain(url):
        assert ascii_url(url) == url
        assert host_of(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/feeds/videos.xml?playlist_id=PL_x-1",
        "https://example.substack.com/feed",
        "https://rss.arxiv.org/atom/cs.CL+cs.LG",
        "http://127.0.0.1:8000/feed",
    ],
)
def test_usual_addresses_are_plain(url: str) -> None:
    """Sources' own addresses are such."""
    assert is_plain(url)
