"""One module per file format; each yields the parts of a document with their places."""
