"""Finding what was asked and answered before, by its words and by its meaning."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from assistant.library.chats import COLUMNS, chat_of
from assistant.library.lexical import analyse_roughly
from assistant.protocols import Matrix, Vector
from assistant.types import ChatHit, WaitingTurn

_ANSWER_START = 400  # characters of an answer that stand for what it means
_MOST_TERMS = 32


def index_words(db: sqlite3.Connection) -> None:
    """Make every turn findable by its words that is not yet."""
    rows = db.execute(
        "SELECT id, question, answer FROM turns"
        " WHERE id NOT IN (SELECT rowid FROM turn_words) ORDER BY id"
    ).fetchall()
    for turn_id, question, answer in rows:
        terms = " ".join(_terms(f"{question}\n{_text(answer)}"))
        db.execute("INSERT INTO turn_words (rowid, terms) VALUES (?, ?)", (turn_id, terms))


def are_words_indexed(db: sqlite3.Connection) -> bool:
    """Whether :func:`index_words` has nothing to do."""
    row = db.execute(
        "SELECT (SELECT max(id) FROM turns) IS (SELECT max(rowid) FROM turn_words)"
    ).fetchone()
    return bool(row[0])


def find_words(db: sqlite3.Connection, query: str, limit: int) -> list[tuple[int, float]]:
    """Turns that hold every term of ``query``, the last one perhaps not typed to its end.

    Returns:
        (turn id, BM25 score), best first; of turns of the same score the later one.
    """
    terms = _terms(query)[:_MOST_TERMS]
    if not terms:
        return []
    quoted = ['"' + term.replace('"', '""') + '"' for term in terms]
    # Only what is typed last may go on, and syllable pairs match the beginning of a word anyway.
    if query[-1:].isalnum() and query[-1:].isascii():
        quoted = [f"{term}*" if term[1:-1].isascii() else term for term in quoted]
    rows = db.execute(
        "SELECT turn_words.rowid, -bm25(turn_words) AS score FROM turn_words"
        " JOIN turns ON turns.id = turn_words.rowid JOIN chats ON chats.id = chat_id"
        " WHERE turn_words MATCH ? AND deleted = ''"
        " ORDER BY score DESC, turn_words.rowid DESC LIMIT ?",
        (" AND ".join(quoted), limit),
    )
    return [(turn_id, score) for turn_id, score in rows]


def without_vector(db: sqlite3.Connection, encoder: str) -> list[WaitingTurn]:
    """Turns that the encoder of this fingerprint has not seen, the latest first."""
    rows = db.execute(
        "SELECT turns.id, question, answer FROM turns"
        " LEFT JOIN turn_vectors ON turn_id = turns.id AND encoder = ?"
        " WHERE turn_id IS NULL ORDER BY turns.id DESC",
        (encoder,),
    )
    return [
        WaitingTurn(turn_id, f"{question}\n{_text(answer)[:_ANSWER_START]}")
        for turn_id, question, answer in rows
    ]


def store_vectors(
    db: sqlite3.Connection, encoder: str, turn_ids: Sequence[int], vectors: Matrix
) -> None:
    """Keep what turns mean: a row of ``vectors`` (float32, normalised) for each id."""
    import numpy as np

    rows = zip(turn_ids, vectors.astype(np.float16), strict=True)
    db.executemany(
        # A turn may have been deleted while it was encoded.
        "INSERT OR REPLACE INTO turn_vectors (turn_id, encoder, vector)"
        " SELECT id, ?, ? FROM turns WHERE id = ?",
        [(encoder, row.tobytes(), turn_id) for turn_id, row in rows],
    )


def find_meaning(
    db: sqlite3.Connection, encoder: str, vector: Vector, limit: int
) -> list[tuple[int, float]]:
    """The turns nearest to ``vector`` (normalised): (turn id, cosine), best first."""
    import numpy as np

    rows = db.execute(
        "SELECT turn_id, vector FROM turn_vectors JOIN turns ON turns.id = turn_id"
        " JOIN chats ON chats.id = chat_id WHERE encoder = ? AND deleted = ''",
        (encoder,),
    ).fetchall()
    if not rows:
        return []
    matrix = np.frombuffer(b"".join(blob for _, blob in rows), np.float16)
    cosines = matrix.reshape(len(rows), -1).astype(np.float32) @ vector
    best = np.argsort(-cosines, kind="stable")[:limit]
    return [(rows[i][0], float(cosines[i])) for i in best]


def hits(db: sqlite3.Connection, turn_ids: Iterable[int]) -> dict[int, ChatHit]:
    """The turns of these ids with the chats they are in."""
    found: dict[int, ChatHit] = {}
    for turn_id in turn_ids:
        row = db.execute(
            f"SELECT {COLUMNS},"
            " (SELECT count(*) FROM turns AS t WHERE t.chat_id = chats.id AND t.id <= turns.id),"
            " question, answer"
            " FROM turns JOIN chats ON chats.id = chat_id WHERE turns.id = ?",
            (turn_id,),
        ).fetchone()
        if row is not None:
            *chat, turn, question, answer = row
            found[turn_id] = ChatHit(chat_of(tuple(chat)), turn, question, _text(answer))
    return found


def _terms(text: str) -> list[str]:
    # Rough terms need no analyser, and a syllable pair is found while its word is being typed.
    words, pairs, _ = analyse_roughly(text)
    return [term for term in dict.fromkeys([*words, *pairs]) if term.strip()]


def _text(answer: str) -> str:
    """The text of a stored answer; nothing of one that cannot be read."""
    try:
        value = json.loads(answer)
    except ValueError:
        return ""
    text = value.get("text", "") if isinstance(value, dict) else ""
    return text if isinstance(text, str) else ""
