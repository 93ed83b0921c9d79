from __future__ import annotations

from assistant.models.embedding import batches


def test_batches_hold_every_text_once_within_the_budget() -> None:
    lengths = [5, 300, 40, 512, 7, 300, 1, 2000]
    made = list(batches(lengths, 1024))
    assert sorted(index for batch in made for index in batch) == list(range(len(lengths)))
    assert made[0] == [7]  # longer than the budget: alone
    for batch in made[1:]:
        assert max(lengths[i] for i in batch) * len(batch) <= 1024
    longest = [lengths[batch[0]] for batch in made]
    assert longest == sorted(longest, reverse=True)


def test_no_texts_make_no_batch() -> None:
    assert list(batches([], 1024)) == []
