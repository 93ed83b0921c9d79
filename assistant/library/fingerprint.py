"""What a library was made by: the encoder of its embeddings, the analyser of its words."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from assistant.errors import FingerprintMismatch
from assistant.library import documents, embeddings, lexical
from assistant.library.database import Database
from assistant.library.lexical import ANALYSER_VERSION, Dictionary


class Fingerprinted:
    """The part of a library that keeps different models and versions from being mixed."""

    def __init__(self, folder: Path, database: Database, dictionary: Dictionary = ()) -> None:
        self.folder = folder
        self._database = database
        self._dictionary = dictionary

    def check_fingerprint(self, encoder_fingerprint: str) -> None:
        """Make sure that questions are encoded and analysed as the notes were.

        Raises:
            FingerprintMismatch: by another model, or by another version of the analyser.
        """
        with self._database.reading() as db:
            self._check_encoder(db, encoder_fingerprint)
            self._check_analyser(db)

    def set_fingerprint(self, encoder_name: str, encoder_fingerprint: str, dimension: int) -> None:
        """Note by which encoder the library is embedded: once, before the first embedding.

        Raises:
            FingerprintMismatch: another one is noted already.
        """
        with self._database.writing() as db:
            self._check_encoder(db, encoder_fingerprint)
            if not embeddings.meta(db, "encoder_fingerprint"):
                embeddings.set_meta(db, "encoder_name", encoder_name)
                embeddings.set_meta(db, "encoder_fingerprint", encoder_fingerprint)
                embeddings.set_meta(db, "dimension", str(dimension))

    @property
    def embedding_model(self) -> str:
        """Name of the encoder; empty while nothing was embedded."""
        with self._database.reading() as db:
            return embeddings.meta(db, "encoder_name")

    def analyse_again(self) -> int:
        """Make the lexical index anew where another version's analyser made it.

        Returns how many nodes were analysed; none when nothing has changed.
        """
        with self._database.reading() as db:
            if embeddings.meta(db, "analyser") in ("", self._analyser):
                return 0
        with self._database.writing() as db:
            texts = documents.indexed_texts(db)
            documents.clear_terms(db)
            terms = lexical.analyse_all([text for _, text in texts], self._dictionary)
            for (node_id, _), node_terms in zip(texts, terms, strict=True):
                documents.refine_terms(db, node_id, node_terms)
            embeddings.set_meta(db, "analyser", self._analyser)
        return len(texts)

    def _check_encoder(self, db: sqlite3.Connection, fingerprint: str) -> None:
        if embeddings.meta(db, "encoder_fingerprint") not in ("", fingerprint):
            model = embeddings.meta(db, "encoder_name")
            raise FingerprintMismatch(
                f"the library in {self.folder} was embedded by another model ({model})",
                f"nothing is lost: `assistant models use {model}` goes on with it; or set `library`"
                " to a new folder and ingest there",
            )

    @property
    def _analyser(self) -> str:
        return lexical.version_with(self._dictionary, ANALYSER_VERSION)

    def _check_analyser(self, db: sqlite3.Connection) -> None:
        analyser = embeddings.meta(db, "analyser")
        if analyser not in ("", self._analyser):
            raise FingerprintMismatch(
                f"the library in {self.folder} was analysed by {analyser},"
                f" this is {self._analyser}",
                "`assistant ingest`, or F5 in the chat's library, analyses it anew;"
                " nothing is embedded",
            )

    def _note_analyser(self) -> None:
        with self._database.reading() as db:
            known = embeddings.meta(db, "analyser")
        if not known:
            with self._database.writing() as db:
                embeddings.set_meta(db, "analyser", self._analyser)
