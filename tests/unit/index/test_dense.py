"""Dense search: exact equals comparing with every vector, approximate comes close, snapshots are safe."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index import inverted_lists, sealed_rows
from index.dense import DenseIndex
from index.errors import IndexMismatchError
from tests.support.unit_rows import DIM, Matrix, filled, unit_rows


def test_an_exact_search_compares_with_every_vector() -> None:
    index, ids, vectors = filled(600)
    for query in unit_rows(5, seed=1):
        hits = index.search(query, 20)
        order = np.argsort(-(vectors @ query), kind="stable")[:20]
        assert hits.ids.tolist() == [ids[place] for place in order]
        np.testing.assert_allclose(hits.scores, (vectors @ query)[order], atol=1e-6)


def test_an_approximate_search_finds_most(monkeypatch: pytest.MonkeyPatch) -> None:
    index, ids, vectors = filled(600, exact_limit=100)
    queries = unit_rows(20, seed=1)
    wanted = [{ids[place] for place in np.argsort(-(vectors @ query))[:10]} for query in queries]
    # Few rows: every list is visited and nothing is missed.
    assert [set(index.search(query, 10).ids.tolist()) for query in queries] == wanted
    monkeypatch.setattr(inverted_lists, "_LEAST", 200)
    found = [set(index.search(query, 10).ids.tolist()) for query in queries]
    assert 0.6 < np.mean([len(w & f) / 10 for w, f in zip(wanted, found, strict=True)]) < 1


@pytest.mark.parametrize("least", [1, 40_000])
def test_an_approximate_search_gives_true_scores_and_as_many_as_there_are(
    monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(inverted_lists, "_LEAST", least)
    monkeypatch.setattr(sealed_rows, "_GATHER_LIMIT", 3)
    index, ids, vectors = filled(600, exact_limit=100)
    query = unit_rows(1, seed=1)[0]
    for k, allowed, possible in ((5, None, 5), (400, None, 400), (900, None, 600), (50, ids[::20], 30)):
        hits = index.search(query, k, allowed)
        assert len(hits.ids) == len(set(hits.ids.tolist())) == possible
        truth = vectors[hits.ids // 10 - 1] @ query
        np.testing.assert_allclose(hits.scores, truth, atol=1e-6)
        assert (np.diff(hits.scores) <= 0).all()


def test_ties_are_broken_by_id(many: tuple[DenseIndex, list[int], Matrix]) -> None:
    index, ids, vectors = many
    # Two sealed rows and two recent ones are equal.
    row = unit_rows(1, seed=9)
    index.rebuild([*ids, 21, 15], np.concatenate([vectors, row, row]))
    index.train()
    index.put([17, 11], np.concatenate([row, row]))
    for k in (1, 2, 3, 4):
        assert index.search(row[0], k).ids.tolist() == [11, 15, 17, 21][:k]
    assert index.search(row[0], 2, allowed=[17, 21, 15, ids[5]]).ids.tolist() == [15, 17]


def test_more_ties_than_asked_for_are_cut_by_id() -> None:
    row = unit_rows(1)
    index = DenseIndex("model@1", DIM)
    index.rebuild(range(500, 0, -1), row.repeat(500, axis=0))
    assert index.search(row[0], 3).ids.tolist() == [1, 2, 3]


def test_more_than_there_are_gives_all_and_no_padding(many: tuple[DenseIndex, list[int], Matrix]) -> None:
    index, ids, vectors = many
    hits = index.search(vectors[0], 2000)
    assert (hits.ids >= 0).all()
    assert len(hits.ids) == len(set(hits.ids.tolist()))
    assert sorted(hits.ids.tolist()) == ids


def test_an_empty_index_answers_with_nothing() -> None:
    index = DenseIndex("model@1", DIM)
    assert index.search(unit_rows(1)[0], 5).ids.tolist() == []
    assert index.search(unit_rows(1)[0], 5, allowed=[1]).ids.tolist() == []
    index.rebuild([], np.zeros((0, DIM), dtype=np.float32))
    index.remove([1])
    assert len(index) == 0


@pytest.mark.parametrize("gather_limit", [5_000, 3])
def test_a_filter_admits_only_its_ids(
    many: tuple[DenseIndex, list[int], Matrix], monkeypatch: pytest.MonkeyPatch, gather_limit: int
) -> None:
    # Beyond the limit a selector goes into FAISS, within it the allowed vectors are compared one by one.
    monkeypatch.setattr(sealed_rows, "_GATHER_LIMIT", gather_limit)
    index, ids, vectors = many
    allowed = [*ids[::7], 99_999_999, 3]
    query = unit_rows(1, seed=3)[0]
    places = np.arange(0, 600, 7)
    order = places[np.argsort(-(vectors[places] @ query), kind="stable")]
    assert index.search(query, 10, allowed).ids.tolist() == [ids[place] for place in order[:10]]
    assert len(index.search(query, 1000, allowed).ids) == len(places)
    assert index.search(query, 5, allowed=[]).ids.tolist() == []
    index.remove([ids[order[0]]])
    assert index.search(query, 9, allowed).ids.tolist() == [ids[place] for place in order[1:10]]


def test_a_filter_that_keeps_what_is_far_visits_more_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inverted_lists, "_LEAST", 120)
    monkeypatch.setattr(sealed_rows, "_GATHER_LIMIT", 3)
    index, ids, vectors = filled(600, exact_limit=100)
    shares = []
    for query in unit_rows(20, seed=3):
        far = np.argsort(vectors @ query)[:200]
        wanted = {ids[place] for place in far[:-4:-1]}
        found = index.search(query, 3, [ids[place] for place in far]).ids.tolist()
        shares.append(len(wanted & set(found)) / 3)
    assert np.mean(shares) > 0.6


def test_ids_may_lie_far_apart() -> None:
    vectors = unit_rows(300)
    ids = [int(number) for number in np.random.default_rng(0).integers(0, 2**62, 300)]
    index = DenseIndex("model@1", DIM, 100)
    index.rebuild(ids, vectors)
    index.train()
    assert index.search(vectors[7], 1).ids.tolist() == [ids[7]]
    assert index.search(vectors[7], 1, [ids[9], 5]).ids.tolist() == [ids[9]]
    assert ids[9] in index and 5 not in index and 2**62 not in index
    index.remove([ids[9], 5])
    assert ids[9] not in index and len(index) == 299


def test_what_a_search_began_with_stays_as_it_was() -> None:
    index, _, vectors = filled(3)
    index.put([7, 8], vectors[:2])
    before = index._recent.view()
    index.remove([7])
    index.put([9], vectors[2:])
    assert before.ids.tolist() == [7, 8] and before.alive.tolist() == [True, True]


def test_put_replaces(many: tuple[DenseIndex, list[int], Matrix]) -> None:
    index, ids, vectors = many
    fresh = unit_rows(2, seed=5)
    index.put([ids[0], ids[1]], fresh)
    assert len(index) == 600
    assert index.search(fresh[0], 1).ids.tolist() == [ids[0]]
    assert index.search(vectors[0], 1).scores[0] < 0.99, "the old vector is still there"
    _, scores = index.scores(vectors[0], [ids[0]])
    np.testing.assert_allclose(scores, [fresh[0] @ vectors[0]], atol=1e-6)
    index.put([], np.zeros((0, DIM), dtype=np.float32))
    index.put([7], fresh[:1])
    assert len(index) == 601 and 7 in index


def test_remove_forgets(many: tuple[DenseIndex, list[int], Matrix]) -> None:
    index, ids, vectors = many
    index.remove([ids[0], ids[0], ids[5], 123_456])
    assert len(index) == 598
    assert ids[0] not in index and ids[1] in index
    found = index.search(vectors[0], 600).ids.tolist()
    assert ids[0] not in found and ids[5] not in found
    assert index.search(vectors[0], 5, allowed=[ids[0], ids[1]]).ids.tolist() == [ids[1]]
    index.remove(ids)
    assert len(index) == 0
    assert index.search(vectors[0], 5).ids.tolist() == []


def test_scores_pass_over_what_is_not_held(many: tuple[DenseIndex, list[int], Matrix]) -> None:
    index, ids, vectors = many
    known, scores = index.scores(vectors[3], [ids[4], 1, ids[3]])
    assert known.tolist() == [ids[4], ids[3]]
    np.testing.assert_allclose(scores, [vectors[4] @ vectors[3], 1], atol=1e-6)


@pytest.mark.parametrize("shape", [(2, DIM + 1), (DIM,)])
def test_vectors_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(IndexMismatchError, match="dimension 16"):
        DenseIndex("model@1", DIM).put([1, 2], np.zeros(shape, dtype=np.float32))


def test_one_row_put_again_and_again_takes_no_more_room() -> None:
    index, ids, vectors = filled(100)
    for number in range(2000):
        index.put([ids[3]], vectors[number % 100][None])
    assert len(index) == 100
    assert len(index._recent.view().ids) < 200
    assert index.search(vectors[99], 2).ids.tolist() == [ids[3], ids[99]]
    index.put([7, 7], vectors[:2])
    assert index.vectors([7])[1].tolist() == vectors[1:2].tolist(), "the last of equal ids counts"
    assert len(index) == 101


@pytest.mark.parametrize("exact_limit", [10_000, 100])
def test_threads_search_while_others_put_and_remove(tmp_path: Path, exact_limit: int) -> None:
    index, ids, vectors = filled(400, exact_limit)
    failures: list[BaseException] = []

    def change(offset: int) -> None:
        for round_number in range(40):
            chosen = ids[offset::8]
            index.remove(chosen) if round_number % 2 else index.put(chosen, vectors[offset::8])

    def search() -> None:
        for query in unit_rows(60, seed=4):
            hits = index.search(query, 10)
            assert len(hits.ids) == 10
            index.search(query, 10, ids[::2])
            index.scores(query, ids[:50])

    def rebuild() -> None:
        for _ in range(10):
            index.rebuild(ids, vectors)
            index.train()
            index.save(tmp_path / "need.json", {})

    def guarded(work: Callable[..., None], *given: int) -> None:
        try:
            work(*given)
        except BaseException as error:
            failures.append(error)

    works = [(change, 0), (change, 1), (search,), (search,), (rebuild,)]
    threads = [threading.Thread(target=guarded, args=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
