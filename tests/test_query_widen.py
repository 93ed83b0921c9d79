"""What a small node is read with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.ingestion.readers.markdown import sections
from assistant.ingestion.splitter import split
from assistant.library.library import Library
from assistant.query.widen import surroundings, widen
from assistant.types import Place, Source, Surroundings
from tests.fakes import WordTokenizer
from tests.library_notes import ROOT, document

NOTE = (
    """# 학습률

"""
    + " ".join(f"{n}번째 문장은 이렇게 여섯 단어이다." for n in range(12))
    + """

## 다른 절

짧은 절이다.
"""
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = Library.open(tmp_path)
    parts, _ = sections(NOTE, Place(line=1))
    nodes = split("", parts, WordTokenizer(), node_tokens=30, overlap_tokens=6)
    library.replace_document(document("a.md"), nodes)
    yield library
    library.close()


def source(library: Library, word: str) -> Source:
    (node_id, _), *_ = library.search_lexical(word, 1).hits
    (stored,) = library.nodes([node_id]).values()
    return Source(1, node_id, ROOT / "a.md", stored.node.place, "", stored.node.text, 1.0)


def words(text: str) -> int:
    return len(text.split())


def test_a_cut_section_is_put_together_again_without_repetition(library: Library) -> None:
    found = source(library, "5번째")
    (wide,) = widen([found], library, words, most=500)
    assert wide.text == NOTE.split("\n\n")[1]
    assert wide.place.line == 3
    assert (wide.node_id, wide.n) == (found.node_id, 1)


def test_no_more_than_the_limit(library: Library) -> None:
    found = source(library, "5번째")
    for most in (words(found.text), words(found.text) + 20, 45):
        (wide,) = widen([found], library, words, most=most)
        assert words(wide.text) <= max(most, words(found.text))
        assert found.text in wide.text


def test_another_section_is_no_neighbour(library: Library) -> None:
    found = source(library, "짧은 절")
    assert widen([found], library, words, most=500) == (found,)


def test_a_neighbour_that_was_found_too_stands_by_itself(library: Library) -> None:
    first, other = source(library, "0번째"), source(library, "11번째")
    assert first.node_id != other.node_id
    wide = widen([first, other], library, words, most=500)
    assert "11번째" not in wide[0].text
    assert "0번째 문장" not in wide[1].text.replace("10번째 문장", "")


def test_a_node_that_is_gone_stays_as_it_was_found(library: Library) -> None:
    found = source(library, "5번째")
    library.remove_document(ROOT / "a.md")
    assert widen([found], library, words, most=500) == (found,)


def test_what_stands_around_a_passage_is_read_without_repetition(library: Library) -> None:
    section = NOTE.split("\n\n")[1]
    found = source(library, "5번째")
    around = surroundings(found, library)
    assert around.before
    assert around.after
    joined = f"{around.before.rstrip()} {found.text} {around.after.lstrip()}"
    assert joined in section
    last = surroundings(source(library, "짧은 절"), library)
    assert last.after == ""
    assert last.before.endswith("11번째 문장은 이렇게 여섯 단어이다.")


def test_nothing_stands_around_what_the_library_no_longer_holds(library: Library) -> None:
    found = source(library, "5번째")
    assert surroundings(replace(found, node_id=10_000), library) == Surroundings()
    assert surroundings(replace(found, text="다른 글"), library) == Surroundings()
    (wide,) = widen([found], library, words, most=500)
    assert surroundings(wide, library) == Surroundings()
