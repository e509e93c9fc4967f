"""Serve sentences and abstracts: shorten a sentence at the borders of its clauses, in its author's own words and order.

Pure. Nothing is added but the capital at the beginning and the full stop at the end.
"""

from __future__ import annotations

import re

LONGEST = 200  # characters (digest-model, rule 5)
_LEAST_WORDS = 7
_LEAST_BEHIND_COMMA = 2

_SUBJECT = (
    r"(?:we|I|(?:this|the present|our) (?:\w+[ -]){0,2}(?:paper|work|article|study|survey|report|thesis|research|"
    r"review|note|chapter|proposal|tutorial|approach|method|framework|model|system|library)) (?!,)"
)
_LABEL = re.compile(
    r"\(?(?:i{1,3}|iv|v|[1-9a-d])\) |(?:background|objectives?|aims?|goals?|purpose|introduction|problem|motivation|"
    r"methods?|methodology|approach|design|results?|findings?|contributions?|conclusions?|abstract|context|"
    r"summary)\s?[:.–—-] +(?=[A-Z])",
    re.IGNORECASE,
)
_WORK = r"(?:paper|work|article|study|survey|report|thesis|research|review|note|chapter|tutorial|project|investigation)"
# Leads that say nothing of the paper itself, or point back to a sentence that is not shown.
_EMPTY_LEAD = re.compile(
    rf"(?:(?:in|through|with|throughout|within) (?:this|the present|our|the current)"
    rf" (?:\w+[ -]){{0,2}}{_WORK}(?:,|(?= (?:we|I) ))"
    r"|(?:here|hence|thus|therefore|accordingly|consequently|specifically|concretely|in particular|in response|"
    r"instead|as such|so|then|first|firstly|next|now|to this end|to that end|to do so|to do this|toward this end|"
    r"towards this end|for this purpose|for these reasons|for this reason|with this in mind|in light of this|"
    r"in this context|in this regard|in this direction|against this background|in contrast|overall|in summary|"
    r"more specifically|however|given these developments),"
    r"|(?:here|thus|therefore|hence)(?= we )"
    r"|(?:to|towards?|for|by|(?:motivated|inspired|driven|guided|informed|encouraged) by|building (?:up)?on|based on|"
    r"given|in light of|following|in view of|with|recognizing|considering|on)"
    rf"(?: [^\s,]+){{0,3}} (?:this|these|such|the above|those|that)(?: [^\s,]+){{0,5}},(?= {_SUBJECT}))",
    re.IGNORECASE,
)
_MAIN = re.compile(rf", (?={_SUBJECT}(?!should|must|can|need|believe|hope))", re.IGNORECASE)
# A condition belongs to what is claimed under it.
_CONDITION = re.compile(
    r"(?:if|when|whenever|under|unless|assuming|provided|for any|for every|for all|once)\b", re.IGNORECASE
)

