"""LaTeX that only sets type is taken out of papers' texts; formulas and money stay."""

from __future__ import annotations

import pytest

from tracker.poll.normalize_latex import without_styles


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"We introduce \textbf{StatEval}, the first", "We introduce StatEval, the first"),
        (r"A\textsuperscript{2}FM: An Adaptive", "A2FM: An Adaptive"),
        (r"We introduce $\textbf{UI-Simulator}$, a", "We introduce UI-Simulator, a"),
        (r"\emph{only \textbf{two} of} them", "only two of them"),
        (r"see \href{https://example.org/x_1}{our page} for", "see our page for"),
        (r"when $x_1 < y_2$ and \emph{loss}|params", "when $x_1 < y_2$ and loss|params"),
        (r"regret $O(\log n)$ at \$5 and $6", r"regret $O(\log n)$ at \$5 and $6"),
        (r"$\mathbf{W}$ and \textit{left open", r"$\mathbf{W}$ and \textit{left open"),
        ("nothing of it: a $k$-gram", "nothing of it: a $k$-gram"),
        (r"\textbf{}", ""),
    ],
)
def test_only_what_sets_type_goes(text: str, expected: str) -> None:
    """Words of a command stay, formulas stay whole, and so does what is not closed."""
    assert without_styles(text) == expected


def test_what_never_ends_is_read_once() -> None:
    """A text of nothing but openings comes back as it is."""
    text = r"\textbf{" * 20_000
    assert without_styles(text) == text
