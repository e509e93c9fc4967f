"""What is learnt from the reader's marks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.digest_weeks import paper
from tests.factories import make_mark
from tracker.digest.rank import rank
from tracker.digest.taste import Taste, learn
from tracker.digest.values import Marked
from tracker.models import RankingSettings, StoredEntry

SUBJECTS = ("caches", "tokenizers", "lattices", "proteins")
PLAIN = RankingSettings(prior=False)


def week() -> list[StoredEntry]:
    """Be twenty papers of each of four subjects."""
    return [
        paper(f"2611.{number:03}{index}", f"Study {number} of {subject}", day="24 05:00", summary=f"We test {subject}.")
        for number in range(20)
        for index, subject in enumerate(SUBJECTS)
    ]


def marks(subject: str, number: int, **said: Any) -> list[Marked]:
    """Be marks on papers about one subject, of earlier weeks."""
    found = []
    for each in range(number):
        entry = paper(f"2610.{each:05}", f"Older work on {subject}", day="3 05:00")
        found.append(Marked(entry, make_mark(entry.key, **{"starred": True, "done": False, **said})))
    return found


def first(marked: list[Marked], ranking: RankingSettings = PLAIN) -> list[str]:
    """Give the subjects of the first twenty papers."""
    return sorted({each.entry.title.split()[-1] for each in rank(week(), ranking, marked=marked)[:20]})


def learnt(marked: list[Marked]) -> tuple[Taste, list[StoredEntry]]:
    """Give what is learnt, and the week that it is learnt against."""
    papers = week()
    taste = learn(marked, papers)
    assert taste
    return taste, papers


def test_five_stars_bring_their_subject_to_the_top() -> None:
    """From five marks on, what is like the starred papers comes first where nothing else has a say."""
    assert first(marks("tokenizers", 5)) == ["tokenizers"]


def test_the_more_stars_the_more_they_count_against_the_prior() -> None:
    """Five move a few papers, fifty fill the top with their subject; marks that count for less weigh less."""
    found = [
        sum("tokenizers" in each.entry.title for each in rank(week(), RankingSettings(), marked=marked)[:20])
        for marked in ([], marks("tokenizers", 5), marks("tokenizers", 50))
    ]
    assert found[0] < found[1] < 15 < found[2]
    weights = [learnt(marks("caches", number))[0].weight for number in (5, 10, 20, 50)]
    assert weights == sorted(weights)
    assert weights[0] < weights[-1] / 2
    assert learnt(marks("caches", 20, starred=False, done=True))[0].weight < weights[1]


def test_four_marks_teach_nothing() -> None:
    """With fewer than five marks the order is what it was."""
    papers = week()
    assert learn(marks("tokenizers", 4), papers) is None
    assert rank(papers, PLAIN, marked=marks("tokenizers", 4)) == rank(papers, PLAIN)


def test_a_hidden_paper_pushes_its_kind_down() -> None:
    """What is like hidden papers comes last, though another subject is starred."""
    marked = [*marks("caches", 5), *marks("proteins", 5, hidden=True)]
    taste, papers = learnt(marked)
    likeness = {each.title.split()[-1]: taste.likenesses[each.key] for each in papers}
    assert min(likeness, key=likeness.__getitem__) == "proteins"
    assert max(likeness, key=likeness.__getitem__) == "caches"


def test_reading_counts_for_less_than_a_star() -> None:
    """Papers ticked as read count, but a starred subject comes before them."""
    taste, papers = learnt([*marks("caches", 5), *marks("lattices", 5, starred=False, done=True)])
    likeness = {each.title.split()[-1]: taste.likenesses[each.key] for each in papers}
    assert likeness["caches"] > likeness["lattices"] > likeness["proteins"]


def test_a_reason_names_the_shared_words() -> None:
    """The words that made a paper like the starred ones are told, rare ones first."""
    taste, papers = learnt(marks("tokenizers", 6))
    about = next(each for each in papers if "tokenizers" in each.title)
    assert taste.reasons(about) == ("words of papers you starred: tokenizers",)
    assert taste.reasons(next(each for each in papers if "caches" in each.title)) == ()


def test_nothing_in_common_changes_nothing() -> None:
    """Marks on what shares no word with the week leave the prior's order."""
    marked = [replace(each, entry=replace(each.entry, title="Zyzzyva qwxyz")) for each in marks("caches", 6)]
    papers = week()
    assert learn(marked, papers) is None
    assert rank(papers, RankingSettings(), marked=marked) == rank(papers, RankingSettings())


def test_marks_without_papers_are_harmless() -> None:
    """A week without papers has nothing to rank."""
    assert rank([], RankingSettings(), marked=marks("caches", 6)) == ()
