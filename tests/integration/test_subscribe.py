"""A URL is worked out against real servers on loopback: what it is, what will arrive, or why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import make_config, make_subscription
from tests.internet import Internet
from tests.internet_feeds import Paper, Post, arxiv_api, arxiv_rss, atom, substack_rss
from tests.internet_replies import Reply
from tests.internet_youtube import Channel, Video, YouTube
from tracker import config as configuration
from tracker.models import Config, SourceName, Subscription
from tracker.poll.fetch import Fetcher
from tracker.subscribe import Proposal, Wishes, append_table, examine, table

NOW = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)  # a Wednesday; the open window began on Wednesday the 18th
SATURDAY = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
KARPATHY = Channel(id="UCXUPKJO5MZQN11PqgIvyuvQ", title="Andrej Karpathy", handle="@AndrejKarpathy")
PLAYLIST = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
HTML = "text/html; charset=utf-8"

Ask = Callable[..., Proposal]


@pytest.fixture
def ask(net: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Examine a text with nothing but the box around, and these subscriptions in feeds.toml."""
    for name, value in net.environ().items():
        monkeypatch.setenv(name, value)

    def ask(text: str, *followed: Subscription, now: datetime = NOW, **wishes: object) -> Proposal:
        config = make_config(tmp_path / "feeds.toml", subscriptions=followed)
        fetcher = Fetcher(config.http, contact=config.contact)
        return examine(text, config, fetcher, now=now, wishes=Wishes(**wishes))  # type: ignore[arg-type] # by keyword

    return ask


def subscription(proposal: Proposal) -> Subscription:
    assert proposal.problem == ""
    assert proposal.subscription is not None
    return proposal.subscription


def videos(count: int, *, first: datetime = NOW - timedelta(days=400)) -> list[Video]:
    """Make videos that are a week apart, in playlist order; ids end in a letter that YouTube's can end in."""
    return [
        Video(
            id=f"vid{number:07}A",
            title=f"Lecture {number}",
            published=first + timedelta(weeks=number),
            channel=KARPATHY,
        )
        for number in range(count)
    ]


def posts(count: int, *, days: float = 7) -> list[Post]:
    """Make posts, newest first, so many days apart, the newest a day old."""
    newest = NOW - timedelta(days=1)
    return [
        Post(slug=f"p{number}", title=f"Post {number}", published=newest - number * timedelta(days=days), author="Ines")
        for number in range(count)
    ]


def page(head: str, *, body: str = "") -> str:
    return f"<!doctype html><html><head><title>A page</title>{head}</head><body>{body}</body></html>"


def link(href: str, *, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


# ---------------------------------------------------------------- YouTube


def test_a_playlist_is_its_whole_list(ask: Ask, net: Internet) -> None:
    """M9: a playlist longer than its feed is listed, so that all of it is counted; what is old is backlog (M5)."""
    YouTube(net).playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(20))
    proposal = ask(f"https://www.youtube.com/playlist?list={PLAYLIST}", course=True)
    found = subscription(proposal)
    assert (found.id, found.playlist, found.title, found.course) == ("zero-to-hero", PLAYLIST, "Zero to Hero", True)
    assert (proposal.kind, proposal.entries, proposal.news, proposal.backlog) == ("YouTube playlist", 20, 0, 20)
    assert any("first 15" in note for note in proposal.notes)


def test_a_short_playlist_is_its_feed(ask: Ask, net: Internet) -> None:
    """What the feed holds in full is not listed, too: one request is enough."""
    YouTube(net).playlist(
        PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(3, first=NOW - timedelta(days=15))
    )
    proposal = ask(PLAYLIST)
    assert (proposal.entries, proposal.news, proposal.backlog) == (3, 1, 2)
    assert proposal.newest == NOW - timedelta(days=1)
    assert [seen.path for seen in net.requests] == ["/feeds/videos.xml"]
    assert proposal.notes == ()


@pytest.mark.parametrize(
    "text", ["@AndrejKarpathy", "https://www.youtube.com/@AndrejKarpathy", "youtube.com/c/andrejkarpathy"]
)
def test_a_handle_becomes_the_lasting_id(ask: Ask, net: Internet, text: str) -> None:
    """M18: a handle or legacy name is asked once, and what is written is the id."""
    YouTube(net).channel(KARPATHY, videos=videos(2), legacy=["/c/andrejkarpathy"])
    proposal = ask(text)
    assert subscription(proposal).channel == KARPATHY.id
    assert (proposal.kind, proposal.found_title) == ("YouTube channel", "Andrej Karpathy")
    assert proposal.notes[0] == 'The name leads to the channel "Andrej Karpathy".'