_PARTICIPLE = (
    r"achieving|addressing|adopting|advancing|aiming|aligning|allowing|alongside|applying|attaining|automatically|"
    r"avoiding|bridging|bringing|capturing|combining|completing|comprising|consisting|consistently|contributing|"
    r"converting|covering|creating|delivering|demonstrating|drawing|effectively|eliminating|emphasi[sz]ing|employing|"
    r"enabling|encompassing|encouraging|enhancing|ensuring|establishing|evaluating|exceeding|explicitly|exploiting|"
    r"exploring|extending|facilitating|featuring|focusing|following|fostering|further|generating|giving|guaranteeing|"
    r"guiding|having|helping|highlighting|identifying|improving|incorporating|increasing|indicating|inspired|"
    r"integrating|introducing|keeping|leading|letting|leveraging|maintaining|making|marking|maximi[sz]ing|"
    r"minimi[sz]ing|mitigating|moving|narrowing|obtaining|offering|opening|outperforming|overcoming|paving|"
    r"preserving|producing|promoting|providing|ranging|reaching|reducing|rendering|representing|requiring|resulting|"
    r"retaining|revealing|rivaling|saving|serving|setting|shedding|showcasing|showing|significantly|simultaneously|"
    r"solving|spanning|streamlining|substantially|suggesting|supporting|surpassing|targeting|transcending|"
    r"transforming|underscoring|unifying|using|utili[sz]ing|yielding"
)
_TRAILING = re.compile(
    r"; | (?:--+|[–—-]) |(?<=\w)(?:---|—)(?=\w)|: "
    r"|, (?=(?:of|for|in|to|from|by|on|at|with|through) which )"
    r"|, (?=(?:which|whose|who|where|whereas|whereby|while|thereby|thus|hence|so that|because|since|as|even|"
    r"especially|particularly|notably|specifically|such as|e\.g\.|i\.e\.|namely|including|as well as|along with|"
    r"together with|rather than|by|all while|all of|each|both|with|without|based on|built|called|complemented|"
    r"composed|constructed|demonstrated|derived|designed|developed|driven|established|followed|found|given|guided|"
    r"instead|measured|motivated|named|optimi[sz]ed|organi[sz]ed|powered|rooted|supported|tailored|termed|tested|"
    r"trained|validated|"
    rf"accompanied|inspired|the (?:first|key|main)|an? [a-z]|one that|{_PARTICIPLE}) )"
    r"|, (?=(?:and )?(?:the|an?|it|they|this|these|we) (?:[\w-]+ ){1,6}(?:is|are|ensures?|shows?|enables?|allows?|"
    r"can|outperforms?|achieves?|consistently|significantly|provides?|improves?|leads?)\b)"
    r"|, (?=and (?:\w+ly |then |also |further )?(?:achieve|assess|benchmark|compare|conduct|demonstrate|derive|"
    r"develop|discuss|establish|evaluate|explore|find|give|illustrate|introduce|investigate|make|offer|present|"
    r"propose|prove|provide|release|report|show|stud(?:y|ie)|test|use|validate|verif(?:y|ie)|we|outperform|improve|"
    r"enable|enhance|support|serve|set|introduc)(?:e?s)? )"
    r"|, (?=(?:que|quien|donde|lo que|dont|qui|wobei|was|die|der|das) )"
    r"| (?=while (?:[\w-]+ly )?\w+ing )| (?=which (?:ensures?|enables?|allows?|makes?|leads?|improves?) )"
)
# Borders of phrases, where no clause ends: only for what cannot be shown otherwise.
_PHRASE = re.compile(
    r"(?<! of)(?<! and)(?<! or)(?<! without)(?<! than)(?<! not)(?<! from)(?<! both)(?<! for)(?<! when)(?<! to)(?<!,)"
    r" (?=(?:by [a-z-]+ing|using|based on|enabling|allowing|resulting in|leveraging|leading to|thereby|while|"
    r"whereas) )"
)
_NEEDS_ALL = re.compile(r": |\b(?:if|when|whether|unless|only)\b")
_DASH = re.compile(r" (?:--+|[–—-]) ")
# What may follow a pair of dashes without being the rest of the clause before it.
_AFTER_DASHES = re.compile(r" (?:--+|[–—-]) (?:to|for|in|with|by|that|which|and|while|from|on|as) ")
_DEPTH = re.compile(r"[()\[\]]|``|''|[“”]|\$")
_HANGING = re.compile(
    r"(?:^|\W)(?:a|an|the|and|or|of|to|for|in|on|by|with|from|that|which|is|are|be|as|than|not|our|its|their|enables|"
    r"requires|includes|ensures|comprises|provides|involves|combines|integrates|consists|contains|supports|allows|"
    r"achieves|uses|has|have|was|were|questions?|broader|key idea|idea is|as follows|following|find|show|obtain|"
    r"include|includes|contribute)$",
    re.IGNORECASE,
)
_PROMISES = re.compile(r"\bnot only\b(?!.*\bbut\b)|\beither\b(?!.*\bor\b)|\bbetween\b(?!.*\band\b)", re.IGNORECASE)
_COUNTED = re.compile(r"(?:^|\s)(?:\(?\d\)|\(i+\)) ")
_BRACKET = re.compile(r"\([^()]{0,300}\)")
_FINAL_BRACKET = re.compile(r" \([^()]{1,300}\)[.]?$")


