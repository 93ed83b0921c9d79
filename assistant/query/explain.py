"""Why a passage was found: what each leg gave it, which words it shares, which sentence is nearest.

Nothing here is on the way of a search. The legs are asked again, as the retriever asks them, and
their scores put on the scales that the fusion puts them on, so that the summands shown are those
that were added.
"""

from __future__ import annotations

import math
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from assistant.config import RetrievalSettings
from assistant.library.lexical import LexicalHits, Terms, analyse_all
from assistant.library.library import Library
from assistant.protocols import Encoder, Vector
from assistant.query.fusion import RANK_CONSTANT, Hits, gate, leg_scales, trusted
from assistant.query.matching import heading
from assistant.query.proximity import proximity_weight
from assistant.query.retriever import depth_of
from assistant.sentences import sentences
from assistant.types import (
    EVERYTHING,
    Evidence,
    Explained,
    Explanation,
    Leg,
    Retrieval,
    Scope,
    Share,
    Source,
)

if TYPE_CHECKING:
    from assistant.library.dense import DenseHits

_MOST_ENCODED = 24  # sentences of a whole explanation; short ones take about 10 ms each

_WORD = re.compile(r"\S+")
_EDGES = re.compile(r"^\W+|\W+$")
_LATIN = re.compile(r"[^\W_ㄱ-힣]+")
_HANGUL = re.compile(r"[ㄱ-힣]")


def explain(
    library: Library,
    encoder: Encoder,
    found: Retrieval,
    settings: RetrievalSettings,
    *,
    scope: Scope = EVERYTHING,
) -> Explanation:
    """Why the sources of ``found`` were found for its query, asked with the same settings.

    Ranks and scores are those of now, where a leg still has the passage among its candidates.
    """
    started = time.perf_counter()
    legs = ask_legs(library, encoder, found.query, settings, scope)
    sources = [replace(source, legs=_legs_now(legs, source)) for source in found.sources]
    return Explanation(
        query=found.query,
        fusion=settings.fusion,
        gate=gate(legs.coverage),
        evidence=Evidence(legs.dense.similarity, legs.lexical.coverage),
        hits=explain_sources(legs, encoder, sources),
        seconds=time.perf_counter() - started,
    )


# --------------------------------------------------------------------------- legs


@dataclass(frozen=True, slots=True)
class Legs:
    """What both legs gave for a query, ``depth`` hits of each being candidates; more may be here.

    ``vector`` is the query's, shape (dimension,).
    """

    query: str
    vector: Vector
    dense: DenseHits
    lexical: LexicalHits
    depth: int
    settings: RetrievalSettings

    @property
    def coverage(self) -> float:
        """What the lexical leg is gated by."""
        return trusted(self.query, self.lexical.coverage, self.dense)

    @property
    def candidates(self) -> tuple[Hits, Hits]:
        """What the fusion is given."""
        return self.dense.hits[: self.depth], self.lexical.hits[: self.depth]


def ask_legs(
    library: Library,
    encoder: Encoder,
    query: str,
    settings: RetrievalSettings,
    scope: Scope = EVERYTHING,
    *,
    at_least: int = 0,
) -> Legs:
    """Both legs, as deep as the retriever asks them or ``at_least`` so deep."""
    query = unicodedata.normalize("NFC", query)
    depth = depth_of(settings)
    vector = encoder.encode_query(query)
    most = max(depth, at_least)
    return Legs(
        query,
        vector,
        library.search_dense(vector, most, scope),
        library.search_lexical(query, most, scope),
        depth,
        settings,
    )


def _legs_now(legs: Legs, source: Source) -> tuple[Leg, ...]:
    dense, lexical = legs.candidates
    now = [leg for leg in (_leg("dense", dense, source), _leg("lexical", lexical, source)) if leg]
    if not now:
        return source.legs
    return (*now, *(leg for leg in source.legs if leg.name not in ("dense", "lexical")))


def _leg(name: Literal["dense", "lexical"], hits: Hits, source: Source) -> Leg | None:
    for rank, (id, score) in enumerate(hits, start=1):
        if id == source.node_id:
            return Leg(name, rank, score)
    return None


def shares(legs: Legs, own: Sequence[Leg]) -> tuple[Share, ...]:
    """The summands of a passage's fused score, from its rank and score in each leg.

    Proximity is one where the search has found some. ``own`` may hold other legs; those add
    nothing.
    """
    known: dict[str, Leg] = {leg.name: leg for leg in own}
    dense, lexical = legs.candidates
    settings = legs.settings
    scales = leg_scales(
        dense,
        lexical,
        coverage=legs.coverage,
        dense_weight=settings.dense_weight,
        depth=legs.depth,
    )
    result = []
    for name, scale in zip(("dense", "lexical"), scales, strict=True):
        leg = known.get(name)
        if settings.fusion == "score":
            weight, scaled = scale.weight, 0.0 if leg is None else scale.of(leg.score)
        else:
            weight = 1.0
            is_in = leg is not None and leg.rank <= legs.depth
            scaled = 1.0 / (RANK_CONSTANT + leg.rank) if leg is not None and is_in else 0.0
        rank, score = (None, None) if leg is None else (leg.rank, leg.score)
        result.append(Share(name, rank, score, scaled, weight))
    weight = proximity_weight(settings, legs.coverage)
    if weight and (near := known.get("proximity")):
        result.append(Share(near.name, near.rank, near.score, near.score, weight))
    return tuple(result)