def test_a_video_page_leads_to_its_channel(ask: Ask, net: Internet) -> None:
    """A video without a playlist is its channel's; with one, the playlist is meant."""
    youtube = YouTube(net)
    youtube.channel(KARPATHY, videos=videos(1))
    youtube.video(videos(1)[0])
    youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(1))
    alone = ask("https://youtu.be/vid0000000A")
    assert subscription(alone).channel == KARPATHY.id
    assert alone.notes[0] == "The video's channel is followed."
    listed = ask(f"https://www.youtube.com/watch?v=vid0000000A&list={PLAYLIST}")
    assert subscription(listed).playlist == PLAYLIST
    assert listed.notes[0] == "The playlist is followed, not the single video."


def test_a_feed_that_is_down_is_listed(ask: Ask, net: Internet) -> None:
    """M19: a 404 of YouTube's feed is no proof: the other door is tried."""
    YouTube(net).playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(3))
    net.fail("https://www.youtube.com/feeds/videos.xml", 404)
    proposal = ask(PLAYLIST)
    assert (subscription(proposal).title, proposal.entries, proposal.backlog) == ("Zero to Hero", 3, 3)
    assert any("feed did not answer" in note for note in proposal.notes)


def test_a_playlist_that_is_not_there_is_told(ask: Ask, net: Internet) -> None:
    """When both doors say so, there is nothing to add."""
    YouTube(net).missing(PLAYLIST)
    proposal = ask(PLAYLIST)
    assert proposal.problem.startswith("could not look at it: ")
    assert proposal.subscription is None


def test_a_host_that_wants_peace_is_not_asked_twice(ask: Ask, net: Internet) -> None:
    """After 429 the whole host waits: the other door is not tried."""
    YouTube(net).playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(3))
    net.fail("www.youtube.com", 429)
    assert "could not look at it" in ask(PLAYLIST).problem
    assert len(net.requests) == 1


def test_a_listing_that_fails_leaves_the_feed(ask: Ask, net: Internet) -> None:
    """A long playlist is proposed from its first 15 when its list cannot be had now."""
    YouTube(net).playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(20))
    net.fail("https://www.youtube.com/playlist", 500)
    net.fail("https://www.youtube.com/youtubei/v1/browse", 500)
    assert ask(PLAYLIST).entries == 15


def test_shorts_of_a_channel_are_told(ask: Ask, net: Internet) -> None:
    """Who follows a channel hears how much of it are Shorts, and that they are left out."""
    some = [Video(id=f"sho{number:07}A", title="S", is_short=number < 2, published=NOW) for number in range(5)]
    YouTube(net).channel(KARPATHY, videos=some)
    assert any(note.startswith("2 of the newest 5 are Shorts") for note in ask(KARPATHY.id).notes)


def test_a_list_that_is_appended_to_is_told(ask: Ask, net: Internet) -> None:
    """M9: what is put at a long playlist's end is out of its feed's reach, and the oldest dates tell no pace."""
    YouTube(net).playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(60))
    proposal = ask(PLAYLIST)
    assert (proposal.order, proposal.newest, proposal.per_week, proposal.minutes) == ("oldest first", None, None, None)
    assert any(note.startswith("New ones are put at its end") for note in proposal.notes)


def test_a_list_with_the_newest_first_is_told(ask: Ask, net: Internet) -> None:
    """Where the newest stand first, the feed shows them, and nothing is warned of but the window."""
    YouTube(net).playlist(PLAYLIST, title="Talks", owner=KARPATHY, videos=videos(58)[::-1])
    proposal = ask(PLAYLIST)
    assert proposal.order == "newest first"
    assert proposal.minutes == pytest.approx(10 * (proposal.per_week or 0))
    assert not any("at its end" in note for note in proposal.notes)


