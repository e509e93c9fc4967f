"""Serve migrations: what the first step's database keeps of its entries so that nobody looks at all of them.

Triggers keep it, whoever stores: which news waits for an issue, and what a feed's rhythm is learnt from.
"""

from __future__ import annotations

SQL = """
CREATE TABLE waiting ( -- one row: an entry that is news and stands in no issue yet; triggers keep it
    entry INTEGER PRIMARY KEY REFERENCES entries (id)
) STRICT;

CREATE TABLE rhythms ( -- one row: when a feed's latest entries were published; none when that must be read again
    feed TEXT PRIMARY KEY NOT NULL REFERENCES feeds (id) ON DELETE CASCADE,
    dates TEXT NOT NULL -- JSON list, newest first
) STRICT, WITHOUT ROWID;

CREATE TRIGGER waiting_appeared AFTER INSERT ON appearances WHEN new.backlog = '' BEGIN
    INSERT OR IGNORE INTO waiting
    SELECT new.entry WHERE NOT EXISTS (SELECT 1 FROM issue_entries WHERE entry = new.entry AND role = 'news');
END;

CREATE TRIGGER waiting_changed AFTER UPDATE OF entry, backlog ON appearances
WHEN (old.entry, old.backlog) IS NOT (new.entry, new.backlog) BEGIN
    DELETE FROM waiting WHERE entry IN (old.entry, new.entry);
    INSERT INTO waiting
    SELECT DISTINCT entry FROM appearances AS own WHERE own.entry IN (old.entry, new.entry) AND own.backlog = ''
        AND NOT EXISTS (SELECT 1 FROM issue_entries WHERE issue_entries.entry = own.entry AND role = 'news');
END;

CREATE TRIGGER waiting_disappeared AFTER DELETE ON appearances BEGIN
    DELETE FROM waiting WHERE entry = old.entry
        AND NOT EXISTS (SELECT 1 FROM appearances WHERE entry = old.entry AND backlog = '');
END;

CREATE TRIGGER waiting_placed AFTER INSERT ON issue_entries WHEN new.role = 'news' BEGIN
    DELETE FROM waiting WHERE entry = new.entry;
END;

CREATE TRIGGER waiting_displaced AFTER DELETE ON issue_entries WHEN old.role = 'news' BEGIN -- by hand alone
    INSERT OR IGNORE INTO waiting
    SELECT old.entry WHERE EXISTS (SELECT 1 FROM appearances WHERE entry = old.entry AND backlog = '');
END;

CREATE TRIGGER rhythms_appeared AFTER INSERT ON appearances BEGIN
    DELETE FROM rhythms WHERE feed = new.feed;
END;

CREATE TRIGGER rhythms_changed AFTER UPDATE OF feed, entry, left_at ON appearances
WHEN (old.feed, old.entry, old.left_at) IS NOT (new.feed, new.entry, new.left_at) BEGIN
    DELETE FROM rhythms WHERE feed IN (old.feed, new.feed);
END;

CREATE TRIGGER rhythms_disappeared AFTER DELETE ON appearances BEGIN
    DELETE FROM rhythms WHERE feed = old.feed;
END;

CREATE TRIGGER rhythms_dated AFTER UPDATE OF published ON entries WHEN old.published IS NOT new.published BEGIN
    DELETE FROM rhythms WHERE feed IN (SELECT feed FROM appearances WHERE entry = new.id);
END;
"""
