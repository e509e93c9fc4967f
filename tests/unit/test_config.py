"""What feeds.toml means, and what is said about each mistake in it."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfoNotFoundError

import pytest

from tracker import config
from tracker.config.lines import places
from tracker.errors import ConfigError, Problem
from tracker.models import Interests, SourceName

HERE = Path("/somewhere/feeds.toml")
PLAYLIST = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"


def feed(text: str = f'playlist = "{PLAYLIST}"', *, feed_id: str = "a") -> str:
    return f'[[feed]]\nid = "{feed_id}"\n{text}\n'


def set_system_zone(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setattr("tzlocal.unix._cache_tz_name", None)  # tzlocal asks once in a process


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        config.loads(text.encode(), HERE)
    return caught.value.problems


def problem(text: str) -> str:
    """Give the one mistake, as "line key: text"."""
    (only,) = problems(text)
    return f"{only.line} {only.key}: {only.text}"


# ---------------------------------------------------------------- what is meant


def test_an_empty_file_is_all_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has to be written: every table and key has a default."""
    set_system_zone(monkeypatch, "Europe/Berlin")
    found = config.loads(b"", HERE)
    assert found.database == Path("/somewhere/tracker.db")
    assert found.contact == ""
    assert (found.http.host_delay, found.http.timeout, found.http.concurrency) == (2.0, 30.0, 16)
    assert found.http.max_body == 16_000_000
    assert found.digest.folder == Path("/somewhere/digests")
    assert (found.digest.file, found.digest.every, found.digest.at) == ("{issue}.md", "week", "mon 07:00")
    assert found.digest.timezone == "Europe/Berlin"
    assert (found.digest.papers, found.digest.templates, found.subscriptions) == (5, None, ())


def test_every_key_reaches_its_place(tmp_path: Path) -> None:
    """A file that says everything is understood as it is written."""
    (tmp_path / "mine").mkdir()
    text = f"""
    [tracker]
    database = "/var/lib/x.db"
    contact = "https://example.org"
    [http]
    host_delay = "500ms"
    timeout = "1m"
    max_body = "512kB"
    concurrency = 4
    [digest]
    folder = "out"
    file = "issue {{issue}}.md"
    title = "Mine"
    every = "month"
    at = "15 6:30"
    timezone = "Asia/Kolkata"
    papers = 0
    templates = "mine"
    [[feed]]
    id = "all"
    source = "youtube"
    playlist = "{PLAYLIST}"
    title = "All"
    tags = ["one", "two"]
    course = true
    pace = 2
    backlog = 2026-01-31
    match = 'a\\.b'
    exclude = "x|y"
    paused = true
    """
    found = config.loads(text.encode(), tmp_path / "feeds.toml")
    assert (found.database, found.contact) == (Path("/var/lib/x.db"), "https://example.org")
    assert (found.http.host_delay, found.http.timeout, found.http.max_body, found.http.concurrency) == (
        0.5,
        60.0,
        512_000,
        4,
    )
    assert found.digest.folder == tmp_path / "out"
    assert (found.digest.file, found.digest.title, found.digest.every) == ("issue {issue}.md", "Mine", "month")
    assert (found.digest.at, found.digest.timezone, found.digest.papers) == ("15 6:30", "Asia/Kolkata", 0)
    assert found.digest.templates == tmp_path / "mine"
    only = found.subscription("all")
    assert only is not None
    assert (only.source, only.playlist, only.title, only.tags) == (SourceName.YOUTUBE, PLAYLIST, "All", ("one", "two"))
    assert (only.course, only.pace, only.backlog, only.paused) == (True, 2, date(2026, 1, 31), True)
    assert (only.match, only.exclude, only.line) == ("a\\.b", "x|y", 19)


