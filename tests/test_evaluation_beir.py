"""A BEIR set through a real library, with an encoder that only knows words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.config import RetrievalSettings
from assistant.errors import ConfigError
from assistant.evaluation.beir import evaluate_beir
from assistant.evaluation.report import BeirReport, EvaluationFinished, EvaluationProgress
from assistant.query.reranking import Reranking
from tests.fakes import BagOfWordsEncoder, ScriptedReranker

CORPUS = {
    "doc/1": "왼쪽 패딩은 생성할 때 쓴다.",
    "doc/2": "양자화는 가중치를 4비트로 줄인다.",
    "doc/3": "The learning rate was warmed up for 500 steps.",
    "doc/4": "FAISS searches vectors exactly or approximately.",
}
QUERIES = {
    "q1": ("생성할 때 패딩은 어느 쪽?", "doc/1"),
    "q2": ("가중치를 몇 비트로 양자화하나?", "doc/2"),
    "q3": ("How many steps was the learning rate warmed up?", "doc/3"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "tiny"
    made.mkdir()
    rows = [{"_id": key, "title": "", "text": text} for key, text in CORPUS.items()]
    (made / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    asked = [{"_id": key, "text": text} for key, (text, _) in QUERIES.items()]
    asked.append({"_id": "unjudged", "text": "?"})
    (made / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    judged = [f"{key}\t{gold}\t1" for key, (_, gold) in QUERIES.items()]
    (made / "qrels.tsv").write_text(
        "\n".join(["query-id\tcorpus-id\tscore", *judged]), encoding="utf-8"
    )
    return made


def evaluate(
    folder: Path, encoder: BagOfWordsEncoder, limit: int | None = None
) -> tuple[BeirReport, list[str]]:
    *progress, last = evaluate_beir(
        folder, encoder, RetrievalSettings(), limit=limit, cache=folder.parent / "cache"
    )
    assert isinstance(last, EvaluationFinished)
    assert isinstance(last.report, BeirReport)
    return last.report, [each.step for each in progress if isinstance(each, EvaluationProgress)]


def test_every_search_finds_its_passages(folder: Path) -> None:
    report, steps = evaluate(folder, BagOfWordsEncoder())
    assert list(dict.fromkeys(steps)) == ["indexing", "embedding", "asking"]
    assert (report.passages, report.queries) == (4, 3)
    assert [system.name for system in report.systems] == [
        "lexical",
        "dense",
        "hybrid, reciprocal rank",
        "hybrid, score",
    ]
    for system in report.systems:
        assert system.queries.keys() == QUERIES.keys()
        assert system.scores["recall@1"].mean == 1.0, system.name
    assert report.gain is not None
    assert report.gain.difference == 0.0
    assert json.loads(json.dumps(report.to_json()))["kind"] == "beir"


def test_what_has_no_answer_is_told_apart_before_anything_is_written(folder: Path) -> None:
    assert evaluate(folder, BagOfWordsEncoder())[0].refusals is None
    silent = {"김치찌개는 어떻게 끓이나?": [], "양자화는 가중치를 4비트로 줄인다?": []}
    rows = [
        {"_id": f"none{n}", "text": text, "answers": of}
        for n, (text, of) in enumerate(silent.items())
    ]
    with (folder / "queries.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(f"\n{json.dumps(row)}" for row in rows)
    report, _ = evaluate(folder, BagOfWordsEncoder())
    refusals = report.refusals
    assert refusals is not None
    assert (refusals.unanswerable, refusals.right) == (2, 1)
    assert refusals.recall is not None
    assert refusals.recall.mean == 0.5
    assert report.queries == 3
    assert [table.title for table in report.tables()][-1].startswith("Refusals on tiny before")


def test_a_reranker_is_a_search_of_its_own(folder: Path) -> None:
    reranker = ScriptedReranker({"FAISS": 9.0})  # which no query is about
    *_, last = evaluate_beir(
        folder,
        BagOfWordsEncoder(),
        RetrievalSettings(rerank_candidates=4),
        reranking=Reranking(lambda: reranker, pytest.fail),
    )
    assert isinstance(last, EvaluationFinished)
    assert isinstance(last.report, BeirReport)
    *_, fused, reranked = last.report.systems
    assert (fused.name, reranked.name) == ("hybrid, score", "hybrid, reranked")
    assert fused.scores["recall@1"].mean == 1.0
    assert reranked.scores["recall@1"].mean == 0.0
    assert reranked.scores["recall@10"].mean == 1.0
    assert {len(documents) for _, documents in reranker.asked} == {4}


def test_wrong_judgements_lower_every_score(folder: Path) -> None:
    # Were the rows and ids mixed up somewhere, right judgements would be scored like this.
    (folder / "qrels.tsv").write_text("q1\tdoc/2\t1\nq2\tdoc/3\t1\nq3\tdoc/1\t1\n")
    report, _ = evaluate(folder, BagOfWordsEncoder())
    assert all(system.scores["recall@1"].mean == 0.0 for system in report.systems)


def test_a_second_run_embeds_nothing(folder: Path) -> None:
    first, _ = evaluate(folder, BagOfWordsEncoder())
    encoder = BagOfWordsEncoder()
    second, steps = evaluate(folder, encoder)
    assert encoder.encoded == []
    assert set(steps) == {"asking"}
    assert second == first


def test_another_encoder_or_corpus_is_embedded_anew(folder: Path) -> None:
    evaluate(folder, BagOfWordsEncoder())
    other = BagOfWordsEncoder()
    other.fingerprint = "another"
    evaluate(folder, other)
    assert len(other.encoded) == 4
    (folder / "corpus.jsonl").write_text(json.dumps({"_id": "doc/1", "text": "새 본문"}))
    changed = BagOfWordsEncoder()
    evaluate(folder, changed)
    assert changed.encoded == ["새 본문"]


def test_sets_with_one_corpus_share_its_embedding(folder: Path) -> None:
    evaluate(folder, BagOfWordsEncoder())
    renamed = folder.rename(folder.parent / "other-questions")
    encoder = BagOfWordsEncoder()
    report, _ = evaluate(renamed, encoder)
    assert encoder.encoded == []
    assert report.name == "other-questions"


def test_an_interrupted_run_goes_on(folder: Path) -> None:
    events = evaluate_beir(
        folder, BagOfWordsEncoder(), RetrievalSettings(), cache=folder.parent / "cache"
    )
    assert next(events) == EvaluationProgress("indexing", 1, 4)
    events.close()
    report, steps = evaluate(folder, BagOfWordsEncoder())
    assert steps.count("indexing") == 3
    assert report.systems[-1].scores["recall@1"].mean == 1.0


def test_a_limit_draws_queries(folder: Path) -> None:
    report, _ = evaluate(folder, BagOfWordsEncoder(), limit=2)
    assert report.queries == 2
    assert report.systems[0].scores["recall@1"].count == 2


def test_a_set_without_judgements_is_refused(folder: Path) -> None:
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n")
    with pytest.raises(ConfigError, match="judges no passage"):
        evaluate(folder, BagOfWordsEncoder())


def test_languages_are_told_apart_and_what_is_odd_is_said(folder: Path) -> None:
    more = {"_id": "doc/5", "text": "Warmup was run for 500 steps in all of the runs."}
    with (folder / "corpus.jsonl").open("a", encoding="utf-8") as corpus:
        corpus.write("\n" + json.dumps(more))
    asked = {"_id": "q4", "text": "워밍업은 500단계였나?"}
    with (folder / "queries.jsonl").open("a", encoding="utf-8") as queries:
        queries.write("\n" + json.dumps(asked))
    with (folder / "qrels.tsv").open("a", encoding="utf-8") as qrels:
        qrels.write("\nq4\tdoc/5\t1\nq1\tlost\t1\nnobody\tdoc/1\t1\n")
    report, _ = evaluate(folder, BagOfWordsEncoder())
    assert report.languages == {"q1": "ko", "q2": "ko", "q3": "en", "q4": "cross-lingual"}
    hybrid = report.systems[-1]
    assert {name: each["recall@1"].count for name, each in hybrid.groups.items()} == {
        "cross-lingual": 1,
        "en": 1,
        "ko": 2,
    }
    # Half of what q1 asks for is lost.
    assert hybrid.groups["ko"]["recall@10"].mean == 0.75
    assert len(report.notes) == 2
    assert report.notes[0].startswith("1 passage is judged relevant and not in the corpus")
    assert "1 judged query is not in queries.jsonl" in report.notes[1]
    titles = [table.title for table in report.tables()]
    assert titles[1:] == [
        "tiny, cross-lingual: 1 query (%)",
        "tiny, en: 1 query (%)",
        "tiny, ko: 2 queries (%)",
    ]


def test_the_report_says_of_what_it_is(folder: Path) -> None:
    first, _ = evaluate(folder, BagOfWordsEncoder())
    assert first.system["embedding"] == "bag-of-words"
    assert first.system["retrieval.dense_weight"] == "0.5"
    assert first.system["analyser"]
    assert first.texts["q1"] == QUERIES["q1"][0]
    sampled, _ = evaluate(folder, BagOfWordsEncoder(), limit=2)
    assert sampled.dataset == first.dataset
    (folder / "qrels.tsv").write_text("q1\tdoc/2\t1\nq2\tdoc/3\t1\nq3\tdoc/1\t1\n")
    other, _ = evaluate(folder, BagOfWordsEncoder())
    assert other.dataset != first.dataset