def test_a_channels_narrow_window_is_told(ask: Ask, net: Internet) -> None:
    """M8: a channel with more than fifteen videos a week outruns its feed in less."""
    some = [
        Video(id=f"fas{number:07}A", title="F", published=NOW - number * timedelta(hours=6), channel=KARPATHY)
        for number in range(15)
    ]
    YouTube(net).channel(KARPATHY, videos=some)
    notes = ask(KARPATHY.id).notes
    assert (
        "It shows only the newest 15, about four days: after a longer pause the channel's page is read, too (yt-dlp)."
        in notes
    )
    assert any(note.startswith(("It is busy, about 2", "It is busy, about 3")) for note in notes)


# ---------------------------------------------------------------- arXiv


def papers(count: int) -> list[Paper]:
    return [
        Paper(id=f"2611.{90000 + number}", title=f"Paper {number}", authors="A, B", abstract="We.")
        for number in range(count)
    ]


def test_a_category_is_a_batch_a_day(ask: Ask, net: Internet) -> None:
    """The day's batch is news, and comes five times a week."""
    net.serve("https://rss.arxiv.org/rss/cs.CL", arxiv_rss(NOW.date(), papers(30)))
    proposal = ask("https://arxiv.org/list/cs.CL/recent")
    found = subscription(proposal)
    assert (found.id, found.categories, found.title) == ("arxiv-cs-cl", ("cs.CL",), "arXiv cs.CL")
    assert (proposal.kind, proposal.entries, proposal.news, proposal.per_week) == ("arXiv category", 30, 30, 150.0)


def test_an_empty_weekend_is_no_fault(ask: Ask, net: Internet) -> None:
    """M53: on a weekend the feed is empty, and the reader hears when it is not."""
    net.serve("https://rss.arxiv.org/rss/cs.CL", arxiv_rss(SATURDAY.date(), ()))
    proposal = ask("cs.CL", now=SATURDAY)
    assert subscription(proposal).categories == ("cs.CL",)
    assert (proposal.entries, proposal.per_week) == (0, None)
    assert proposal.notes == ("arXiv announces nothing today; the next papers come on Monday 30 November.",)


def test_an_empty_feed_on_a_working_day_is_early(ask: Ask, net: Internet) -> None:
    """Before the batch is ready the feed is empty, too."""
    net.serve("https://rss.arxiv.org/rss/cs.CL", arxiv_rss(NOW.date(), ()))
    assert ask("cs.CL").notes == (
        "It is empty now, although arXiv announces papers today: they come later in the day.",
    )


def test_a_category_could_join_a_table(ask: Ask, net: Internet) -> None:
    """Categories in one table are one request and no paper twice; a name makes a table all the same."""
    net.serve("https://rss.arxiv.org/rss/cs.CV", arxiv_rss(NOW.date(), papers(1), categories="cs.CV"))
    other = make_subscription(id="papers", categories=("cs.CL", "cs.LG"), line=7)
    proposal = ask("cs.CV", other)
    assert proposal.joins == "papers"
    assert 'could join "papers" (line 7 of feeds.toml)' in proposal.problem
    assert 'categories = ["cs.CL", "cs.LG", "cs.CV"]' in proposal.problem
    named = ask("cs.CV", other, id="vision")
    assert (named.problem, named.joins, subscription(named).id) == ("", "", "vision")


def test_a_category_that_is_followed_is_told(ask: Ask, net: Internet) -> None:
    """One of several in a table is followed already; nobody is asked for that."""
    other = make_subscription(id="papers", categories=("cs.CL", "cs.LG"))
    assert ask("cs.lg", other).problem == 'already subscribed: it is "papers"'
    assert net.requests == []


def test_a_category_that_arxiv_does_not_know_is_told(ask: Ask, net: Internet) -> None:
    """M61: a wrong category is a 400, whatever its body."""
    net.answer("https://rss.arxiv.org/rss/cs.QQ", Reply(status=400, body=arxiv_rss(NOW.date(), ())))
    assert ask("cs.QQ").problem == "arXiv knows no category cs.QQ"


