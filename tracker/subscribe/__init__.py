"""Stand beside the flow: a URL that a person gives → what it is and what will arrive → a table in feeds.toml.

proposal = examine("https://www.youtube.com/@AndrejKarpathy", config, fetcher, now=now)
append_table(config.path, table(proposal.subscription))
"""

from __future__ import annotations

from tracker.subscribe.edit import append_table, remove_table
from tracker.subscribe.examine import examine
from tracker.subscribe.proposal import Proposal, Wishes, table
from tracker.subscribe.starter import starter, write_starter

__all__ = ("Proposal", "Wishes", "append_table", "examine", "remove_table", "starter", "table", "write_starter")
