-- Version 4: what the reader thought of an answer: '', 'good' or 'bad'.

ALTER TABLE turns ADD COLUMN rating TEXT NOT NULL DEFAULT '';