def test_a_search_a_person_and_a_paper_are_queries(ask: Ask, net: Internet) -> None:
    """The search page's words become the API's; a person is followed by name, a paper is followed for its versions."""
    net.serve("https://export.arxiv.org/api/query", arxiv_api(papers(2), NOW - timedelta(days=1)))
    search = ask('https://arxiv.org/search/?query="scaling+laws"&searchtype=abstract')
    assert subscription(search).query == 'abs:"scaling laws"'
    assert (search.kind, subscription(search).title, search.news) == ("arXiv search", 'arXiv: abs:"scaling laws"', 2)
    person = ask("https://arxiv.org/search/?query=Andrej+Karpathy&searchtype=author")
    assert subscription(person).authors == ("Andrej Karpathy",)
    assert (person.kind, subscription(person).id, person.news) == ("arXiv author", "arxiv-andrej-karpathy", 2)
    assert 'authors = ["Andrej Karpathy"]' in table(subscription(person))
    paper = ask("https://arxiv.org/abs/2203.15556v1")
    assert (subscription(paper).papers, subscription(paper).title) == (("2203.15556",), "Paper 0")


# ---------------------------------------------------------------- Substack


def test_a_publication_is_known_by_its_host(ask: Ask, net: Internet) -> None:
    """A post, the home or the feed on substack.com are the publication; paid posts are counted."""
    made = [*posts(3), Post(slug="paid", title="Paid", published=NOW - timedelta(days=60), is_paywalled=True)]
    net.serve("https://example.substack.com/feed", substack_rss("Example", "https://example.substack.com", made))
    proposal = ask("https://example.substack.com/p/p1?utm_source=x")
    found = subscription(proposal)
    assert (found.source, found.publication) == (SourceName.SUBSTACK, "https://example.substack.com")
    assert (found.id, proposal.kind, proposal.entries, proposal.news) == ("example", "Substack publication", 4, 1)
    assert "1 of 4 posts are for paying readers; their previews come." in proposal.notes
    assert proposal.per_week == pytest.approx(4 / (59 / 7), rel=0.1)


@pytest.mark.parametrize(
    "url", ["https://letters.example/p/p1", "https://letters.example", "https://letters.example/feed"]
)
def test_a_domain_of_its_own_is_a_publication(ask: Ask, net: Internet, url: str) -> None:
    """What the page or the feed says made it is believed: the URL alone cannot tell."""
    home = page('<meta name="generator" content="Substack">' + link("/feed"))
    for each in ("https://letters.example/", "https://letters.example/p/p1"):
        net.serve(each, home, content_type=HTML)
    net.serve("https://letters.example/feed", substack_rss("Letters", "https://letters.example", posts(2)))
    found = subscription(ask(url))
    assert (found.source, found.publication, found.id) == (SourceName.SUBSTACK, "https://letters.example", "letters")


def test_a_publication_that_moved_is_followed_to_its_domain(ask: Ask, net: Internet) -> None:
    """M46: the subdomain's 301 leads to the domain that is proposed, and known if it is followed already."""
    net.redirect("https://old.substack.com/feed", "https://letters.example/feed")
    net.serve("https://letters.example/feed", substack_rss("Letters", "https://letters.example", posts(2)))
    proposal = ask("https://old.substack.com")
    assert subscription(proposal).publication == "https://letters.example"
    assert proposal.notes[0] == "https://old.substack.com has moved to https://letters.example."
    followed = make_subscription(id="l", publication="https://www.letters.example/")
    assert ask("https://old.substack.com", followed).problem == 'already subscribed: it is "l"'


def test_an_unknown_publication_is_told(ask: Ask, net: Internet) -> None:
    """M47: 302 to another name and 404 there is no publication."""
    net.redirect("https://my-letters.substack.com/feed", "https://myletters.substack.com/feed", status=302)
    net.fail("https://myletters.substack.com/feed", 404)
    assert (
        ask("https://my-letters.substack.com").problem == "there is no publication at https://my-letters.substack.com"
    )


def test_a_guess_of_substacks_is_no_move(ask: Ask, net: Internet) -> None:
    """M47: an unknown name leads to the one without hyphens, which is somebody else's."""
    net.redirect("https://my-letters.substack.com/feed", "https://myletters.substack.com/feed", status=302)
    net.serve("https://myletters.substack.com/feed", substack_rss("Other", "https://myletters.substack.com", posts(2)))
    proposal = ask("https://my-letters.substack.com")
    assert subscription(proposal).publication == "https://myletters.substack.com"
    assert proposal.notes[0].startswith("There is no publication at https://my-letters.substack.com; Substack leads to")


