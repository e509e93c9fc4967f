"""Bring a database to this program's schema, one frozen step after the other.

A step that was released is never edited: literal SQL only, and nothing imported from the rest of
tracker but more of that. Every step is transactional. A new table, view or column is described in docs/database.md.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from tracker.storage import m001_kept

MIGRATIONS = Migrations("tracker")


@MIGRATIONS()
def m001_initial(db: Database) -> None:
    """Make the tables, their full-text index and the views for people."""
    db.executescript(_M001_TABLES)
    db.table("entries").enable_fts(["title", "authors", "summary"], tokenize="porter unicode61 remove_diacritics 2")
    db.executescript(_M001_TRIGGERS)
    db.executescript(m001_kept.SQL)
    db.executescript(_M001_VIEWS)


# The comments stand inside the statements on purpose: SQLite keeps them, and any tool shows them.
_M001_TABLES = """
CREATE TABLE feeds ( -- one row: the state of one subscription of feeds.toml
    id TEXT PRIMARY KEY NOT NULL, -- the id in feeds.toml
    source TEXT NOT NULL CHECK (source IN ('youtube', 'substack', 'arxiv', 'web')),
    target TEXT NOT NULL, -- what is followed, e.g. playlist:PL...
    title TEXT NOT NULL DEFAULT '',
    site_url TEXT NOT NULL DEFAULT '',
    subscribed_at TEXT NOT NULL,
    unsubscribed_at TEXT, -- NULL while it stands in feeds.toml
    is_paused INTEGER NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1)),
    first_polled_at TEXT,
    last_new_at TEXT,
    newest_published TEXT,
    etag TEXT NOT NULL DEFAULT '', -- validators: byte exact, for validators_url only
    last_modified TEXT NOT NULL DEFAULT '',
    validators_url TEXT NOT NULL DEFAULT '',
    validators_at TEXT,
    body_hash TEXT NOT NULL DEFAULT '',
    wait REAL, -- seconds that the feed asks to be left alone
    listing_complete_at TEXT, -- the last listing that held everything
    listing_before_at TEXT, -- the last such listing of an earlier day
    moved_to TEXT NOT NULL DEFAULT '',
    moved_since TEXT,
    gone_since TEXT, -- since when the host says that the feed is gone
    gap_since TEXT -- since when entries may have scrolled out unseen
) STRICT;

CREATE TABLE doors ( -- one row: a way to read a feed that was tried
    feed TEXT NOT NULL REFERENCES feeds (id),
    door TEXT NOT NULL CHECK (door IN ('feed', 'listing', 'archive')),
    url TEXT NOT NULL DEFAULT '', -- the URL in use
    baseline_at TEXT, -- first complete answer: what it held was backlog or the first window's news
    next_due_at TEXT,
    last_polled_at TEXT,
    last_success_at TEXT,
    failures INTEGER NOT NULL DEFAULT 0, -- in a row
    failing_since TEXT,
    last_error TEXT NOT NULL DEFAULT '',
    last_stage TEXT NOT NULL DEFAULT '',
    last_status INTEGER,
    entries INTEGER, -- in its last document
    PRIMARY KEY (feed, door)
) STRICT, WITHOUT ROWID;

CREATE TABLE entries ( -- one row: one work (a video, a paper, a post), however many feeds carry it
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE, -- youtube:<video id>, arxiv:<id without version>, web:...
    kind TEXT NOT NULL CHECK (kind IN ('video', 'paper', 'post')),
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    authors TEXT NOT NULL DEFAULT '[]', -- JSON list
    summary TEXT NOT NULL DEFAULT '',
    words INTEGER,
    duration INTEGER, -- seconds
    paywalled INTEGER NOT NULL DEFAULT 0 CHECK (paywalled IN (0, 1)),
    published TEXT,
    updated TEXT,
    first_seen TEXT NOT NULL, -- decides its issue; never changes
    version INTEGER,
    availability TEXT NOT NULL DEFAULT '', -- '' or why it cannot be watched, e.g. private
    extra TEXT NOT NULL DEFAULT '{}', -- JSON object: what only its source knows
    fingerprint TEXT NOT NULL DEFAULT '', -- of title, summary, authors, kind of link
    text_door TEXT NOT NULL CHECK (text_door IN ('feed', 'listing', 'archive')), -- where the text came from
    upcoming_at TEXT, -- when a listing last said that it cannot be watched yet; NULL once it can
    release_at TEXT -- the hour for which it is planned, where that is known
) STRICT;
CREATE INDEX entries_first_seen ON entries (first_seen);
CREATE INDEX entries_duration ON entries (duration) WHERE kind = 'video';

