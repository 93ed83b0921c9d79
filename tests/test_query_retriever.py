import json
import unicodedata
from pathlib import Path
from threading import Barrier

import pytest
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, TextNode

from assistant.config import RetrievalSettings
from assistant.library.library import Library
from assistant.query.retriever import HybridRetriever
from assistant.query.search import search
from assistant.query.select import Select
from assistant.types import Place
from tests.fakes import BagOfWordsEncoder
from tests.query_library import LORA, NOTES, QUANTIZATION, fill


@pytest.fixture
def library(tmp_path):
    library = Library.open(tmp_path / "library")
    yield library
    library.close()


@pytest.fixture
def encoder():
    return BagOfWordsEncoder()


def test_is_a_llama_index_retriever(library, encoder):
    fill(library, NOTES, encoder)
    retriever = HybridRetriever(library, encoder, RetrievalSettings())
    assert isinstance(retriever, BaseRetriever)
    best = retriever.retrieve("LoRA의 기본 랭크는?")[0]
    assert isinstance(best, NodeWithScore)
    assert best.node.get_content() == LORA
    assert library.nodes([int(best.node.node_id)])[int(best.node.node_id)].node.text == LORA
    metadata = json.loads(json.dumps(best.node.metadata))
    assert metadata["path"] == "/notes/lora.md"
    assert metadata["place"]["headings"] == ["LoRA"]
    assert [leg["name"] for leg in metadata["legs"]] == ["dense", "lexical", "proximity"]


class Translator(BagOfWordsEncoder):
    """Knows what padding is called in Korean."""

    def encode_query(self, query):
        return super().encode_query(query.replace("padding", "패딩"))


def test_the_dense_leg_alone_can_bring_a_node_in(library):
    encoder = Translator()
    fill(library, NOTES, encoder)
    found = search(library, encoder, "What is padding?", RetrievalSettings())
    assert found.evidence.coverage == 0
    assert found.sources[0].path == Path("/notes/padding.md")
    assert [leg.name for leg in found.sources[0].legs] == ["dense"]


def test_the_legs_run_side_by_side(library, encoder, monkeypatch):
    fill(library, NOTES, encoder)
    both = Barrier(2, timeout=10)

    def meeting(search):
        def found(*arguments):
            both.wait()  # broken unless the other leg is under way
            return search(*arguments)

        return found

    for leg in ("search_dense", "search_lexical"):
        monkeypatch.setattr(library, leg, meeting(getattr(library, leg)))
    assert search(library, encoder, "LoRA 랭크", RetrievalSettings()).sources[0].text == LORA


def test_the_lexical_leg_alone_can_bring_a_node_in(library, encoder):
    fill(library, NOTES, encoder, embed=[])
    found = search(library, encoder, "quantization memory", RetrievalSettings())
    assert [source.text for source in found.sources] == [QUANTIZATION]
    assert [leg.name for leg in found.sources[0].legs][:1] == ["lexical"]
    assert "dense" not in {leg.name for leg in found.sources[0].legs}
    assert found.evidence.similarity == 0
    assert found.evidence.coverage > 0


def test_sources_are_numbered_and_placed(library, encoder):
    fill(library, NOTES, encoder)
    found = search(library, encoder, "weights memory", RetrievalSettings(), top_k=2)
    assert [source.n for source in found.sources] == [1, 2]
    assert found.sources[0].title == "Quantization"
    assert found.sources[0].place == Place(line=1, headings=("Weights",))
    assert found.sources[0].score >= found.sources[1].score
    assert found.evidence.similarity == pytest.approx(
        max(leg.score for s in found.sources for leg in s.legs if leg.name == "dense")
    )


def test_a_decomposed_query_finds_the_same(library, encoder):
    fill(library, NOTES, encoder)
    composed, decomposed = (
        search(library, encoder, unicodedata.normalize(form, "패딩이란?"), RetrievalSettings())
        for form in ("NFC", "NFD")
    )
    assert composed.sources == decomposed.sources
    assert composed.sources[0].path.name == "padding.md"


@pytest.mark.parametrize("fusion", ["score", "reciprocal_rank"])
def test_copies_are_offered_once_and_make_room(library, encoder, fusion):
    copies = {f"copy{i}.md": ("파인튜닝", ("LoRA",), LORA.replace(".", " .")) for i in range(3)}
    fill(library, {**NOTES, **copies}, encoder)
    found = search(library, encoder, "LoRA 랭크", RetrievalSettings(fusion=fusion), top_k=3)
    assert [source.path.name for source in found.sources].count("lora.md") <= 1
    assert len(found.sources) == 3
    assert len({source.text.replace(" ", "") for source in found.sources}) == 3


def test_a_revised_figure_is_not_a_copy():
    nodes = [
        NodeWithScore(node=TextNode(id_=str(i), text=text), score=1 - i / 10)
        for i, text in enumerate(["랭크는 8이다.", "랭크는  8이다", "랭크는 16이다.", "끝."])
    ]
    kept = Select(top_k=2).postprocess_nodes(nodes, query_str="랭크")
    assert [node.text for node in kept] == ["랭크는 8이다.", "랭크는 16이다."]


def test_an_empty_library_finds_nothing(library, encoder):
    assert search(library, encoder, "LoRA", RetrievalSettings()).sources == ()