def test_an_authors_page_without_a_newsletter_is_told(ask: Ask, net: Internet) -> None:
    """M47: an author's name is only tried; when nothing is there, the newsletter's address is asked for."""
    net.fail("https://ines.substack.com/feed", 404)
    assert ask("https://substack.com/@ines").problem == (
        "there is no publication at https://ines.substack.com (An author's page names no newsletter; the one of the "
        "same name is tried; give the newsletter's own address)"
    )


@pytest.mark.parametrize(
    ("episodes", "kind"),
    [
        (0, "Substack publication"),
        (1, "Substack publication, 1 of 2 are episodes of a podcast"),
        (2, "Substack podcast"),
    ],
)
def test_podcasts_are_told_from_posts(ask: Ask, net: Internet, episodes: int, kind: str) -> None:
    """M43: only sound or film makes a post an episode; every post has a picture as enclosure."""
    feed = substack_rss("Letters", "https://example.substack.com", posts(2)).decode()
    net.serve("https://example.substack.com/feed", feed.replace("image/jpeg", "audio/mpeg", episodes))
    assert ask("https://example.substack.com").kind == kind


# ---------------------------------------------------------------- the rest of the web


def test_a_week_is_told_in_minutes(ask: Ask, net: Internet) -> None:
    """Posts take as long as their words at 230 a minute."""
    some = [replace(each, html=f"<p>{'word ' * 1150}</p>") for each in posts(10)]
    net.serve("https://blog.example/atom.xml", atom("Weeknight ML", "https://blog.example", some))
    proposal = ask("https://blog.example/atom.xml")
    assert proposal.minutes == pytest.approx(5 * (proposal.per_week or 0))


def test_a_busy_feeds_narrow_window_is_told(ask: Ask, net: Internet) -> None:
    """What scrolls out of a blog's feed has no other door."""
    net.serve("https://blog.example/atom.xml", atom("Wire", "https://blog.example", posts(20, days=0.1)))
    notes = ask("https://blog.example/atom.xml").notes
    assert notes[0] == (
        "It shows only the newest 20, about three days: what comes and goes while tracker is not running is lost."
    )


def test_a_feed_is_a_feed(ask: Ask, net: Internet) -> None:
    """RSS, Atom or JSON Feed by its own address: title, rate and what is news."""
    net.serve("https://blog.example/atom.xml", atom("Weeknight ML", "https://blog.example", posts(10)))
    proposal = ask("blog.example/atom.xml")
    found = subscription(proposal)
    assert (found.source, found.url, found.id) == (SourceName.WEB, "https://blog.example/atom.xml", "weeknight-ml")
    assert (proposal.kind, proposal.entries, proposal.news, proposal.backlog) == ("feed", 10, 1, 9)
    assert proposal.newest == NOW - timedelta(days=1)
    assert proposal.per_week == pytest.approx(1.1, abs=0.1)
    assert proposal.notes == ()


@pytest.mark.parametrize(("backlog", "news"), [(4, 5), ("all", 10), (0, 1), (date(2026, 10, 27), 5)])
def test_the_readers_backlog_is_reckoned_with(ask: Ask, net: Internet, backlog: object, news: int) -> None:
    """What the first issue will hold beside this week's post depends on `backlog`, by the rule of the poll."""
    net.serve("https://blog.example/atom.xml", atom("Weeknight ML", "https://blog.example", posts(10)))
    proposal = ask("https://blog.example/atom.xml", backlog=backlog)
    assert (proposal.news, proposal.backlog) == (news, 10 - news)


def test_a_page_names_its_feed(ask: Ask, net: Internet) -> None:
    """The link in a page's head is followed from its base; a feed of comments is not meant."""
    head = '<base href="/blog/">' + link("comments/feed", title="Comments") + link("feed.xml?a=1&amp;b=2")
    net.serve("https://blog.example/", page(head), content_type=HTML)
    net.serve("https://blog.example/blog/feed.xml?a=1&b=2", atom("Weeknight ML", "https://blog.example", posts(1)))
    proposal = ask("https://blog.example/#top")
    assert subscription(proposal).url == "https://blog.example/blog/feed.xml?a=1&b=2"
    assert proposal.notes == ("The page https://blog.example/ names this feed.",)


