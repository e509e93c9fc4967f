"""The order in which entries claim their places."""

from __future__ import annotations

from dataclasses import replace
from statistics import pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.digest_weeks import FAR, NEAR, paper, post
from tests.factories import make_mark
from tracker.digest.rank import rank
from tracker.digest.values import Marked
from tracker.models import RankingSettings, StoredEntry


def test_newest_first_falls_back_to_first_seen() -> None:
    """A missing date, and one more than a day ahead, give way to first seen; ties end in the key (M91)."""
    future = post("weeknight.example/f", "future", day="24 08:00", feed="weeknight", published=None)
    future = replace(future, published=future.first_seen.replace(year=2030))
    undated = replace(
        post("weeknight.example/u", "undated", day="25 08:00", feed="weeknight"), published=None, updated=None
    )
    dated = [post(f"weeknight.example/{each}", each, day="24 12:00", feed="weeknight") for each in "ba"]
    assert [each.entry.title for each in rank([future, *dated, undated])] == ["undated", "a", "b", "future"]


def test_a_missing_date_may_be_the_updated_one() -> None:
    """A feed that only says when an entry was updated is taken at its word (M72)."""
    updated = post("weeknight.example/1", "updated", day="24 08:00", feed="weeknight")
    updated = replace(updated, updated=updated.published, published=None)
    later = post("weeknight.example/2", "later", day="24 08:30", feed="weeknight")
    assert [each.entry.title for each in rank([updated, later])] == ["later", "updated"]


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.permutations(
        [post(f"weeknight.example/{each}", f"{each}", day=f"24 0{each % 3}:00", feed="weeknight") for each in range(9)]
    )
)
def test_the_order_does_not_depend_on_the_order_of_arrival(arrived: list[StoredEntry]) -> None:
    """Every order ends in the key, so equal dates do not shuffle."""
    assert rank(arrived) == rank(sorted(arrived, key=lambda entry: entry.key))


def test_papers_come_in_the_priors_order_and_the_rest_newest_first() -> None:
    """The prior moves papers only, and only where it is on."""
    older = paper("2611.00001", "Scaling Reasoning Agents", day="24 05:00", extra=NEAR)
    newer = paper("2611.00002", "A Clinical Framework", day="25 05:00", extra=FAR)
    letters = [post(f"weeknight.example/{day}", str(day), day=f"{day} 12:00", feed="weeknight") for day in (24, 25)]
    titles = [each.entry.title for each in rank([older, newer, *letters], RankingSettings())]
    assert titles == ["25", "24", older.title, newer.title]
    assert [each.entry.title for each in rank([older, newer])] == [newer.title, older.title]


def test_of_one_batch_the_last_ids_are_the_newest() -> None:
    """All papers of a day carry one date; without the prior their ids tell which came last."""
    papers = [paper(f"2611.{each}", str(each), day="24 05:00") for each in (90001, 90003, 90002)]
    assert [each.entry.title for each in rank(papers)] == ["90003", "90002", "90001"]


def test_only_what_can_be_shown_is_given_reasons() -> None:
    """The first `told` papers of each feed have theirs, the others none; all have their score."""
    papers = [
        paper(f"2611.{number:05}", "Reasoning Agents", day="24 05:00", feeds=(feed,), extra=NEAR)
        for feed in ("papers", "scaling-laws")
        for number in range(5)
    ]
    papers = [replace(each, key=f"{each.key}{each.appearances[0].feed}") for each in papers]
    ranked = rank(papers, RankingSettings(), told=2)
    told = [each.entry.appearances[0].feed for each in ranked if each.reasons]
    assert sorted(told) == ["papers", "papers", "scaling-laws", "scaling-laws"]
    assert all(each.score is not None for each in ranked)


def test_what_feeds_discuss_stands_higher() -> None:
    """One feed that links to a paper adds 2, two add 4, more no more."""
    papers = [paper(f"2611.0000{each}", "A Question", day="24 05:00", extra=FAR) for each in range(5)]
    plain = {each.entry.key: each.score or 0 for each in rank(papers, RankingSettings())}
    said = {papers[each].key: ("a", "b", "c")[:each] for each in range(4)}
    found = {each.entry.key: each for each in rank(papers, RankingSettings(), discussed=said)}
    added = [round((found[each.key].score or 0) - plain[each.key], 3) for each in papers]
    assert added == [0, 2, 4, 4, 0]
    assert found[papers[2].key].terms["discussed in your feeds"] == 4


def test_a_term_is_named_as_the_page_names_it() -> None:
    """A word stands as the paper writes it, for the reason on the page does too."""
    (found,) = rank([paper("2611.00001", "Reasoning Agents", day="24 05:00", extra=NEAR)], RankingSettings(), told=1)
    assert 'editors often pick "agents" and "reasoning"' in found.reasons
    assert {'"agents"', '"reasoning"'} <= found.terms.keys()


def test_without_a_prior_what_is_discussed_comes_first() -> None:
    """The rest stays in order of date, without a score."""
    papers = [paper(f"2611.0000{each}", str(each), day="24 05:00") for each in range(3)]
    ranked = rank(papers, discussed={papers[0].key: ("a",)})
    assert [(each.entry.title, each.score) for each in ranked] == [("0", 2.0), ("2", None), ("1", None)]


def test_the_terms_are_the_score() -> None:
    """The strongest are kept by name, with the rest they add up, with stars and without; each paper has its standing."""
    papers = [
        paper(
            f"2611.{number:05}",
            f"Scaling Reasoning Agents {number}",
            day="24 05:00",
            extra=NEAR,
            authors=("A",) * number,
            summary=f"We train {'walruses' if number < 9 else 'agents'} on language.",
            id=number,
        )
        for number in range(1, 31)
    ]
    marked = [Marked(each, make_mark(each.key, done=False, starred=True)) for each in papers[:6]]
    for stars in ((), marked):
        ranked = rank(papers, RankingSettings(), marked=stars)
        assert [each.standing for each in ranked] == list(range(1, 31))
        for each in ranked:
            assert sum(each.terms.values()) == pytest.approx(each.score, abs=0.01)
            assert len(each.terms) <= 10
            assert abs(each.terms["everything else"]) < 1
    assert any(each.terms.get("like what you starred", 0) > 0 for each in ranked)
    plain = {each.entry.key: each for each in rank(papers, RankingSettings())}
    spread = pstdev(each.score or 0 for each in plain.values())
    best = ranked[0]
    named = (best.terms.keys() & plain[best.entry.key].terms.keys()) - {
        "everything else",
        "what every paper starts with",
    }
    assert all(
        best.terms[each] == pytest.approx(plain[best.entry.key].terms[each] / spread, abs=0.01) for each in named
    )
