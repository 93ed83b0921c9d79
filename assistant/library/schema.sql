-- Version 1. Paths are kept as the bytes the system names them by: a file name need not be text.

CREATE TABLE IF NOT EXISTS meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS documents (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    path       BLOB    NOT NULL UNIQUE,
    root       BLOB    NOT NULL,
    title      TEXT    NOT NULL,
    format     TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    mtime_ns   INTEGER NOT NULL,
    sha256     TEXT    NOT NULL,
    splitter   TEXT    NOT NULL,
    indexed_at TEXT    NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_root ON documents (root);

-- A node never changes: an edited file gets new nodes. AUTOINCREMENT, because the id is also the
-- vector's id in FAISS and an id used again would find the old passage by the new one's vector.
CREATE TABLE IF NOT EXISTS nodes (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    text        TEXT    NOT NULL,
    context     TEXT    NOT NULL,
    page        INTEGER,
    cell        INTEGER,
    line        INTEGER,
    headings    TEXT    NOT NULL,
    start       INTEGER NOT NULL,
    "end"       INTEGER NOT NULL,
    language    TEXT    NOT NULL,
    key         BLOB    NOT NULL,
    UNIQUE (document_id, position)
);
CREATE INDEX IF NOT EXISTS nodes_key ON nodes (key);

-- One row per distinct indexed text: its SHA-256 and little-endian float16 numbers.
CREATE TABLE IF NOT EXISTS embeddings (
    key    BLOB NOT NULL PRIMARY KEY,
    vector BLOB NOT NULL
);

-- Terms of each node, as lexical.py makes them, separated by spaces; words and pairs of syllables
-- apart, so that the many pairs of a Korean text do not make its words weigh less. The tables keep
-- their own text: deleting from a contentless one needs the very terms that went in, and an
-- analyser that has changed since would make others. The tokenizer only splits at spaces: every
-- other ASCII sign that a term may hold is declared a token character, and beyond ASCII all are.
-- Of a pair only its presence counts, so the index need not say how often and where.
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (terms, tokenize = "ascii tokenchars '+-_.#/'");
CREATE VIRTUAL TABLE IF NOT EXISTS words_vocabulary USING fts5vocab (words, row);
CREATE VIRTUAL TABLE IF NOT EXISTS pairs USING fts5 (terms, tokenize = "ascii", detail = none);
CREATE VIRTUAL TABLE IF NOT EXISTS pairs_vocabulary USING fts5vocab (pairs, row);
CREATE TRIGGER IF NOT EXISTS nodes_leave_index AFTER DELETE ON nodes BEGIN
    DELETE FROM words WHERE rowid = old.id;
    DELETE FROM pairs WHERE rowid = old.id;
END;

CREATE TABLE IF NOT EXISTS problems (
    path    BLOB PRIMARY KEY,
    root    BLOB NOT NULL,
    state   TEXT NOT NULL CHECK (state IN ('failed', 'skipped')),
    reason  TEXT NOT NULL,
    hint    TEXT NOT NULL,
    seen_at TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS chats (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    title   TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS turns (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    chat_id  INTEGER NOT NULL REFERENCES chats (id) ON DELETE CASCADE,
    question TEXT NOT NULL,
    answer   TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS turns_chat ON turns (chat_id);