@pytest.mark.parametrize(
    ("target", "source"),
    [
        (f'playlist = "{PLAYLIST}"', SourceName.YOUTUBE),
        ('channel = "UCXUPKJO5MZQN11PqgIvyuvQ"', SourceName.YOUTUBE),
        ('publication = "https://example.substack.com"', SourceName.SUBSTACK),
        ('categories = ["cs.CL", "cs.LG"]', SourceName.ARXIV),
        ("query = 'abs:\"scaling laws\"'", SourceName.ARXIV),
        ('papers = ["2203.15556"]', SourceName.ARXIV),
        ('authors = ["Andrej Karpathy"]', SourceName.ARXIV),
        ('url = "https://example.org/feed.xml"', SourceName.WEB),
    ],
)
def test_the_target_tells_the_source(target: str, source: SourceName) -> None:
    """`source` may be left out, for no two sources share a target."""
    (found,) = config.loads(feed(target).encode(), HERE).subscriptions
    assert found.source is source


@pytest.mark.parametrize(
    ("written", "meant"),
    [("0", 0), ("7", 7), ('"all"', "all"), ("2026-01-31", date(2026, 1, 31)), ('"2026-01-31"', date(2026, 1, 31))],
)
def test_backlog_is_a_number_all_or_a_date(written: str, meant: object) -> None:
    """A date may stand in quotes or without."""
    (found,) = config.loads(
        feed(f"{{t}}\nbacklog = {written}".replace("{t}", f'playlist = "{PLAYLIST}"')).encode(), HERE
    ).subscriptions
    assert found.backlog == meant


@pytest.mark.parametrize(
    ("written", "seconds"), [("2s", 2), ("0s", 0), ("1.5s", 1.5), ("30m", 1800), ("1h", 3600), ("250ms", 0.25)]
)
def test_a_delay_has_a_unit(written: str, seconds: float) -> None:
    """Times are written with their unit, and may be none."""
    assert config.loads(f'[http]\nhost_delay = "{written}"'.encode(), HERE).http.host_delay == seconds


@pytest.mark.parametrize(
    ("written", "size"), [("16MB", 16_000_000), ("512kB", 512_000), ("16MiB", 16 * 2**20), ("1 GiB", 2**30)]
)
def test_a_size_is_decimal_or_binary(written: str, size: int) -> None:
    """MB is a million bytes, MiB 1024 times 1024."""
    assert config.loads(f'[http]\nmax_body = "{written}"'.encode(), HERE).http.max_body == size


@pytest.mark.parametrize(("every", "at"), [("day", "07:00"), ("week", "mon 07:00"), ("month", "1 07:00")])
def test_the_hour_has_a_default_for_each_rhythm(every: str, at: str) -> None:
    """Who changes only `every` need not know how `at` is then written."""
    assert config.loads(f'[digest]\nevery = "{every}"'.encode(), HERE).digest.at == at


@pytest.mark.parametrize(
    ("every", "at", "weekday", "day", "hour", "minute"),
    [
        ("day", "7:05", None, None, 7, 5),
        ("week", "Mon 07:00", 0, None, 7, 0),
        ("week", "sunday 23:59", 6, None, 23, 59),
        ("month", "31 00:00", None, 31, 0, 0),
    ],
)
def test_the_hour_is_read(every: config.Every, at: str, weekday: int, day: int, hour: int, minute: int) -> None:
    """0 is Monday, and only in here: a reader writes names."""
    assert config.parse_at(every, at) == config.Rhythm(every=every, weekday=weekday, day=day, hour=hour, minute=minute)


