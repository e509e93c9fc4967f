"""What yt-dlp says of a list is quoted as one short line."""

from __future__ import annotations

from tracker.poll.fetch.ytdlp import explain


def test_a_quotation_holds_what_can_be_printed() -> None:
    """Half a character, escapes, overrides and line breaks of an alert become blanks (M36)."""
    text = "YouTube said:\n\x1b[31m \u202eno\u2066 \ud83d\ue000\u200b list" + " and more" * 100
    error = explain({"kind": "said", "text": text}, url="https://www.youtube.com/playlist?list=PLx").error
    assert str(error).startswith("yt-dlp could not read the list (YouTube said: [31m no list and more and")
    assert len(str(error)) < 200
    assert str(error).isprintable()
