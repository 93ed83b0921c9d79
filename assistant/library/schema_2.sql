-- Version 2: more kinds of place, pages without text, roots that are kept in step, notebooks.

ALTER TABLE documents ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN unread TEXT NOT NULL DEFAULT '[]';

ALTER TABLE nodes ADD COLUMN slide INTEGER;
ALTER TABLE nodes ADD COLUMN sheet TEXT NOT NULL DEFAULT '';
ALTER TABLE nodes ADD COLUMN first_row INTEGER;
ALTER TABLE nodes ADD COLUMN last_row INTEGER;
ALTER TABLE nodes ADD COLUMN seconds REAL;

-- A node is found by rough terms until the analyser has been over it.
ALTER TABLE nodes ADD COLUMN is_rough INTEGER NOT NULL DEFAULT 0;
CREATE INDEX nodes_rough ON nodes (id) WHERE is_rough;

-- What the file was when it could not be read, so that it need not be tried at every ingestion.
ALTER TABLE problems ADD COLUMN size INTEGER;
ALTER TABLE problems ADD COLUMN mtime_ns INTEGER;
ALTER TABLE problems ADD COLUMN splitter TEXT;

-- What was ingested as such: a folder, or a file named by itself. Patterns are JSON lists.
CREATE TABLE roots (
    path      BLOB    PRIMARY KEY,
    include   TEXT    NOT NULL DEFAULT '[]',
    exclude   TEXT    NOT NULL DEFAULT '[]',
    watched   INTEGER NOT NULL DEFAULT 0,
    synced_at TEXT    NOT NULL DEFAULT ''
);
INSERT INTO roots (path, synced_at) SELECT root, max(indexed_at) FROM documents GROUP BY root;

-- A notebook holds paths and not documents: what is new beneath a folder is in it by itself, and a
-- document that is stored anew stays in it.
CREATE TABLE notebooks (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT    NOT NULL UNIQUE,
    created TEXT    NOT NULL
);
CREATE TABLE notebook_paths (
    notebook_id INTEGER NOT NULL REFERENCES notebooks (id) ON DELETE CASCADE,
    path        BLOB    NOT NULL,
    PRIMARY KEY (notebook_id, path)
) WITHOUT ROWID;