@pytest.mark.parametrize("answer", [None, "", "local", ZoneInfoNotFoundError("no zone"), OSError("no file")])
def test_a_machine_without_a_zone_is_in_utc(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    """Whatever the system says of its zone is nothing to stop for."""

    def name() -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("tzlocal.get_localzone_name", name)
    assert config.loads(b"", HERE).digest.timezone == "UTC"


def test_a_tilde_is_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Only the reader's own home: `~other` is a name like any other."""
    monkeypatch.setenv("HOME", str(tmp_path))
    found = config.loads(b'[tracker]\ndatabase = "~/x.db"\n[digest]\nfolder = "~other"', HERE)
    assert found.database == tmp_path / "x.db"
    assert found.digest.folder == Path("/somewhere/~other")


def test_mark_and_line_ends_do_not_matter() -> None:
    """A file from Windows, byte order mark and CRLF, means what it says; its lines are counted."""
    text = feed().replace("\n", "\r\n")
    (found,) = config.loads(b"\xef\xbb\xbf" + text.encode(), HERE).subscriptions
    assert (found.id, found.line) == ("a", 1)
    (wrong,) = problems(text + "pace = 0\r\n")
    assert wrong.line == 4


# ---------------------------------------------------------------- which file


def test_the_file_is_named_by_option_variable_or_folder(tmp_path: Path) -> None:
    """--config, else TRACKER_CONFIG, else the current folder's feeds.toml; relative to the current folder."""
    environ = {"TRACKER_CONFIG": "/etc/mine.toml"}
    assert config.find("x.toml", environ, tmp_path) == tmp_path / "x.toml"
    assert config.find(None, environ, tmp_path) == Path("/etc/mine.toml")
    assert config.find(None, {"TRACKER_CONFIG": ""}, tmp_path) == tmp_path / "feeds.toml"


def test_a_missing_file_leads_to_init(tmp_path: Path) -> None:
    """Who has no file is told how to get one."""
    with pytest.raises(ConfigError, match="tracker init"):
        config.load(tmp_path / "feeds.toml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """A folder given as the file is named as such."""
    with pytest.raises(ConfigError, match="is a folder"):
        config.load(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_no_traceback(tmp_path: Path) -> None:
    """The system's own words say why a file cannot be read."""
    path = tmp_path / "feeds.toml"
    path.touch(mode=0)
    with pytest.raises(ConfigError, match="cannot be read: Permission denied"):
        config.load(path)


def test_a_name_that_no_file_can_have_is_no_traceback() -> None:
    """The same for a name with a NUL in it."""
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load(Path("/tmp/a\0b"))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'a = 1\nb = "\xe9"', ":2: is not UTF-8 here (byte 0xe9)"),
        ("a = 1".encode("utf-16"), "is UTF-16; save it as UTF-8"),
    ],
)
def test_another_encoding_is_named(raw: bytes, said: str) -> None:
    """Bytes that are no UTF-8 get a line and a remedy."""
    with pytest.raises(ConfigError) as caught:
        config.loads(raw, HERE)
    assert said in str(caught.value)


# ---------------------------------------------------------------- spelling


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a = 1\nb = ", 2, "the file ends too early"),
        ("x = \u201ca\u201d", 1, "quotes are straight"),
        ("\n[digest x]", 2, "column 9"),
        ("[[feed]", 1, "a feed's [[feed]]"),
        ("every: week", 1, 'joined by "="'),
        ("paused = yes", 1, "write true or false"),
        ("paused = True", 1, "write true or false"),
        ("every = week", 1, "text stands in quotes"),
        ('match = "a\\.b"', 1, "single quotes"),
        ("a = 1\na = 2", 2, "the key stands twice"),
        ("[a]\n[a]", 2, "the table stands twice"),
        ('[feed]\nid = "a"\n[[feed]]\nid = "b"', 3, "stands above in single brackets"),
        ('a = "x\nb = 1', 1, "is not closed"),
        ("a = '''x\ny", 2, "ends too early"),
    ],
)
def test_bad_toml_gets_line_and_hint(text: str, line: int, said: str) -> None:
    """What cannot be parsed is pointed at, with a guess at what was meant."""
    (only,) = problems(text)
    assert only.line == line
    assert said in only.text


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "9" * 5000])
def test_absurd_toml_is_no_traceback(text: str) -> None:
    """What breaks the parser itself is a mistake like others."""
    assert len(problems(text)) == 1


# ---------------------------------------------------------------- mistakes


