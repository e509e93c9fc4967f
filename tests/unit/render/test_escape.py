"""Escapes as they stand in the file: as few as keep a text from being markup."""

from __future__ import annotations

import pytest

from tracker.digest.render.escape import Safe, code, destination, escape, fill, is_too_long, link, plain


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        (
            "snake_case, C#, C++, 3.5 and R&D at 100% stay: a = b",
            "snake_case, C#, C++, 3.5 and R&D at 100% stay: a = b",
        ),
        (r"If $x_1 < y_2$, \emph{then} | else", r"If \$x_1 \< y_2\$, \\emph\{then} \| else"),
        ("[[note]] ![[image]] {{< shortcode >}}", r"\[\[note\]\] !\[\[image\]\] \{\{\< shortcode >}}"),
        ("#tag ^id key:: ==mark== %%c%%", r"\#tag \^id key\:\: \=\=mark\=\= \%\%c\%\%"),
        ("see https://a.example/x_y. Or sam@a.example", "see `https://a.example/x_y`. Or `sam@a.example`"),
        ("1. one", r"1\. one"),
        ("- dash", r"\- dash"),
        ("&amp; is not &", r"\&amp; is not &"),
        ("@someone", r"\@someone"),
    ],
)
def test_a_text_is_escaped_where_it_must_be(text: str, escaped: str) -> None:
    """LaTeX stays readable (M64); addresses become code spans, which no reader links."""
    assert escape(text) == escaped


def test_disguises_are_dropped() -> None:
    """Overrides, zero-width characters and controls vanish; the joiners that scripts need stay."""
    assert plain("a\u202eb\u200b\x1b[31m\u2066c\ufeff") == "ab[31mc"
    assert plain("\U0001f468\u200d\U0001f469") == "\U0001f468\u200d\U0001f469"
    assert plain(" a\t\r\n\x85\u2028b ") == "a b"


def test_an_endless_text_ends() -> None:
    """A title of a megabyte becomes a line with an ellipsis."""
    assert plain("a" * 1_000_000).endswith("a…")
    assert len(plain("a " * 1_000_000)) <= 400


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//a.example",
        "https://",
        "https://u@a.example",
        "https://[::1",
        "",
    ],
)
def test_only_web_addresses_are_linked(url: str) -> None:
    """Anything else leaves the bare title."""
    assert destination(url) == ""
    assert link("title", url) == "title"


@pytest.mark.parametrize(
    ("url", "is_linked"),
    [
        ("https://a.example/" + "x" * 982, True),
        ("https://a.example/" + "x" * 983, False),
        ("https://a.example/" + "日" * 109, True),
        ("https://a.example/" + "日" * 110, False),
    ],
)
def test_an_endless_address_is_not_linked(url: str, is_linked: bool) -> None:
    """A destination has at most 1,000 bytes as it is written, nine for a letter of Japanese."""
    assert (link("title", url) == "title") is not is_linked
    assert is_too_long(url) is not is_linked


def test_a_destination_cannot_end_early() -> None:
    """Brackets, spaces, quotes and stray percent signs are encoded."""
    assert destination('HTTPS://a.example/x (y)\n["z"]%') == "https://a.example/x%20%28y%29%5B%22z%22%5D%25"


def test_only_safe_text_goes_in_as_it_is() -> None:
    """Values are escaped, our own Markdown is not; a code span cannot be left."""
    assert fill("**{}** {}", "*a*", Safe("*b*")) == r"**\*a\*** *b*"
    assert code("tracker feeds `x`") == "`tracker feeds 'x'`"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("_www.evil.example", r"\_www\.evil.example"),
        ("see_www.evil.example", r"see_www\.evil.example"),
        (r"\a@evil.example", r"\\a`@`evil.example"),
        ("`a@evil.example`", r"\`a`@`evil.example\`"),
        ("éa@evil.example", "éa`@`evil.example"),
        ("/a@evil.example/", "/a`@`evil.example/"),
        ("xmpp:@evil.example", r"xmpp\:`@`evil.example"),
        ("x@y and @z", r"x\@y and \@z"),
    ],
)
def test_github_links_no_address_in_a_corner(text: str, escaped: str) -> None:
    """Beside letters, slashes, backslashes and backticks an address is cut, for GitHub links it there, too."""
    assert escape(text) == escaped


@pytest.mark.parametrize("title", ["", " ", "\u2800", "\ufe0f", "\u3164", "\u0301", "\u200b\u200d"])
def test_a_link_always_has_a_text(title: str) -> None:
    """A title of nothing but blanks, fillers or marks is named, not an invisible link."""
    assert link(title, "https://a.example/") == "[Untitled](https://a.example/)"