# --------------------------------------------------------------------------- words


def explain_sources(
    legs: Legs, encoder: Encoder, sources: Sequence[Source]
) -> tuple[Explained, ...]:
    """Each source with its summands, words and nearest sentence."""
    words = _QueryWords(legs.query, legs.lexical.terms)
    held = words.held_by([f"{heading(source)}\n{source.text}" for source in sources])
    spans = _matching_spans(words, [source.text for source in sources])
    nearest = _nearest_sentences(words, legs.vector, encoder, sources)
    return tuple(
        Explained(
            source,
            shares(legs, source.legs),
            matched=words.told(own),
            missing=words.told(frozenset(words.terms) - own, but=words.told(own)),
            spans=tuple(places),
            best=best,
        )
        for source, own, places, best in zip(sources, held, spans, nearest, strict=True)
    )


class _QueryWords:
    """The terms of a question, and how to find them in a text."""

    def __init__(self, query: str, terms: Sequence[str]) -> None:
        self.terms = tuple(terms)
        self._shown = _as_written(query, terms)
        self._order = {shown: query.find(shown) for shown in self._shown.values()}

    def told(self, terms: frozenset[str], *, but: Sequence[str] = ()) -> tuple[str, ...]:
        """Terms as they are shown, each once and in the order of the question."""
        shown = {self._shown[term] for term in terms}.difference(but)
        return tuple(sorted(shown, key=lambda each: (self._order[each], each)))

    def held_by(self, texts: Sequence[str]) -> list[frozenset[str]]:
        """The terms that each text holds."""
        return [self._held(analysed) for analysed in analyse_all(texts)]

    def _held(self, analysed: Terms) -> frozenset[str]:
        words, pairs = set(analysed.words), set(analysed.pairs)
        return frozenset(
            term for term in self.terms if term in words or _is_compound_in(term, pairs)
        )


def _is_compound_in(term: str, pairs: set[str]) -> bool:
    """Whether a Korean term stands in compounds that were taken apart another way."""
    own = {term[i : i + 2] for i in range(len(term) - 1)}
    return bool(own) and bool(_HANGUL.match(term)) and own <= pairs


def _as_written(query: str, terms: Sequence[str]) -> dict[str, str]:
    """Each term as it is shown: a stem as the word it was taken of, a Korean morpheme as it is."""
    runs = list(dict.fromkeys(_LATIN.findall(query)))
    of = {
        term: run
        for run, analysed in zip(runs, analyse_all(runs), strict=True)
        for term in analysed.words
    }
    return {term: of.get(term, term) for term in terms}


def _matching_spans(words: _QueryWords, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Where in each text a term of the question stands."""
    found = [list(_WORD.finditer(text)) for text in texts]
    distinct = list(dict.fromkeys(match.group() for matches in found for match in matches))
    held = dict(zip(distinct, words.held_by(distinct), strict=True))
    return [
        [
            (match.start() + start, match.start() + end)
            for match in matches
            for start, end in _within(match.group(), held[match.group()])
        ]
        for matches in found
    ]


def _within(word: str, terms: frozenset[str]) -> list[tuple[int, int]]:
    """The parts of ``word`` that ``terms`` stand for; in doubt all of it but its punctuation."""
    if not terms:
        return []
    lower = word.lower()
    spans = []
    for term in terms:
        at = lower.find(term) if len(lower) == len(word) else -1
        if at < 0:
            continue
        end = at + len(term)
        if not _HANGUL.match(term):
            # A stem: the word it is of goes on.
            end = max([end, *(run.end() for run in _LATIN.finditer(word) if run.start() <= at)])
        spans.append((at, end))
    if not spans:
        inner = _EDGES.sub("", word)
        start = word.find(inner) if inner else 0
        return [(start, start + len(inner or word))]
    return _joined(spans)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


# --------------------------------------------------------------------------- sentences


def _nearest_sentences(
    words: _QueryWords, vector: Vector, encoder: Encoder, sources: Sequence[Source]
) -> list[tuple[int, int] | None]:
    """Of each source the sentence that holds most of the question's terms; rare ones weigh more.

    Where none holds any, as between languages, it is the nearest in meaning.
    """
    spans = [(index, span) for index, s in enumerate(sources) for span in sentences(s.text)]
    held = words.held_by([sources[index].text[a:b] for index, (a, b) in spans])
    frequency = Counter(term for terms in held for term in terms)
    best: list[tuple[int, int] | None] = [None] * len(sources)
    scores = [0.0] * len(sources)
    for (index, span), terms in zip(spans, held, strict=True):
        score = sum(math.log1p(len(spans) / frequency[term]) for term in terms)
        if score > scores[index]:
            best[index], scores[index] = span, score
    wordless = [(index, span) for index, span in spans if best[index] is None][:_MOST_ENCODED]
    if wordless:
        vectors = encoder.encode_document([sources[i].text[a:b] for i, (a, b) in wordless])
        nearness = [-math.inf] * len(sources)
        for (index, span), cosine in zip(wordless, (vectors @ vector).tolist(), strict=True):
            if cosine > nearness[index]:
                best[index], nearness[index] = span, cosine
    return best