def test_every_mistake_is_told_at_once_in_file_order() -> None:
    """One run of `tracker check` is enough, however many mistakes there are."""
    text = (
        '[tracker]\ncontact = "me"\n[http]\ntimeout = 30\nconcurency = 3\n[digest]\nevery = "weekly"\npapers = -1\n'
        + feed(f'playlist = "{PLAYLIST}"\npace = 0\ncourse = "yes"')
        + feed('channel = "@karpathy"', feed_id="B b")
    )
    found = problems(text)
    assert [(each.line, each.key) for each in found] == [
        (2, "tracker.contact"),
        (4, "http.timeout"),
        (5, "http.concurency"),
        (7, "digest.every"),
        (8, "digest.papers"),
        (12, "feed.pace"),
        (13, "feed.course"),
        (15, "feed.id"),
        (16, "feed.channel"),
    ]
    with pytest.raises(ConfigError, match=r"^/somewhere/feeds\.toml:2: tracker\.contact: expected a URL"):
        config.loads(text.encode(), HERE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[trackr]\ndatabase = "x"', "1 trackr: is no table here; did you mean tracker?"),
        ("[[feeds]]\nid = 1", "1 feeds: is no table here; did you mean feed?"),
        ('[tracker]\ndatabse = "x"', "2 tracker.databse: is no key here; did you mean database?"),
        ('database = "x"', "1 database: is no key here; it belongs under [tracker]"),
        ('databse = "x"', "1 databse: is no key here; database belongs under [tracker]"),
        ('[http]\nfolder = "x"', "2 http.folder: is no key here; it belongs under [digest]"),
        ("[http]\nzzzzzz = 1", "2 http.zzzzzz: is no key here; there are host_delay, timeout, max_body, concurrency"),
        (feed('handle = "@karpathy"'), "3 feed.handle: is no key; `tracker subscribe"),
        (feed(f'playlst = "{PLAYLIST}"'), "3 feed.playlst: is no key here; did you mean playlist?"),
        (feed() + "interval = 3", "4 feed.interval: is no key; how often"),
        ("[feed]\nid = 3", "1 feed: is a list of tables: each begins with [[feed]]"),
        ("[[digest]]", "1 digest: is a table: [digest]"),
        ("feed = 3", "1 feed: is a list of tables"),
    ],
)
def test_an_unknown_name_gets_the_nearest_right_one(text: str, said: str) -> None:
    """Misspelt, misplaced and invented names are told apart; a misspelt target is not missed a second time."""
    assert problem(text).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[http]\nhost_delay = 2", '2 http.host_delay: expected a time such as "2s"'),
        ('[http]\nhost_delay = "2 days"', "2 http.host_delay: expected a time"),
        ('[http]\nhost_delay = "2h"', "2 http.host_delay: expected at most an hour"),
        ('[http]\ntimeout = "0s"', '2 http.timeout: expected a time from "1s" to "1h"'),
        ('[http]\nmax_body = "16"', "2 http.max_body: expected a size such as"),
        ('[http]\nmax_body = "1kB"', '2 http.max_body: expected a size from "10kB"'),
        ("[http]\nconcurrency = 0", "2 http.concurrency: expected a whole number from 1 to 256, not 0"),
        ("[http]\nconcurrency = 1.5", "2 http.concurrency: expected a whole number from 1 to 256, not 1.5"),
        ("[http]\nconcurrency = true", "2 http.concurrency: expected a whole number from 1 to 256, not true"),
        ("[digest]\npapers = 99999999999999999999", "2 digest.papers: "),
        ('[digest]\ntitle = ""', '2 digest.title: expected text in quotes, not ""'),
        ('[digest]\ntitle = "a\\nb"', "2 digest.title: expected one line"),
        ("[digest]\ntitle = {a = 1}", "2 digest.title: expected text in quotes, not a table"),
        (
            '[digest]\nevery = "weekly"\nat = "7"',
            '2 digest.every: expected one of "day", "month", "week", not "weekly"; did',
        ),
        ('[tracker]\ncontact = "a b@c"', "2 tracker.contact: expected a URL or a mail address"),
        ('[tracker]\ncontact = "https://x)\\r\\nX: y"', "2 tracker.contact: expected one line"),
        (feed() + 'tags = "x"', '4 feed.tags: expected a list of texts such as ["courses"], not "x"'),
        (feed() + 'tags = ["a", 3]', '4 feed.tags: expected a list of texts such as ["courses"], not 3'),
        (feed() + 'videos = ["short"]', '4 feed.videos: expected a list of "live", "long", "shorts"'),
        (feed() + 'members_only = "yes"', '4 feed.members_only: expected true or false, not "yes"'),
        (feed() + "min_duration = 10", '4 feed.min_duration: expected a time such as "2s"'),
        (feed() + 'min_duration = "0s"', '4 feed.min_duration: expected a time from "1s" to "1d"'),
        (feed() + "videos = []", "4 feed.videos: expected a list"),
        (feed() + 'course = "yes"', '4 feed.course: expected true or false, not "yes"'),
        (feed() + "pace = 0", "4 feed.pace: expected a whole number from 1 to 1000, not 0"),
        (feed() + "backlog = -1", "4 feed.backlog: expected a number from 0"),
        (feed() + "backlog = true", "4 feed.backlog: expected a number from 0"),
        (feed() + "backlog = 2026-01-01T00:00:00", "4 feed.backlog: expected a number from 0"),
        (feed() + 'backlog = "soon"', "4 feed.backlog: expected a number from 0"),
        (feed() + 'backlog = "2026-02-30"', '4 feed.backlog: there is no day "2026-02-30"'),
    ],
)
def test_a_wrong_value_is_told_what_was_expected(text: str, said: str) -> None:
    """What a key takes is said in words, and what stands there."""
    assert problem(text).startswith(said)