def test_a_page_with_several_feeds_is_a_choice(ask: Ask, net: Internet) -> None:
    """Several feeds are listed, and the reader gives the address of one."""
    head = link("/rss") + link("/de.xml", kind="application/atom+xml; charset=utf-8") + link("/rss")
    net.serve("https://blog.example/", page(head), content_type=HTML)
    proposal = ask("https://blog.example/")
    assert proposal.problem == "https://blog.example/ has 2 feeds; give the address of one"
    assert proposal.choices == ("https://blog.example/rss", "https://blog.example/de.xml")
    assert len(net.requests) == 1


def test_a_page_that_names_no_feed_is_tried(ask: Ask, net: Internet) -> None:
    """Feeds stand where they usually do, even where the page is silent; a page that answers everything is none."""
    for path in ("/", "/feed", "/rss"):
        net.serve(f"https://blog.example{path}", page(""), content_type=HTML)
    net.serve("https://blog.example/index.xml", atom("Weeknight ML", "https://blog.example", posts(1)))
    proposal = ask("https://blog.example/")
    assert subscription(proposal).url == "https://blog.example/index.xml"
    assert "found by trying" in proposal.notes[0]
    assert [seen.path for seen in net.requests] == ["/", "/feed", "/rss", "/atom.xml", "/index.xml"]


@pytest.mark.parametrize("status", [429, 403])
def test_trying_ends_where_a_host_refuses(ask: Ask, net: Internet, status: int) -> None:
    """A host that says no is not asked for the next guess."""
    net.serve("https://blog.example/", page(""), content_type=HTML)
    net.fail("https://blog.example/feed", status)
    assert ask("https://blog.example/").problem.startswith("could not look at it: blog.example ")
    assert [seen.path for seen in net.requests] == ["/", "/feed"]


def test_a_page_without_a_feed_says_what_was_tried(ask: Ask, net: Internet) -> None:
    """No feed anywhere: where was looked is told."""
    net.serve("https://blog.example/about", page(""), content_type=HTML)
    assert ask("https://blog.example/about").problem == (
        'https://blog.example/about has no feed: the page names none (link rel="alternate"), '
        "and none stands at /feed, /rss, /atom.xml, /index.xml, /feed.xml"
    )


def test_a_page_whose_feed_is_a_page_is_told(ask: Ask, net: Internet) -> None:
    """M7: a link that leads to HTML is no feed."""
    net.serve("https://blog.example/", page(link("/feed")), content_type=HTML)
    net.serve("https://blog.example/feed", page(""), content_type=HTML)
    assert ask("https://blog.example/").problem == (
        "the page points to https://blog.example/feed as its feed, but that is a page, too"
    )


def test_what_is_neither_feed_nor_page_is_told(ask: Ask, net: Internet) -> None:
    """A picture is named as no feed and no page."""
    net.serve("https://blog.example/x.png", b"\x89PNG\r\n\x1a\n" + bytes(100), content_type="image/png")
    assert ask("https://blog.example/x.png").problem.startswith("https://blog.example/x.png is no feed and no page: ")


def test_a_page_that_leads_to_a_channel_is_the_channel(ask: Ask, net: Internet) -> None:
    """A short link or a page's own link into YouTube is followed as YouTube."""
    YouTube(net).channel(KARPATHY, videos=videos(1))
    net.redirect("https://short.example/k", f"https://www.youtube.com/channel/{KARPATHY.id}", status=302)
    feed = f"https://www.youtube.com/feeds/videos.xml?channel_id={KARPATHY.id}"
    net.serve("https://blog.example/", page(link(feed)), content_type=HTML)
    assert subscription(ask("https://short.example/k")).channel == KARPATHY.id
    assert subscription(ask("https://blog.example/")).channel == KARPATHY.id


def test_a_redirect_is_proposed_where_it_leads(ask: Ask, net: Internet) -> None:
    """The final address is written, and it is said that the given one leads there."""
    net.redirect("https://old.example/feed", "https://blog.example/atom.xml")
    net.serve("https://blog.example/atom.xml", atom("Weeknight ML", "https://blog.example", posts(1)))
    proposal = ask("https://old.example/feed")
    assert subscription(proposal).url == "https://blog.example/atom.xml"
    assert proposal.notes == ("https://old.example/feed leads to https://blog.example/atom.xml.",)


