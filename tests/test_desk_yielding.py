"""Ingestion gives way to answers."""

from __future__ import annotations

import time
from threading import Event, Thread

import numpy as np

from assistant.desk.yielding import Precedence, YieldingEncoder
from tests.fakes import BagOfWordsEncoder

TEXTS = [f"문서 {n}" for n in range(20)]


def test_documents_are_encoded_as_before() -> None:
    plain = BagOfWordsEncoder()
    yielding = YieldingEncoder(plain, Precedence(), Event())
    assert np.array_equal(yielding.encode_document(TEXTS), plain.encode_document(TEXTS))
    assert yielding.encode_document([]).shape == (0, plain.dimension)
    assert np.array_equal(yielding.encode_query("문서"), plain.encode_query("문서"))
    assert yielding.fingerprint == plain.fingerprint


def test_nothing_is_encoded_while_an_answer_is_written() -> None:
    plain = BagOfWordsEncoder()
    precedence = Precedence()
    encoder = YieldingEncoder(plain, precedence, Event())
    work = Thread(target=encoder.encode_document, args=(TEXTS,))
    with precedence.answering():
        with precedence.answering():
            work.start()
            time.sleep(0.05)
        time.sleep(0.05)
        assert plain.encoded == []  # one of two answers is still being written
    work.join(5)
    assert plain.encoded == TEXTS


def test_who_stops_does_not_wait() -> None:
    precedence, stop = Precedence(), Event()
    encoder = YieldingEncoder(BagOfWordsEncoder(), precedence, stop)
    work = Thread(target=encoder.encode_document, args=(TEXTS,))
    with precedence.answering():
        work.start()
        stop.set()
        work.join(5)
        assert not work.is_alive()


def test_an_answer_that_nobody_reads_on_holds_nothing_up_for_ever() -> None:
    precedence = Precedence(longest_wait=0.01)
    with precedence.answering():
        encoder = YieldingEncoder(BagOfWordsEncoder(), precedence, Event())
        assert len(encoder.encode_document(TEXTS)) == len(TEXTS)


def test_a_failed_answer_holds_nothing_up() -> None:
    precedence = Precedence()
    try:
        with precedence.answering():
            raise ValueError
    except ValueError:
        pass
    began = time.monotonic()
    precedence.wait(Event())
    assert time.monotonic() - began < 1