@pytest.mark.parametrize(
    ("every", "at", "said"),
    [
        ("week", "07:00", 'expected "mon 07:00" or alike, as every = "week" says'),
        ("week", "1 07:00", "expected a weekday by name (mon, tue, wed, thu, fri, sat, sun)"),
        ("week", "mnoday 07:00", "did you mean monday?"),
        ("week", "mon 7", 'expected "mon 07:00" or alike'),
        ("week", "mon 25:00", 'there is no time of day "25:00"'),
        ("week", "mon 07:60", 'there is no time of day "07:60"'),
        ("day", "mon 07:00", 'expected "07:00" or alike'),
        ("month", "0 07:00", "expected a day of the month from 1 to 31"),
        ("month", "32 07:00", "expected a day of the month from 1 to 31"),
        ("month", "07:00", 'expected "1 07:00" or alike'),
    ],
)
def test_a_wrong_hour_is_told_what_was_expected(every: str, at: str, said: str) -> None:
    """Weekdays go by name, never by number, which half the world counts otherwise."""
    text = problem(f'[digest]\nevery = "{every}"\nat = "{at}"')
    assert text.startswith("3 digest.at: ")
    assert said in text


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/Lodnon", 'did you mean "Europe/London"?'),
        ("berlin", 'did you mean "Europe/Berlin"?'),
        ("New York", 'did you mean "America/New_York"?'),
        ("../../etc/passwd", "zones are named by a city"),
        ("Europe", "there is no time zone"),
    ],
)
def test_an_unknown_zone_gets_the_nearest(zone: str, said: str) -> None:
    """Zones are IANA's; a city alone is guessed at, a path is none."""
    assert said in problem(f'[digest]\ntimezone = "{zone}"')


@pytest.mark.parametrize(
    "pattern",
    ["issue.md", "/tmp/{issue}.md", "../{issue}.md", "a/../../{issue}", "{issue}{issue}", "{issue}/", "{title}"],
)
def test_an_issue_stays_in_its_folder(pattern: str) -> None:
    """The pattern has one {issue} and leads nowhere else."""
    assert problem(f"[digest]\nfile = '{pattern}'").startswith("2 digest.file: expected ")