def test_an_empty_feed_is_no_fault(ask: Ask, net: Internet) -> None:
    """M6: a feed without entries can be followed."""
    net.serve("https://blog.example/atom.xml", atom("Weeknight ML", "https://blog.example", ()))
    proposal = ask("https://blog.example/atom.xml")
    assert (proposal.entries, proposal.newest, proposal.per_week) == (0, None, None)
    assert proposal.notes == ("It has no entries yet; that is no error.",)


def test_a_busy_feed_gets_a_word_about_filters(ask: Ask, net: Internet) -> None:
    """More than a page can bear is told before it comes."""
    net.serve("https://blog.example/atom.xml", atom("Ticker", "https://blog.example", posts(60, days=0.2)))
    assert any(note.startswith("It is busy, about ") for note in ask("https://blog.example/atom.xml").notes)


def test_a_title_that_fits_nothing_is_told(ask: Ask, net: Internet) -> None:
    """M1: ids and addresses are mislabelled often: the feed's own title is held against the reader's."""
    net.serve("https://blog.example/atom.xml", atom("Weeknight ML", "https://blog.example", posts(1)))
    wrong = ask("https://blog.example/atom.xml", title="Karpathy's blog")
    assert (wrong.found_title, subscription(wrong).title) == ("Weeknight ML", "Karpathy's blog")
    assert "The feed calls itself “Weeknight ML”, which has no word of your title." in wrong.notes
    assert ask("https://blog.example/atom.xml", title="ML at night").notes == ()


@pytest.mark.parametrize(
    "text",
    ["https://BLOG.example/atom.xml/", "http://www.blog.example/atom.xml", "https://blog.example/"],
)
def test_what_is_followed_is_told(ask: Ask, net: Internet, text: str) -> None:
    """The same feed under another spelling, or behind its page, is named by its id and line."""
    net.serve("https://blog.example/", page(link("/atom.xml")), content_type=HTML)
    net.serve("https://blog.example/atom.xml", atom("Weeknight ML", "https://blog.example", posts(1)))
    other = make_subscription(id="wml", url="https://blog.example/atom.xml", line=3, paused=True)
    assert ask(text, other).problem == 'already subscribed: it is "wml" (line 3 of feeds.toml, paused)'


@pytest.mark.parametrize("text", ["", "file:///etc/passwd", "javascript:alert(1)", "https://substack.com/inbox"])
def test_what_cannot_be_followed_is_told(ask: Ask, net: Internet, text: str) -> None:
    """M35: other schemes and pages that are nobody's feed end in a sentence, without a request."""
    proposal = ask(text)
    assert proposal.problem
    assert proposal.subscription is None
    assert net.requests == []


