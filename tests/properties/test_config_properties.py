"""Whatever feeds.toml holds, config answers in its own words, and an edit moves nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import config
from tracker.config import schema
from tracker.config.lines import places, statements
from tracker.config.values import check_id, slug
from tracker.errors import ConfigError, Problem
from tracker.models import SourceName, Subscription
from tracker.subscribe import append_table, remove_table, table
from tracker.subscribe.discover import read_page
from tracker.subscribe.proposal import clean_title

HERE = Path("/somewhere/feeds.toml")
KEYS = sorted({name for each in (*schema.TABLES.values(), schema.FeedTable) for name in each.__struct_fields__})

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
scalars = st.one_of(
    st.integers(-(2**70), 2**70), st.booleans(), st.floats(), texts, st.datetimes(), st.dates(), st.times()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
tables = st.dictionaries(st.sampled_from(KEYS) | texts, values, max_size=6)
documents = st.fixed_dictionaries(
    {},
    optional={
        "tracker": tables | values,
        "http": tables | values,
        "digest": tables | values,
        "feed": st.lists(tables, max_size=3) | values,
        "more": values,
    },
)

comments = st.lists(st.sampled_from(["# one", "# [[feed]]", "#", "  # id = 3", "# ünï"]), max_size=3)
gaps = st.lists(st.sampled_from(["", "   "]), max_size=2)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[str], list[list[str]]]:
    """Make a file of feeds, and tell for each its id and the lines that are its own."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    lines = [*draw(comments), "", "[digest]", "title = 'T'  # [[feed]]", ""]
    own = []
    for number in range(draw(st.integers(1, 4))):
        more = draw(st.sampled_from(["title = 'x'", 'title = """\\\n[[feed]]\\\n"""', "tags = [\n'a', # ]\n]"]))
        body = ["[[feed]]", f'id = "a{number}"', f'url = "https://a{number}.example/"']
        body += more.split("\n")
        mine = [*draw(comments), *body]
        own.append(mine)
        lines += [*mine, *(draw(gaps) or [""])]
        if draw(st.booleans()):
            lines += ["# a heading", ""]
    return newline.join([*lines, ""]), [f"a{number}" for number in range(len(own))], own


def mistakes(raw: bytes) -> tuple[Problem, ...]:
    try:
        config.loads(raw, HERE)
    except ConfigError as error:
        return error.problems
    return ()


@given(st.binary(max_size=200) | texts.map(str.encode))
def test_any_bytes_are_a_config_or_a_config_error(raw: bytes) -> None:
    """No input ends in a traceback."""
    assert all(each.text for each in mistakes(raw))


@settings(max_examples=300)
@given(documents)
def test_any_toml_is_a_config_or_a_config_error(document: dict[str, Any]) -> None:
    """Right TOML with any keys and values gets its mistakes told, each with a text and a line of the file."""
    try:
        text = tomlkit.dumps(document)
        tomllib.loads(text)
    except ValueError:
        return  # tomlkit wrote what is no TOML
    found = mistakes(text.encode())
    assert all(each.text and "\n" not in each.text for each in found)
    assert all(1 <= each.line <= text.count("\n") + 1 for each in found if each.line)


@given(files())
def test_statements_tile_the_file(made: tuple[str, list[str], list[list[str]]]) -> None:
    """Every line belongs to exactly one statement, in order."""
    text, ids, _ = made
    found = list(statements(text))
    covered = [line for each in found for line in range(each.first, each.last + 1)]
    assert covered == list(range(text.count("\n") + 1))
    lines = text.split("\n")
    where = places(text)
    for number, feed in enumerate(ids):
        assert f'id = "{feed}"' in lines[where["feed", number, "id"] - 1]


@given(files(), st.data())
def test_removing_a_table_moves_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[str, list[str], list[list[str]]], data: st.DataObject
) -> None:
    """The lines that are left are the file's without the table's own and free ones, byte for byte and in order."""
    text, ids, own = made
    number = data.draw(st.integers(0, len(ids) - 1))
    path = tmp_path_factory.mktemp("edit") / "feeds.toml"
    path.write_bytes(text.encode())
    remove_table(path, ids[number])
    left = path.read_bytes().decode()
    newline = "\r\n" if "\r\n" in text else "\n"
    start = text.index(newline.join(own[number]) + newline)
    before, after = text[:start], text[start + len(newline.join(own[number]) + newline) :]
    assert [line for line in left.split(newline) if line.strip()] == [
        line for line in (before + after).split(newline) if line.strip()
    ]
    assert [each.id for each in config.load(path).subscriptions] == [*ids[:number], *ids[number + 1 :]]
    assert left == "" or left.endswith(newline)


@given(files(), st.text(st.characters(exclude_categories=("Cs",)), min_size=1).map(clean_title), st.booleans())
def test_a_table_goes_in_and_out(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[str, list[str], list[list[str]]], title: str, is_cut: bool
) -> None:
    """What was there is the beginning of what is there, whatever the feed's title; taking it out again is no trace."""
    text = made[0].rstrip() if is_cut else made[0]
    path = tmp_path_factory.mktemp("edit") / "feeds.toml"
    path.write_bytes(text.encode())
    subscription = Subscription(id="new", source=SourceName.WEB, url="https://new.example/", title=title)
    append_table(path, table(subscription))
    assert path.read_bytes().startswith(text.encode())
    assert config.load(path).subscription("new") == subscription
    remove_table(path, "new")
    assert path.read_bytes().decode().rstrip() == text.rstrip()


@given(st.text())
def test_a_slug_is_an_id_or_nothing(title: str) -> None:
    """What is proposed as an id is accepted as one."""
    proposal = slug(title)
    assert proposal == "" or check_id(proposal) == proposal


@given(st.text())
def test_a_clean_title_stays_clean(title: str) -> None:
    """Cleaning twice is cleaning once, and leaves one printable line."""
    clean = clean_title(title)
    assert clean_title(clean) == clean
    assert len(clean) <= 150
    assert "\n" not in clean
    assert "\x1b" not in clean


@given(
    st.lists(
        st.sampled_from(
            [
                "<link ",
                "rel=alternate ",
                'type="application/rss+xml" ',
                "href='",
                "x",
                "'",
                '"',
                ">",
                "<!--",
                "-->",
                "<base ",
                "<script>",
                "</script>",
                "&#x",
                "<body",
            ]
        ),
        max_size=30,
    ).map("".join)
    | st.text(max_size=50)
)
def test_any_page_names_only_addresses_of_the_web(page: str) -> None:
    """However broken a page is, what it points to is http(s) or nothing."""
    found = read_page(page.encode("utf-8", "replace"), content_type="text/html", url="https://example.org/a/")
    assert all(each.startswith(("http://", "https://")) and each.isprintable() for each in found.feeds)