def without_lead(text: str) -> str:
    """Cut what introduces a sentence without saying anything: "In this paper,", "To address this,", "Results:"."""
    for _ in range(3):  # "However, in this work, we …"
        lead = _LABEL.match(text) or _EMPTY_LEAD.match(text)
        rest = text[lead.end() :].lstrip() if lead else ""
        if not rest or (lead and lead[0].casefold() == "however,"):
            break
        text = rest
    return capital(text)


def shortened(text: str, *, least: int = 0) -> str:
    """Bring a sentence to at most `LONGEST` characters, or give nothing where that cannot be done in whole clauses.

    `least` is the position behind what must stay: the words for which the sentence was chosen.
    """
    if len(text) <= LONGEST:
        return text
    main = _main(text)
    if main and not _CONDITION.match(text):
        rest = text[main:]
        least = max(least - main, 0)
        text = capital(rest)
    return text if len(text) <= LONGEST else _without_trail(text, least)


def capital(text: str) -> str:
    """Write the first letter large, but not that of a name such as iPhone."""
    first = text[:1].upper()
    return text if text[1:2].isupper() or len(first) != 1 else first + text[1:]


def _main(text: str) -> int:
    """Find where the main clause begins behind a leading one, 0 where there is none."""
    shut = _shut(text)
    return next((each.end() for each in _MAIN.finditer(text) if not shut[each.start()]), 0)


def _without_trail(text: str, least: int) -> str:
    """Cut from the end to the last border of clauses that leaves a whole sentence."""
    shut = _shut(text)
    dashes = [each.start() for each in _DASH.finditer(text)]
    is_inserted = len(dashes) > 1 and not _AFTER_DASHES.match(text, dashes[1])
    parts = range(dashes[0], dashes[1] + 1) if is_inserted else range(0)
    borders = [
        each.start() for each in _TRAILING.finditer(text) if not shut[each.start()] and each.start() not in parts
    ]
    bracket = _FINAL_BRACKET.search(text)
    if bracket:
        borders.append(bracket.start())
    phrases = [] if _NEEDS_ALL.search(text) else [each.start() for each in _PHRASE.finditer(text)]
    phrases = [each for each in phrases if not shut[each] and each not in parts]
    for border in [*sorted(borders, reverse=True), *reversed(phrases)]:
        kept = text[:border].rstrip(" ,;:–—-")
        if len(kept) < LONGEST and border > least and _is_whole(kept):
            return f"{kept}."
    return ""


def _is_whole(kept: str) -> bool:
    return (
        len(_BRACKET.sub("", kept).split()) >= _LEAST_WORDS
        and len(kept.rpartition(", ")[2].split()) >= _LEAST_BEHIND_COMMA
        and not _HANGING.search(kept)
        and not _PROMISES.search(kept)
        and not _COUNTED.search(kept)
    )


def _shut(text: str) -> list[bool]:
    """Say of each place whether it stands within brackets, quotation marks or a formula."""
    shut = [False] * (len(text) + 1)
    depth, is_formula, done = 0, False, 0
    for mark in _DEPTH.finditer(text):
        if depth > 0 or is_formula:
            shut[done : mark.end()] = [True] * (mark.end() - done)
        done = mark.end()
        if mark[0] == "$":
            is_formula = not is_formula
        elif mark[0] in {"(", "[", "``", "“"}:
            depth += 1
        else:
            depth = max(depth - 1, 0)
    return shut
