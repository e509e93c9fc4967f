r"""Serve normalize: take from arXiv's titles and abstracts the LaTeX that only sets type; formulas stay as they are.

Authors write `\textbf{StatEval}`, and one abstract in twenty holds such a command. (pylatexenc, which could read all of
LaTeX, has had no release since 2021, and would turn formulas into something that is neither.)
"""

from __future__ import annotations

import re

_STYLES = "text(?:bf|it|tt|sc|rm|sf|sl|md|up|normal|superscript|subscript)|emph|underline|mbox|bf|it|em|tt"
# What stands in braces is bounded, so that a text full of commands without an end is read once, not once for each.
_STYLED = re.compile(rf"\\(?:{_STYLES})\s*\{{([^{{}}\\]{{0,300}})\}}")
_LINKED = re.compile(r"\\href\s*\{[^{}\s]{0,500}\}\s*\{([^{}\\]{0,300})\}")
# Dollar signs around nothing but a name, such as `$\textbf{UI-Simulator}$` is without the command.
_NAMED = re.compile(r"\$([A-Za-z][A-Za-z0-9 -]{1,60}[A-Za-z0-9])\$")
_DEEPEST = 4  # commands within commands


def without_styles(text: str) -> str:
    """Give the text without commands for bold, italic and the like, and a link's words without its address."""
    if "\\" not in text:
        return text
    for _ in range(_DEEPEST):
        bare = _LINKED.sub(r"\1", _STYLED.sub(r"\1", text))
        if bare == text:
            return text
        text = _NAMED.sub(r"\1", bare)
    return text
