"""Searching earlier chats: by their words at once, by their meaning where there is an encoder."""

from __future__ import annotations

from assistant.library.history import History
from assistant.protocols import Encoder
from assistant.query.fusion import reciprocal_rank_fusion
from assistant.types import ChatHit

_DEEP = 50  # turns asked of each leg
_NEAR = 10  # turns by meaning alone: further ones are about something else
_BATCH = 32


def find_chats(
    history: History, query: str, encoder: Encoder | None = None, *, limit: int = 20
) -> list[ChatHit]:
    """The best turn of each chat that speaks of ``query``, best first.

    A chat whose title holds the query comes before the others, with its first turn. Turns found
    by words and by meaning are joined by reciprocal rank (Cormack, Clarke and Büttcher 2009): two
    short lists of different kinds. The encoder sees each turn once; that is kept.
    """
    query = " ".join(query.split())
    if not query:
        return []
    legs = [history.find_words(query, _DEEP)]
    if encoder is not None:
        read_new(history, encoder)
        vector = encoder.encode_query(query)
        legs.append(history.find_meaning(encoder.fingerprint, vector, _NEAR))
    ranked = [turn for turn, _ in reciprocal_rank_fusion(*legs)]
    hits = history.hits(ranked)
    best = {hit.chat.id: hit for turn in reversed(ranked) if (hit := hits.get(turn))}
    in_order = dict.fromkeys(hits[turn].chat.id for turn in ranked if turn in hits)
    titled = [chat for chat in history.chats() if query.casefold() in chat.title.casefold()]
    first = [best.get(chat.id) or ChatHit(chat, 1, chat.title, "") for chat in titled]
    named = {chat.id for chat in titled}
    return [*first, *(best[chat] for chat in in_order if chat not in named)][:limit]


def read_new(history: History, encoder: Encoder) -> None:
    """Have the encoder see the turns it has not seen."""
    waiting = history.without_vector(encoder.fingerprint)
    for start in range(0, len(waiting), _BATCH):
        batch = waiting[start : start + _BATCH]
        vectors = encoder.encode_document([turn.text for turn in batch])
        history.store_vectors(encoder.fingerprint, [turn.id for turn in batch], vectors)
