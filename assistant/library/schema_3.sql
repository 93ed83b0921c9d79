-- Version 3: chats that are pinned, that can be taken back, and that are searched.

ALTER TABLE chats ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;

-- When a chat was deleted; '' of one that was not. It is wiped when a day has gone by.
ALTER TABLE chats ADD COLUMN deleted TEXT NOT NULL DEFAULT '';

-- What a turn is found by: terms as lexical.py makes them without a dictionary, and its meaning as
-- the encoder of that fingerprint sees it (float16, normalised).
CREATE VIRTUAL TABLE turn_words USING fts5 (terms, tokenize = "ascii tokenchars '+-_.#/'");
CREATE TABLE turn_vectors (
    turn_id INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    encoder TEXT    NOT NULL,
    vector  BLOB    NOT NULL
);
CREATE TRIGGER turns_forgotten AFTER DELETE ON turns BEGIN
    DELETE FROM turn_words WHERE rowid = old.id;
END;
