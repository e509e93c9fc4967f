"""docs/digest.md names what the code has, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.digest_weeks import material, page
from tracker.digest.page import BYTES, LINES
from tracker.digest.render import markdown
from tracker.digest.render.markdown import SECTIONS, SHIPPED

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "digest.md").read_text()


def rows(heading: str) -> list[str]:
    """Give the first column of the table with this heading."""
    table = TEXT.split(heading)[1]
    lines = [line.strip() for line in table.splitlines()[2:]]
    taken = []
    for line in lines:
        if not line.startswith("|"):
            break
        taken.append(re.split(r"`", line)[1])
    return taken


def test_every_key_of_the_front_matter_is_described() -> None:
    """The same keys, in the same order."""
    head = page(material()).text.split("---\n")[1]
    assert rows("| key | what it is |") == list(yaml.safe_load(head))


def test_every_name_of_a_template_is_described() -> None:
    """What a template may use stands in the table, called as it is used."""
    names = {re.sub(r"\(.*", "", each) for each in rows("| name | what it is |")}
    given = markdown._page(page(material()).composition)
    own = {"link", "br"}
    assert names == given.keys() | own
    assert own <= markdown._environment(None).globals.keys()


def test_filters_and_files_are_described() -> None:
    """Our filters, the shipped files, the sections and the page's bounds."""
    from jinja2.defaults import DEFAULT_FILTERS

    for name in markdown._environment(None).filters.keys() - DEFAULT_FILTERS.keys():
        assert f"`{name}` (" in TEXT
    for file in SHIPPED.iterdir():
        assert f"`{file.name}`" in TEXT
    for heading in SECTIONS.values():
        assert f"**{heading}**" in TEXT
    assert f"at most {LINES} lines and {BYTES // 1000} kB" in TEXT