CREATE TABLE appearances ( -- one row: an entry in a feed
    feed TEXT NOT NULL REFERENCES feeds (id),
    entry INTEGER NOT NULL REFERENCES entries (id),
    guid TEXT NOT NULL DEFAULT '', -- as the feed gives it
    position INTEGER, -- in the playlist, else in the document; changes freely
    announce_type TEXT NOT NULL DEFAULT '', -- arXiv: new, cross, replace, replace-cross
    backlog TEXT NOT NULL DEFAULT '', -- '' is news, else why it is not
    first_seen TEXT NOT NULL,
    last_seen TEXT NOT NULL,
    listed_at TEXT, -- last seen in a listing
    fed_at TEXT, -- last seen in the feed itself
    left_at TEXT, -- when the subscription turned to something else; NULL while it is this feed's
    fingerprint TEXT NOT NULL DEFAULT '', -- of this feed's own wording
    slice TEXT NOT NULL DEFAULT '', -- hash of its bytes in the feed's document; '' when they must be read again
    address TEXT NOT NULL DEFAULT '', -- beside a slice: the URL as it is compared
    PRIMARY KEY (feed, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX appearances_guid ON appearances (feed, guid);
CREATE INDEX appearances_entry ON appearances (entry, backlog);
CREATE INDEX appearances_slice ON appearances (feed, slice) WHERE slice <> '';

CREATE TABLE versions ( -- one row: a version of a paper that was revised after it was stored
    entry INTEGER NOT NULL REFERENCES entries (id),
    version INTEGER NOT NULL,
    first_seen TEXT NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (entry, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE mentions ( -- one row: an entry links to the work with this key, stored or not
    entry INTEGER NOT NULL REFERENCES entries (id),
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (entry, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_key ON mentions (key);

CREATE TABLE polls ( -- one row: one poll of one feed through one door
    id INTEGER PRIMARY KEY,
    feed TEXT NOT NULL REFERENCES feeds (id),
    door TEXT NOT NULL CHECK (door IN ('feed', 'listing', 'archive')),
    at TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('new', 'unchanged', 'partial', 'failed')),
    host TEXT NOT NULL DEFAULT '',
    stage TEXT NOT NULL DEFAULT '', -- where it failed
    status INTEGER, -- HTTP
    bytes INTEGER NOT NULL DEFAULT 0,
    entries INTEGER NOT NULL DEFAULT 0, -- in the document
    new INTEGER NOT NULL DEFAULT 0, -- backlog included
    changed INTEGER NOT NULL DEFAULT 0,
    backlog INTEGER NOT NULL DEFAULT 0,
    ignored INTEGER NOT NULL DEFAULT 0,
    milliseconds INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    remedy TEXT NOT NULL DEFAULT '',
    is_transient INTEGER NOT NULL DEFAULT 1 CHECK (is_transient IN (0, 1)),
    is_local INTEGER NOT NULL DEFAULT 0 CHECK (is_local IN (0, 1)), -- the fault lay before the host
    gap_since TEXT, -- the answer before, where entries may have passed unseen since
    warnings TEXT NOT NULL DEFAULT '[]' -- JSON list
) STRICT;
CREATE INDEX polls_feed ON polls (feed, at);
CREATE INDEX polls_at ON polls (at);

CREATE TABLE batches ( -- one row: one announcement day of an arXiv category feed
    feed TEXT NOT NULL REFERENCES feeds (id),
    day TEXT NOT NULL, -- in New York, 2026-11-24
    state TEXT NOT NULL CHECK (state IN ('missing', 'read', 'fetched', 'lost')), -- fetched: afterwards, from the API
    at TEXT, -- when that was, or when it was last asked for
    start INTEGER NOT NULL DEFAULT 0, -- of a missing one: entries of it that are stored already
    tries INTEGER NOT NULL DEFAULT 0, -- how often the API listed nothing
    cut INTEGER NOT NULL DEFAULT 0, -- entries at which arXiv cut the feed's document off
    PRIMARY KEY (feed, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE hosts ( -- one row: a host's slot
    host TEXT PRIMARY KEY NOT NULL,
    last_request_at TEXT, -- rounded up
    paused_until TEXT, -- nobody asks it before
    reason TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE TABLE issues ( -- one row: one closed issue; rows are added, never taken back
    id INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE, -- 2026-W48
    span_start TEXT NOT NULL, -- what it really covers, half open
    span_end TEXT NOT NULL,
    closes_at TEXT NOT NULL, -- the regular hour that the label names
    closed_at TEXT NOT NULL,
    covers TEXT NOT NULL DEFAULT '[]', -- JSON list: labels of missed windows
    composition TEXT NOT NULL, -- JSON
    rendered BLOB NOT NULL, -- the bytes as they were given out
    file TEXT NOT NULL DEFAULT '',
    delivered_at TEXT, -- NULL until it has succeeded once
    delivery_error TEXT NOT NULL DEFAULT '',
    delivery_failures INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE issue_entries ( -- one row: an entry's place in an issue, shown or not
    issue INTEGER NOT NULL REFERENCES issues (id),
    entry INTEGER NOT NULL REFERENCES entries (id),
    role TEXT NOT NULL CHECK (role IN ('news', 'course', 'update', 'second-look')),
    is_shown INTEGER NOT NULL CHECK (is_shown IN (0, 1)),
    section TEXT NOT NULL DEFAULT '',
    rank INTEGER,
    score REAL,
    reasons TEXT NOT NULL DEFAULT '[]', -- JSON list
    cut TEXT NOT NULL DEFAULT '', -- why it is not shown
    terms TEXT NOT NULL DEFAULT '{}', -- JSON object: what the score is the sum of
    standing INTEGER, -- of a paper: its place among all papers that the issue could have shown
    version INTEGER, -- of a paper: the one that was told
    PRIMARY KEY (issue, entry, role),
    CHECK (role <> 'update' OR version IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX issue_entries_news_once ON issue_entries (entry) WHERE role = 'news';
CREATE UNIQUE INDEX issue_entries_update_once ON issue_entries (entry, version) WHERE role = 'update';
CREATE UNIQUE INDEX issue_entries_second_look_once ON issue_entries (entry) WHERE role = 'second-look';
CREATE INDEX issue_entries_entry ON issue_entries (entry, role);

CREATE TABLE marks ( -- one row: what holds of all that the reader said about a work, stored or not
    key TEXT PRIMARY KEY NOT NULL,
    done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),
    starred INTEGER NOT NULL DEFAULT 0 CHECK (starred IN (0, 1)),
    hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
    at TEXT NOT NULL, -- since when: of the star, else of the tick
    origin TEXT NOT NULL DEFAULT '' -- an issue's file, or a command
) STRICT, WITHOUT ROWID;

CREATE TABLE ticks ( -- one row: a mark that a file, or a command, has put on a work
    file TEXT NOT NULL, -- relative to the digest's folder; '' is a command; a file that is gone has a / before its name
    key TEXT NOT NULL,
    mark TEXT NOT NULL CHECK (mark IN ('done', 'starred', 'hidden')),
    at TEXT NOT NULL,
    is_void INTEGER NOT NULL DEFAULT 0 CHECK (is_void IN (0, 1)), -- taken back elsewhere: the file still says it
    PRIMARY KEY (file, key, mark)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticks_key ON ticks (key);

CREATE TABLE readings ( -- one row: a file of the digest's folder that was looked into for marks
    path TEXT PRIMARY KEY NOT NULL, -- relative to the folder
    issue TEXT NOT NULL DEFAULT '', -- the label it names; '' is no issue
    signature TEXT NOT NULL -- its times, size and number then: another one is read again
) STRICT, WITHOUT ROWID;

CREATE TABLE files ( -- one row: bytes that were written to a file of the digest's folder; other bytes are the reader's
    path TEXT NOT NULL, -- relative to the folder
    sha256 TEXT NOT NULL,
    written_at TEXT NOT NULL,
    page BLOB, -- the page in them, without the reader's words; NULL once a newer one is known to stand there
    PRIMARY KEY (path, sha256)
) STRICT, WITHOUT ROWID;
"""

_M001_TRIGGERS = """
CREATE TRIGGER entries_ad AFTER DELETE ON entries BEGIN -- new ones: the program does it, all of a document at once
    INSERT INTO entries_fts (entries_fts, rowid, title, authors, summary)
    VALUES ('delete', old.id, old.title, old.authors, old.summary);
END;
CREATE TRIGGER entries_au AFTER UPDATE OF title, authors, summary ON entries BEGIN
    INSERT INTO entries_fts (entries_fts, rowid, title, authors, summary)
    VALUES ('delete', old.id, old.title, old.authors, old.summary);
    INSERT INTO entries_fts (rowid, title, authors, summary) VALUES (new.id, new.title, new.authors, new.summary);
END;
CREATE TRIGGER entries_slices AFTER UPDATE ON entries BEGIN -- whoever changes an entry: its feeds must be read again
    UPDATE appearances SET slice = '', address = '' WHERE entry = new.id AND slice <> '';
END;
CREATE TRIGGER mentions_slices AFTER DELETE ON mentions BEGIN
    UPDATE appearances SET slice = '', address = '' WHERE entry = old.entry AND slice <> '';
END;
"""

_M001_VIEWS = """
CREATE VIEW news_by_issue AS -- what each issue announced, and what it held back
SELECT issues.label AS issue, place.is_shown AS shown, place.section, place.rank, entries.kind, entries.title,
    entries.url, entries.published, entries.first_seen, place.cut,
    (SELECT group_concat(feed, ', ') FROM appearances WHERE appearances.entry = entries.id) AS feeds, entries.key
FROM issue_entries AS place
JOIN issues ON issues.id = place.issue
JOIN entries ON entries.id = place.entry
WHERE place.role = 'news'
ORDER BY issues.id DESC, place.is_shown DESC, place.rank IS NULL, place.rank, entries.key;

CREATE VIEW not_shown AS -- what an issue held back, and why
SELECT issue, cut, kind, title, url, published, feeds, key FROM news_by_issue WHERE shown = 0;

CREATE VIEW unassigned AS -- news that waits for the next close
SELECT entries.first_seen, entries.kind, entries.title, entries.url, entries.published,
    (SELECT group_concat(feed, ', ') FROM appearances WHERE appearances.entry = entries.id) AS feeds, entries.key
FROM entries
WHERE entries.id IN (
    SELECT entry FROM appearances AS own
    WHERE own.backlog = ''
        AND NOT EXISTS (SELECT 1 FROM issue_entries WHERE issue_entries.entry = own.entry AND role = 'news')
)
ORDER BY entries.first_seen, entries.key;

CREATE VIEW feed_overview AS -- how every subscription is doing
SELECT feeds.id, feeds.title, feeds.source, feeds.unsubscribed_at, feeds.is_paused AS paused,
    (SELECT count(*) FROM appearances WHERE appearances.feed = feeds.id) AS entries,
    (SELECT count(*) FROM appearances WHERE appearances.feed = feeds.id AND backlog <> '') AS backlog,
    feeds.last_new_at,
    (SELECT max(last_success_at) FROM doors WHERE doors.feed = feeds.id) AS last_success_at,
    (SELECT min(next_due_at) FROM doors WHERE doors.feed = feeds.id) AS next_due_at,
    coalesce(main.failures, 0) AS failures, main.failing_since, coalesce(main.last_error, '') AS last_error
FROM feeds
LEFT JOIN doors AS main ON main.feed = feeds.id AND main.door = 'feed'
ORDER BY feeds.id;
"""