def test_a_missing_template_folder_is_told() -> None:
    """Templates that are not there would fail only at the close."""
    assert problem('[digest]\ntemplates = "mine"') == '2 digest.templates: there is no folder "/somewhere/mine"'


@pytest.mark.parametrize("pattern", ["a(", "[[a]", "a{99999999999}", "(" * 3000, "x" * 501])
def test_a_pattern_compiles_and_is_short(pattern: str) -> None:
    """A regular expression is tried before a title meets it."""
    assert problem(feed() + f"match = '{pattern}'").startswith("4 feed.match: is ")


@pytest.mark.parametrize(
    ("feed_id", "proposal"),
    [
        ("Zero to Hero", '; "zero-to-hero" would do'),
        ("über_uns", '; "uber-uns" would do'),
        ("a" * 61, f'; "{"a" * 60}" would do'),
        ("日本", ""),
        ("-a", '; "a" would do'),
    ],
)
def test_an_id_is_plain(feed_id: str, proposal: str) -> None:
    """Ids are typed in commands: lower-case letters, digits and hyphens; a near one is proposed."""
    text = problem(feed(feed_id=feed_id))
    assert text.startswith("2 feed.id: expected lower-case letters, digits and hyphens, at most 60, not ")
    assert text.endswith(proposal or '"日本"')


def test_a_missing_id_gets_a_proposal() -> None:
    """A feed without an id cannot be named; its title makes one."""
    text = f'\n[[feed]]\nplaylist = "{PLAYLIST}"\ntitle = "Zero to Hero!"'
    assert problem(text) == '2 feed: has no id: a short name for commands and messages, such as "zero-to-hero"'


def test_an_id_stands_once() -> None:
    """The second of two is told where the first stands."""
    text = feed() + "\n" + feed('url = "https://example.org/feed"')
    assert problem(text) == '6 feed.id: "a" is the id of another feed on line 1'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (feed(f'playlist = "{PLAYLIST}"\nurl = "https://x.org"'), "1 feed: follows playlist and url; only one"),
        (feed(""), "1 feed: does not say what to follow: one of playlist, channel, publication"),
        (feed('source = "arxiv"'), "1 feed: does not say what to follow: one of categories, query, papers, authors"),
        (
            feed('source = "arxiv"\nurl = "https://x.org"'),
            '3 feed.source: url belongs to source = "web", not "arxiv"',
        ),
        (feed('channel = "UCXUPKJO5MZQN11PqgIvyuvQ"\ncourse = true'), "4 feed.course: a course is a playlist"),
        (feed('url = "https://x.org"\nvideos = ["long"]'), "4 feed.videos: chooses among YouTube's videos"),
        (
            feed('publication = "https://x.org"\nmembers_only = false'),
            "4 feed.members_only: chooses among YouTube's videos",
        ),
        (feed('categories = ["cs.CL"]\nmin_duration = "1m"'), "4 feed.min_duration: chooses among YouTube's videos"),
        (feed('source = "youtub"'), '3 feed.source: expected one of "arxiv", "substack", "web", "youtube"'),
        (feed("authors = ['x\" OR all:y']"), "3 feed.authors: 'x\" OR all:y' is no name"),
        (feed('query = "all:x"\nannounce = ["new"]'), "4 feed.announce: chooses among what arXiv announces"),
        (feed('categories = ["cs.CL"]\nannounce = ["newest"]'), "4 feed.announce: expected a list of"),
        (feed("authors = []"), "3 feed.authors:"),
        (feed('url = ""'), '3 feed.url: expected text in quotes, not ""'),
        (
            feed("categories = []"),
            '3 feed.categories: expected a list of texts such as ["cs.CL", "cs.LG"], not an empty',
        ),
    ],
)
def test_a_feed_follows_one_thing(text: str, said: str) -> None:
    """Two targets, none, or one of another source: said once, where it stands."""
    assert problem(text).startswith(said)


