"""When the index is due for inverted lists, and that nothing is lost while they are trained."""

import pytest

from index import dense, inverted_lists
from index.dense import DenseIndex
from tests.support.unit_rows import DIM, Matrix, filled, unit_rows


def test_training_waits_for_the_limit() -> None:
    index = filled(100, exact_limit=100)[0]
    assert index.is_exact and not index.is_due
    index.put([7], unit_rows(1, seed=5))
    assert index.is_due
    index.train()
    assert not index.is_exact and not index.is_due


def test_an_index_that_grew_by_puts_is_trained_with_all_that_is_held() -> None:
    index = DenseIndex("model@1", DIM, 100)
    vectors = unit_rows(300)
    for start in range(0, 300, 20):
        index.put(range(start, start + 20), vectors[start : start + 20])
    index.put([3], vectors[299:])
    index.remove([4, 5])
    index.train()
    assert not index.is_exact and len(index) == 298
    assert index.search(vectors[299], 2).ids.tolist() == [3, 299]
    assert index.search(vectors[4], 298).ids.tolist().count(4) == 0


def test_many_changes_since_training_make_it_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "_LEAST_CHANGES", 6)
    index, ids, vectors = filled(120, exact_limit=100)
    index.remove(ids[:2])
    index.put(ids[2:4], vectors[:2])
    assert not index.is_due, "six changes"
    index.put([7, 8], vectors[:2])
    assert index.is_due


def test_changes_made_while_it_is_trained_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    index, ids, vectors = filled(300)
    monkeypatch.setattr(index, "_exact_limit", 100)
    fresh = unit_rows(2, seed=5)
    trained = inverted_lists.InvertedLists.trained

    def changed_meanwhile(rows: Matrix) -> inverted_lists.InvertedLists:
        index.put([ids[0], 7], fresh)
        index.remove([ids[1]])
        assert index.search(fresh[0], 1).ids.tolist() == [ids[0]]
        return trained(rows)

    monkeypatch.setattr(inverted_lists.InvertedLists, "trained", changed_meanwhile)
    index.train()
    assert not index.is_exact and len(index) == 300 and ids[1] not in index
    assert index.search(fresh[0], 1).ids.tolist() == [ids[0]]
    assert index.search(fresh[1], 1).ids.tolist() == [7]
    assert index.search(vectors[0], 1).scores[0] < 0.99, "the old vector is still there"
    assert index.search(vectors[1], 300).ids.tolist().count(ids[1]) == 0


def test_training_comes_to_nothing_when_all_is_replaced_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    index, _, vectors = filled(300)
    monkeypatch.setattr(index, "_exact_limit", 100)
    trained = inverted_lists.InvertedLists.trained

    def replaced_meanwhile(rows: Matrix) -> inverted_lists.InvertedLists:
        index.rebuild([1, 2], vectors[:2])
        return trained(rows)

    monkeypatch.setattr(inverted_lists.InvertedLists, "trained", replaced_meanwhile)
    index.train()
    assert index.is_exact and len(index) == 2
    assert index.search(vectors[1], 5).ids.tolist() == [2, 1]
