"""Stand beside the flow: a URL that a person gives → what it is and what will arrive → a table in feeds.toml.

proposal = examine("https://www.youtube.com/@AndrejKarpathy", config, fetcher, now=now)
append_table(config.path, table(proposal.subscription))

A whole list of another reader comes and goes as OPML: read_opml → import_outlines, export_outlines → write_opml.
"""

from __future__ import annotations

from tracker.subscribe.edit import append_table, remove_table
from tracker.subscribe.examine import examine
from tracker.subscribe.exchange import Import, Skipped, export_outlines, import_outlines
from tracker.subscribe.opml import OpmlError, Outline, read_opml, write_opml
from tracker.subscribe.proposal import Proposal, Wishes, table
from tracker.subscribe.starter import starter, write_starter

__all__ = (
    "Import",
    "OpmlError",
    "Outline",
    "Proposal",
    "Skipped",
    "Wishes",
    "append_table",
    "examine",
    "export_outlines",
    "import_outlines",
    "read_opml",
    "remove_table",
    "starter",
    "table",
    "write_opml",
    "write_starter",
)
