"""A week of somebody who reads papers for a living: the texts, people and numbers are invented."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tests.digest_weeks import SETTINGS, Material, material, new_version, paper, post, video
from tests.factories import make_subscription
from tracker.digest.values import Linked, Look
from tracker.models import Interests, RankingSettings, StoredEntry

SUBSCRIPTIONS = (
    make_subscription(id="papers", categories=("cs.CL", "cs.LG"), title="arXiv cs.CL and cs.LG"),
    make_subscription(id="gradient-notes", publication="https://gradient-notes.example", title="Gradient Notes"),
    make_subscription(id="loss-curves", publication="https://losscurves.example", title="Loss Curves"),
    make_subscription(id="stanford-online", channel="UCBa5G_ESCn8Yd4vw5U-gIcg", title="Systems Seminar"),
)
INTERESTS = Interests(keywords=("speculative decoding", "KV cache", "long context"), authors=("M. Adeyemi",))
LENGTHS = replace(SETTINGS, title="cs.CL and cs.LG", papers=9, interests=6, titles=10)

# id, title, first and last author, how many, first category, what the abstract says.
PAPERS = (
    ("90112", "Cache Eviction as Online Learning", "Ana Petrova", "Mira Adeyemi", 6, "cs.LG",
     "We give the first eviction policy with sublinear regret and serve 1.4 times the requests at equal quality."),
    ("90118", "Drafting in Bulk: Speculative Decoding at Production Load", "Obi Okonkwo", "Eva Weiss", 9, "cs.CL",
     "We show that acceptance, not draft speed, is the limit above batch size 32, and recover 1.7x with a scheduler."),
    ("90263", "When Is a Draft Good Enough?", "Na Li", "Uwe Brandt", 4, "cs.LG",
     "We bound how far relaxed speculative decoding drifts from the target model and match the bound on six tasks."),
    ("90340", "Half the Keys: Learned Merging of KV Caches", "Luc Moreau", "Ken Tanaka", 8, "cs.CL",
     "We train a merger of 2M parameters that halves the cache of any decoder, with no change of its weights."),
    ("90181", "A Million Tokens, Ten Facts", "Ara Grigoryan", "Dev Shah", 11, "cs.CL",
     "We release a long-context benchmark in which the ten facts that matter contradict each other."),
    ("90409", "Latency Is a Distribution", "Joan Hollis", "Ravi Anand", 2, "cs.LG",
     "We re-measure 19 published speed-ups of speculative decoding; seven vanish at the 95th percentile."),
    ("90052", "Trees That Stay Warm: Prefix Sharing Across Users", "Rui Ferreira", "Jin Kim", 5, "cs.LG",
     "We share KV caches between tenants without leaking what is shared, at 3% overhead."),
    ("90077", "Meridian 3 Technical Report", "Kaito Abe", "Ana Zu", 143, "cs.CL",
     "We describe data, training and safety evaluation of open-weight models from 2B to 70B parameters."),
    ("90214", "Compute-Optimal Training Below One Billion Parameters", "Rana Haddad", "Chidi Nkemelu", 5, "cs.LG",
     "We fit scaling laws to 214 runs: small models want about sixty tokens per parameter."),
    ("90097", "Agents That Stop: Learning When Not to Call a Tool", "Ece Yilmaz", "Mai Ito", 17, "cs.CL",
     "We train agents on the cost of a call and cut calls by 60% at equal success."),
    ("90301", "Reasoning Traces Are Not Explanations", "Max Bauer", "Kofi Osei", 6, "cs.CL",
     "We edit traces so that they contradict the answer; models keep the answer in 71% of cases."),
    ("90155", "Reading a Small Transformer from End to End", "Ida Sorensen", "Tom Vale", 2, "cs.LG",
     "We label every attention head of a 12-layer model and test each label by removing the head."),
    ("90066", "OpenCorpus 2: Twelve Trillion Tokens with Provenance", "Pia Lund", "Leo Perez", 58, "cs.CL",
     "We release data whose every document carries its licence and its filters."),
    ("90288", "One Optimizer, Forty Sizes", "Jan Nowak", "Bo Chen", 12, "cs.LG",
     "We find that the best learning rate follows one curve from 10M to 30B parameters."),
    ("90360", "Cheap Judges, Costly Errors", "Liv Iversen", "Sai Rao", 4, "cs.CL",
     "We give the sample size at which a model judge is worth less than ten people."),
    ("90038", "Mixture-of-Experts Routing Is Mostly Hashing", "Wei Zhang", "Nils Eriksen", 10, "cs.LG",
     "We replace trained routers of language models by hashes and measure what is lost."),
)  # fmt: skip
OTHERS = ("cs.LG", "cs.LG", "cs.CL", "cs.CV", "cs.AI", "stat.ML", "cs.RO", "cs.LG", "math.OC", "eess.AS")


def papers(number: int = 1287) -> tuple[StoredEntry, ...]:
    """Be the papers of the week."""
    special = tuple(
        _paper(f"2611.{each}", title, people=(first, *(f"A. Author{n}" for n in range(many - 2)), last),
               category=category, summary=summary)
        for each, title, first, last, many, category, summary in PAPERS
    )  # fmt: skip
    rest = (
        _paper(
            f"2611.{80_004 + 15 * each}",
            f"Question {each} of {'KV Caching' if each % 37 == 0 else 'Modelling'}",
            category=OTHERS[each % len(OTHERS)],
        )
        for each in range(number - len(special))
    )
    return (*special, *rest)


def _paper(paper_id: str, title: str, *, category: str, people: Iterable[str] = (), **fields: Any) -> StoredEntry:
    names = tuple(people) or ("Ira First", "Jo Middle", "Al Last")
    extra = {"primary": category, "categories": [category]}
    day = 24 + int(paper_id[-2:]) % 4 if people == () else 24
    return paper(
        paper_id, title, day=f"{day} 05:00", authors=names, extra=extra, id=100_000 + int(paper_id[-5:]), **fields
    )


def reading() -> tuple[StoredEntry, ...]:
    """Be two posts and a talk."""
    return (
        post("losscurves.example/p/speculation", "Speculation, honestly", day="25 09:30", feed="loss-curves",
             authors=("Tomas Lindqvist",), words=4370, id=60_001,
             summary="What a draft model costs when nobody waits for it, and when everybody does."),
        post("gradient-notes.example/p/how-many-tokens", "How many tokens does a small model want?", day="24 08:00",
             feed="gradient-notes", authors=("Ines Okafor",), words=5520, id=60_002,
             summary="The scaling laws from 2022 to today, with every fit redone in one notebook."),
        video("EXAMPLEvid0", "Serving models to a whole campus", day="26 17:00", feeds=("stanford-online",),
              duration=3250, authors=("Systems Seminar",), id=60_003),
    )  # fmt: skip


def second_look(number: int = 0, *, feeds: tuple[str, ...] = ("gradient-notes", "loss-curves")) -> Look:
    """Be a paper of week 46 that had no place then and is discussed since."""
    titles = ("Preference Tuning Without Pairs", "A Second Thought", "A Third One")
    entry = paper(
        f"2611.{number + 6:05}",
        titles[number],
        day="12 05:00",
        authors=("Rosa Castellano", *(f"A. Author{n}" for n in range(7)), "Minh Bui"),
        summary="We replace pairwise comparisons by single ratings and lose nothing on four of five benchmarks.",
        extra={"primary": "cs.CL", "categories": ["cs.CL"]},
        id=50_000 + number,
    )
    return Look(replace(entry, issue="2026-W46", shown=False, cut="not among the first 9 papers"), feeds)


def linked(key: str, title: str = "", *, is_followed: bool = False) -> Linked:
    """Be a link to a paper."""
    return Linked(f"arxiv:{key}", f"https://arxiv.org/abs/{key}", title, is_followed)


LINKS = {
    60_001: tuple(linked(f"2611.{each}") for each in ("90118", "90263", "90409")),
    60_002: (
        linked("2203.15556", "Training Compute-Optimal Large Language Models", is_followed=True),
        linked("2611.90214"),
    ),
}
DISCUSSED = {
    "arxiv:2611.90263": ("loss-curves",),
    "arxiv:2611.90118": ("loss-curves",),
    "arxiv:2611.90409": ("loss-curves",),
    "arxiv:2611.90214": ("gradient-notes",),
}


def research(**fields: Any) -> Material:
    """Be everything that the page of such a week is made of."""
    defaults: dict[str, Any] = {
        "entries": (*reading(), *papers()),
        "settings": LENGTHS,
        "ranking": RankingSettings(deadline=False),
        "interests": INTERESTS,
        "subscriptions": SUBSCRIPTIONS,
        "courses": (),
        "revised": (new_version(1, title="Lookahead Heads: Self-Speculation Without a Draft Model"),),
        "links": LINKS,
        "discussed": DISCUSSED,
        "looks": (second_look(),),
    }
    return material(**{**defaults, **fields})