def test_a_fault_on_the_way_is_told_with_its_remedy(ask: Ask, net: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network and a host in trouble differ; nothing is promised to be tried again, as a poll would."""
    net.fail("blog.example", 503)
    away = ask("https://blog.example/").problem
    assert away.startswith("could not look at it: blog.example answered 503")
    assert away.endswith(" Try again later.")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert ask("https://blog.example/").problem.endswith(" Check the network, then try again.")


def test_a_page_that_is_too_long_is_told(ask: Ask, net: Internet, tmp_path: Path) -> None:
    """max_body holds for pages, too."""
    net.serve("https://blog.example/", page("", body="x" * 100_000), content_type=HTML)
    small = configuration.loads(b'[http]\nhost_delay = "0s"\nmax_body = "20kB"', tmp_path / "feeds.toml")
    proposal = examine("https://blog.example/", small, Fetcher(small.http, contact=""), now=NOW)
    assert proposal.problem.startswith("could not look at it: ")


def test_a_feed_without_ascii_or_dates_has_an_id(ask: Ask, net: Internet) -> None:
    """Where a title gives no id the host does; without dates, what is new to us will be news, and so it is said."""
    items = "".join(f"<item><title>{each}</title><link>https://blog.example/{each}</link></item>" for each in range(3))
    net.serve("https://www.blog.example/rss", f"<rss version='2.0'><channel><title>日本</title>{items}</channel></rss>")
    proposal = ask("https://www.blog.example/rss")
    assert (subscription(proposal).id, subscription(proposal).title) == ("blog-example", "日本")
    assert (proposal.newest, proposal.per_week) == (None, None)
    assert proposal.notes == ("Its entries have no dates: those that are new to us will be news.",)


# ---------------------------------------------------------------- hostile


@pytest.mark.parametrize(
    "head",
    [
        link("javascript:alert(1)"),
        link("file:///etc/passwd"),
        '<base href="javascript:x">' + link("data:text/xml,x"),
        "<!-- " + link("/atom.xml") + " -->",
        "<script>'" + link("/atom.xml") + "'</script>",
        link("http://127.0.0.1:1/admin"),
        link("http://[::1]/x") + link("http://localhost/x") + link("http://169.254.169.254/latest"),
        link("http://[broken/") + link("/\x1b[31m") + link(""),
        "<link " * 5000,
        "<!--" * 5000,
    ],
)
def test_a_hostile_page_leads_nowhere(ask: Ask, net: Internet, head: str) -> None:
    """No other scheme, nothing in comments or scripts, nothing into a private network is asked."""
    net.serve("https://blog.example/", page(head), content_type=HTML)
    proposal = ask("https://blog.example/")
    assert "the page names none" in proposal.problem
    assert {seen.host for seen in net.requests} == {"blog.example"}
    assert net.strays == []


def test_a_links_body_is_not_a_head(ask: Ask, net: Internet) -> None:
    """What a commenter writes into a page is not the page's word."""
    net.serve("https://blog.example/", page("", body=link("https://evil.example/feed")), content_type=HTML)
    assert "the page names none" in ask("https://blog.example/").problem


def test_a_hostile_title_stays_a_title(ask: Ask, net: Internet, tmp_path: Path) -> None:
    """A feed's title cannot break out of its quotes, add a table or steer a terminal."""
    title = "x\"\n[[feed]]\nid = \"evil\" \u202e\x1b[31m ''' \\ # é"
    rss = f"<rss version='2.0'><channel><title><![CDATA[{title}]]></title></channel></rss>".replace("\x1b", "")
    net.serve("https://blog.example/rss", rss)
    found = subscription(ask("https://blog.example/rss"))
    assert found.title.isprintable()
    path = tmp_path / "feeds.toml"
    path.write_text("[digest]\n")
    append_table(path, table(found))
    (only,) = configuration.load(path).subscriptions
    assert (only.title, only.url) == (found.title, "https://blog.example/rss")


def test_an_answer_of_the_api_is_believed_only_as_an_id(tmp_path: Path) -> None:
    """What a page calls a channel's id is checked before it is written."""

    class Liar:
        def get(self, url: str, *, host: str, delay: float, timeout: float) -> None:
            raise AssertionError(url)

        def resolve(self, url: str) -> dict[str, object]:
            return {"channel_id": "UC/../x", "channel": "X"}

        def fetch(self, requests: object) -> None:
            raise AssertionError(requests)

    config: Config = make_config(tmp_path / "feeds.toml", subscriptions=())
    proposal = examine("@x.y", config, Liar(), now=NOW)  # type: ignore[arg-type] # it never answers
    assert "names no channel" in proposal.problem


# ---------------------------------------------------------------- into the file


def test_what_is_found_can_be_appended(ask: Ask, net: Internet, tmp_path: Path) -> None:
    """From a URL to a table of a feeds.toml that is right, and then known."""
    net.serve("https://blog.example/atom.xml", atom("Weeknight ML", "https://blog.example", posts(1)))
    path = tmp_path / "feeds.toml"
    path.write_text('[http]\nhost_delay = "0s"\n')
    append_table(path, table(subscription(ask("https://blog.example/atom.xml", tags=("blogs",), backlog=3))))
    assert path.read_text() == (
        '[http]\nhost_delay = "0s"\n\n[[feed]]\nid = "weeknight-ml"\nurl = "https://blog.example/atom.xml"\n'
        'title = "Weeknight ML"\ntags = ["blogs"]\nbacklog = 3\n'
    )
    followed = configuration.load(path).subscriptions
    assert ask("https://blog.example/atom.xml", *followed).problem.startswith(
        'already subscribed: it is "weeknight-ml"'
    )


def test_a_second_feed_of_one_name_gets_its_own_id(ask: Ask, net: Internet) -> None:
    """Ids stay unique, however often a title is used."""
    net.serve("https://blog.example/atom.xml", atom("Weeknight ML", "https://blog.example", posts(1)))
    other = make_subscription(id="weeknight-ml", url="https://other.example/")
    assert subscription(ask("https://blog.example/atom.xml", other)).id == "weeknight-ml-2"
