"""Where notes are kept: the only room that knows SQLite and FAISS."""
