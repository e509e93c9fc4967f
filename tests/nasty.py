"""Collect what a hostile stranger writes into a feed: texts and addresses, and strategies that mix them.

Every string is an attempt at something: at markup of one dialect or another, at a link that we did not put there, at a
terminal, a file, a database, a reader's eyes.
"""

from __future__ import annotations

from hypothesis import strategies as st

NASTY = (
    "[[note]] ![[image.png]] [[note|alias]]",
    "{{< youtube abc >}} {{% raw %}} {% liquid %} {{ mustache }}",
    "#tag #1 # heading ## sub",
    "%%hidden%% ==mark== ~~gone~~ ~sub~ ^sup^ text ^block-id",
    "$x_1 < y_2$ and $$E = mc^2$$ \\(a\\) \\[b\\] \\emph{x}",
    "key:: value [key:: value] (key:: value) :smile: :+1:",
    "<script>alert(1)</script> <img src=x onerror=y> <!-- c --> <https://evil.example> </div>",
    "[text](javascript:alert(1)) ![img](https://evil.example/x.png) [ref] [ref]: https://evil.example",
    "see www.evil.example, https://evil.example/a_b*c*?x=1&copy;=2 and ftp://evil.example",
    "mail a.b@evil.example or <a@evil.example> mailto:a@evil.example xmpp:a@b.example",
    "`a@evil.example` `www.evil.example` ``code`` ``` fence",
    "footnote[^1] [^1]: note ^[inline]",
    "- [x] task\n- list\n1. one\n> quote\n---\n===\n# title\n    code\n| a | b |\n|---|---|",
    "1) one",
    "+ plus",
    "&lt;b&gt; &amp; &#60; &copy;",
    "*emphasis* **strong** ***both*** _under_ __dunder__ snake_case a*b*c",
    "\\",
    "ends with a backslash\\",
    "\\`\\*\\_",
    "a\u202egnp.exe zero\u200bwidth \ufeffbom \u2066isolate\u2069 tag\U000e0041",
    "tab\there\r\nand\x00nul\x1b[31mred\x1b[0m\x85next\u2028line",
    "\ud800 lone surrogate",
    "\u0645\u0631\u062d\u0628\u0627 \U0001f468\u200d\U0001f469\u200d\U0001f467 \u65e5\u672c\u8a9e",
    "C# and C++ at 100% of AT&T, R&D, 3 < 4 > 2, a = b == c",
    "@karpathy said @everyone",
    "!",
    "[",
    "](",
    "title \"quoted\" 'single' (parens)",
    "",
    " \n\t ",
    "a" * 3000,
    # addresses where readers of Markdown look for them, and bare ones
    "visit evil.example or www.evil.example, _www.evil.example (www.evil.example/x_y) *www.evil.example*",
    "\\a@evil.example `a@evil.example` éa@evil.example /a@evil.example/ a_@evil.example <mailto:a@evil.example>",
    "xmpp:@evil.example mailto:a@evil.example?subject=x a@b@evil.example a@evil.example/ a@evil.exampleé",
    "https://user:secret@evil.example/ http://[::1]/ https:\\\\evil.example //evil.example ftp://evil.example:21/a(b)",
    "https://evil.example/{{< shortcode >}} www.evil.example/`x`/[[note]] https://evil.example/%%x%%==y==",
    "javascript:alert(1) data:text/html,<script>x</script> file:///etc/passwd vbscript:x obsidian://open?vault=x",
    "[x](<javascript:alert(1)>) [x][y] [y]: javascript:alert(1) <javascript:alert(1)> ![x](data:image/png;base64,AA==)",
    "java\tscript:alert(1) java\u200bscript:alert(1) &#106;avascript&colon;alert(1) &#x202e;x &lt;img src=x&gt;",
    # structure: what would end our line, or begin a block
    "x\n\n# heading\n\n- [x] done\n\n> [!danger] callout\n\n\tcode\n\n| a |\n|---|\n| b |\n",
    "x  \ny\\\nz\r\n===\n---\n***\n+++\n~~~\n```\n:::\n",
    "title\u2028===\u2029---\x85# heading\x0b- list\x0c1. one",
    "*Why: x.* **Needs you:** x. · ** · [x](https://evil.example) ]( ) [ ] [x]",
    "> [!note]- folded\n> x",
    "{#id .class key=value} {.evil} ::: warning @[toc] [[_TOC_]] \\newpage \\begin{document} \\input{/etc/passwd}",
    "[^1]: note [^note] ^[inline] *[HTML]: abbreviation term\n: definition (@example)",
    "---\ntitle: evil\ntags: [x]\n--- !!python/object/apply:os.system [id] &anchor *alias",
    "+++\ntitle = 'evil'\n+++ {{ 7 * 7 }} ${x} <%= x %> {% include x %} <!--more--> {{% x %}}",
    "📅 2026-01-01 ⏫ 🔁 every day #task [due:: 2026-01-01] TODO @due(tomorrow)",
    # what nobody sees, and what turns around
    "\u202ehttps://evil.example\u202c \u2067moc.elpmaxe\u2069 \u200fx\u200e \u061cy \u202a\u202b\u202d",
    "good\u200b.example g\u00adood \u2060good\ufeff \U000e0067\U000e006f\U000e0001 pay\u3164pal \u115f\u1160\uffa0 \u034f",
    "\ufe00\ufe0e\ufe0f\U000e0100 \u17b4\u17b5 \u180b\u180e \u2800\u2800 \ufff9x\ufffay\ufffb \ufffe\uffff\ufdd0",
    "\u2800",
    "\u3164\ufe0f",
    "Z\u0335\u0336\u0337\u0338\u0489\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307" * 9,
    "\u0e2a" + "\u0e47" * 90,
    "\ue000\uf8ff\U000f0000\U0010fffd private \ud83d half \udc00",
    "g\u043eogle.example (Cyrillic) xn--ggle-0nd.example \uff45\uff56\uff49\uff4c.example evil\u3002example",
    # terminals
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\ \x1b[2J\x1b[1;1H \x9b31m \x1bPq\x1b\\ \x1b]0;title\x07",
    "back\x08\x08\x08 over\rwritten \x7f \x00 bell\x07 \x0e\x0f",
    "[bold red]rich[/] [link=https://evil.example]x[/link] %s %(x)s {0} {x!r} \\N{BULLET} \\x1b[31m",
    # other outputs
    "'; DROP TABLE entries; -- \" OR 1=1 NEAR(x) * :",
    "a, b/c <&>\"' ]]> <![CDATA[ <?xml ?> &evil; <!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
    '""" \'\'\' \\u0041 \\ # [[feed]] id = "evil"',
    "../../etc/passwd ..\\..\\x CON nul.txt ~/.ssh/id_rsa $(id) `id` ; rm -rf ~ | sh > x",
    "x" * 5000 + " " + "long" * 2000,
)
# Harmless texts that look a little like markup, between the others.
HONEST = (
    "C# and snake_case, 2 * 3 = 6, $5 ~approx a_b",
    r"If $x_1 < y_2$, \emph{then}",
    "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645 日本語 क्षत्रिय Việt",
)
NASTY_URLS = (
    "https://evil.example/a(b)[c]<d>\"e'`f g?h=1&amp;i=2&copy;#j|k\\l^{m}",
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)//https://evil.example/",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "\u200bjavascript:alert(1)",
    "javascript&colon;alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "feed:https://evil.example/",
    "obsidian://open?vault=x",
    "https://user:secret@evil.example/",
    "https://good.example@evil.example/",
    "https://evil.example\\@good.example/",
    "https:\\\\evil.example/x",
    "https:/evil.example/x",
    "https:evil.example",
    "//evil.example/protocol-relative",
    "/relative) [x](javascript:alert(1)",
    "?query=[x](y)",
    "#fragment",
    "HTTP://EVIL.example/%zz%41%",
    "https://evil.example/%0a%0d%00%5D%28javascript:x%29",
    "https://evil.example/x\n[y](javascript:alert(1))",
    "https://evil.example/x y \t z",
    "https://evil.example/{{< x >}}{{% y %}}[[z]]![[a]]",
    "https://evil.example/\u202egpj.exe\u2066\u200b\ufeff\u00ad\U000e0041\u3164",
    "https://ex\u00e4mple.example/\u65e5\u672c\u202e",
    "https://g\u043eogle.example/",
    "https://good\u200b.example/",
    "https://good\u202e.example/",
    "https://evil\u3002example/",
    "https://\uff45\uff56\uff49\uff4c.example/",
    "https://evil.example:99999/",
    "https://[::1]:22/",
    "https://[::1",
    "https://",
    "https://evil.example/\ud83d",
    "https://evil.example/" + "a" * 5000,
    "https://evil.example/" + "a" * 4000,
    "https://evil.example/?q=" + "\u65e5" * 1500,
    "https://evil.example/?a=`id`&b=$(id)&c='x'&token=secret",
    "",
)
MARKUP = st.text(alphabet="[]()!<>*_`~#-+=|\\{}$%^&:;@./'\"x1 \n\t", max_size=60)
# Pieces of addresses in any order, which is where readers of Markdown find links that nobody wrote.
_PIECES = (
    *("www.", "WWW.", "http://", "https://", "ftp://", "mailto:", "xmpp:", "evil.example", "a@evil.example", "&amp;"),
    *("@", ".", "_", "`", "\\", "*", "~", "(", ")", "[", "]", "é", "-", "+", "/", ":", "x", "1", " "),
)
ADDRESSES = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=6).map("".join)
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    MARKUP,
    ADDRESSES,
    st.text(max_size=80),
    st.lists(st.sampled_from(NASTY + HONEST), max_size=3).map(" ".join),
)
URLS = st.one_of(
    st.sampled_from(NASTY_URLS), st.text(max_size=60).map("https://evil.example/".__add__), st.text(max_size=60)
)
