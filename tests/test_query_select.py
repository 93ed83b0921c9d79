"""No file takes all places from others that are as good."""

from __future__ import annotations

from llama_index.core.schema import NodeWithScore, TextNode

from assistant.query.select import Select


def nodes(*found: tuple[str, float]) -> list[NodeWithScore]:
    return [
        NodeWithScore(
            node=TextNode(id_=str(i), text=f"passage {i}", metadata={"path": path}), score=score
        )
        for i, (path, score) in enumerate(found)
    ]


def chosen(top_k: int, *found: tuple[str, float]) -> list[str]:
    return [node.node.node_id for node in Select(top_k=top_k).postprocess_nodes(nodes(*found))]


def test_another_file_that_is_nearly_as_good_gets_a_place() -> None:
    one_file = [("a", 1.0), ("a", 0.95), ("a", 0.94), ("b", 0.93), ("a", 0.92)]
    assert chosen(3, *one_file) == ["0", "3", "1"]
    # All of them are offered where there is room.
    assert sorted(chosen(5, *one_file)) == ["0", "1", "2", "3", "4"]


def test_a_file_that_deserves_it_fills_the_list() -> None:
    assert chosen(3, ("a", 1.0), ("a", 0.9), ("a", 0.8), ("b", 0.5)) == ["0", "1", "2"]


def test_within_one_file_the_order_stays() -> None:
    assert chosen(4, *(("a", 1 - n / 1000) for n in range(4))) == ["0", "1", "2", "3"]


def test_the_step_follows_the_scores() -> None:
    # Reciprocal ranks are sixty times smaller.
    ranks = [("a", 0.0328), ("a", 0.0323), ("b", 0.0317), ("a", 0.0312)]
    assert chosen(3, *ranks) == ["0", "2", "1"]
    assert chosen(3, ("a", 0.0328), ("a", 0.0323), ("b", 0.0164)) == ["0", "1", "2"]


def test_scores_that_say_nothing_keep_the_order() -> None:
    assert chosen(3, ("a", 0.0), ("a", 0.0), ("b", 0.0)) == ["0", "1", "2"]
    assert chosen(2, ("a", -0.5), ("a", -0.6), ("b", -0.7)) == ["0", "1"]
    assert Select(top_k=3).postprocess_nodes([]) == []


def test_scores_stay_what_they_were() -> None:
    kept = Select(top_k=3).postprocess_nodes(nodes(("a", 1.0), ("a", 0.95), ("b", 0.93)))
    assert [node.score for node in kept] == [1.0, 0.93, 0.95]