@pytest.mark.parametrize(
    "channel",
    ["@karpathy", "https://www.youtube.com/@karpathy", "https://www.youtube.com/c/karpathy", "youtube.com/user/x"],
)
def test_a_handle_is_no_channel_id(channel: str) -> None:
    """M18: handles and legacy names are refused, with the command that finds the lasting id."""
    text = problem(feed(f'channel = "{channel}"'))
    assert text.startswith("3 feed.channel: ")
    assert "tracker subscribe " in text


@pytest.mark.parametrize(
    "target",
    [
        'url = "file:///etc/passwd"',
        'url = "javascript:alert(1)"',
        'playlist = "https://example.com/x"',
        'playlist = "file:///etc/passwd"',
        'publication = "file:///etc/passwd"',
        'channel = "https://example.com/x"',
        'categories = ["../x"]',
        'papers = ["nonsense"]',
    ],
)
def test_what_is_no_address_of_its_source_is_refused(target: str) -> None:
    """M35: other schemes and hosts end here, not in a request."""
    assert problem(feed(target)).startswith(f"3 feed.{target.partition(' ')[0]}: ")


def test_lines_are_found_through_anything_toml_allows() -> None:
    """Quoted and dotted keys, texts and lists of many lines, and headers inside of a text do not mislead."""
    text = (
        'digest.title = """\n[[feed]]\nid = 1\n"""\n'
        '"digest" . "papers" = 3\n'
        "[http]\n"
        "list = [\n  1, # ]\n  2,\n]\n"
        " [[ feed ]] # one\n"
        "id = '''\nx'''\n"
        "\n[[feed]]\n\ttags = []\n"
    )
    found = places(text)
    assert {path: found[path] for path in found if len(path) > 1} == {
        ("digest", "title"): 1,
        ("digest", "papers"): 5,
        ("http", "list"): 7,
        ("feed", 0): 11,
        ("feed", 0, "id"): 12,
        ("feed", 1): 15,
        ("feed", 1, "tags"): 16,
    }


def test_inline_feeds_are_feeds_without_a_line() -> None:
    """`feed = [{…}]` is TOML's other way to write the same, and is read."""
    found = config.loads(f'feed = [{{id = "a", playlist = "{PLAYLIST}"}}]'.encode(), HERE)
    assert [(each.id, each.line) for each in found.subscriptions] == [("a", None)]


# ---------------------------------------------------------------- interests


def test_interests_are_read() -> None:
    """Papers are known by their ids, whatever form they were written in; what stands twice counts once."""
    text = b"""
[interests]
keywords = ["KV cache", "KV cache"]
authors = ["M. Adeyemi"]
papers = ["https://arxiv.org/abs/2203.15556v2", "2203.15556"]
[digest]
interests = 3
titles = 10
minutes = 240
"""
    found = config.loads(text, HERE)
    assert found.interests == Interests(keywords=("KV cache",), authors=("M. Adeyemi",), papers=("2203.15556",))
    assert (found.digest.interests, found.digest.titles, found.digest.minutes) == (3, 10, 240)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('keywords = ["--"]', '2 interests.keywords: "--" has no letter or digit'),
        ('authors = ["M."]', '2 interests.authors: "M." is no name'),
        ('papers = ["Attention"]', '2 interests.papers: "Attention" is no arXiv id, such as "2203.15556"'),
        ('words = ["x"]', "2 interests.words: is no key here"),
        (
            'keywords = "KV cache"',
            '2 interests.keywords: expected a list of texts such as ["speculative decoding", "KV cache"], not "KV cache"',
        ),
    ],
)
def test_a_mistake_in_interests_is_named(line: str, said: str) -> None:
    """Each says which value is meant."""
    assert problem(f"[interests]\n{line}\n").startswith(said)


def test_a_feed_may_have_a_bound() -> None:
    """`most` reaches the subscription."""
    assert config.loads(feed("url = 'https://example.org/feed'\nmost = 3").encode(), HERE).subscriptions[0].most == 3
