"""The contract of an index of vectors, the same for FAISS, exact and approximate, and for Milvus."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index import milvus_index
from index.dense import DenseIndex
from index.errors import IndexMismatchError, IndexUnavailableError
from index.milvus_address import read_address
from index.milvus_place import MilvusPlace
from index.vector_index import VectorIndex
from tests.support.milvus_lite import forget_embedded
from tests.support.unit_rows import DIM, Matrix, unit_rows

MODEL = "model@1"
# Fills an index with unit rows under ids.
Fill = Callable[[list[int], Matrix], VectorIndex]


def in_faiss(exact_limit: int) -> Fill:
    def fill(ids: list[int], vectors: Matrix) -> VectorIndex:
        index = DenseIndex(MODEL, DIM, exact_limit)
        index.rebuild(ids, vectors)
        index.train()
        assert index.is_exact is (len(ids) <= exact_limit)
        return index

    return fill


def in_milvus(place: MilvusPlace) -> Fill:
    def fill(ids: list[int], vectors: Matrix) -> VectorIndex:
        place.drop("contract")
        index = place.create("contract", MODEL, DIM, is_exact=True)
        index.put(ids, vectors)
        return index

    return fill


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusPlace]:
    pytest.importorskip("pymilvus")
    pytest.importorskip("milvus_lite")
    folder = tmp_path_factory.mktemp("milvus") / "lite.db"
    place = MilvusPlace(read_address(f"milvus://{folder}"))
    yield place
    place.close()
    forget_embedded(folder)


@pytest.fixture(params=["exact", "approximate", pytest.param("milvus", marks=pytest.mark.slow)])
def fill(request: pytest.FixtureRequest) -> Fill:
    """A function that fills an index of the sort that is tried."""
    if request.param == "milvus":
        return in_milvus(request.getfixturevalue("place"))
    return in_faiss({"exact": 10_000, "approximate": 40}[request.param])


@pytest.fixture
def index(fill: Fill) -> VectorIndex:
    """An index of 60 vectors under the ids 10, 20, 30 …; the approximate one visits all of its lists."""
    return fill(IDS, VECTORS)


IDS, VECTORS = [10 * (number + 1) for number in range(60)], unit_rows(60)


def brute_force(query: Matrix, places: list[int]) -> list[int]:
    order = np.argsort(-(VECTORS[places] @ query), kind="stable")
    return [IDS[places[each]] for each in order]


def test_a_search_finds_the_nearest_in_order(index: VectorIndex) -> None:
    for query in unit_rows(3, seed=1):
        hits = index.search(query, 7)
        assert hits.ids.tolist() == brute_force(query, list(range(60)))[:7]
        np.testing.assert_allclose(hits.scores, np.sort(VECTORS @ query)[::-1][:7], atol=1e-5)


def test_ties_are_broken_by_id(fill: Fill) -> None:
    row, other = unit_rows(2)
    index = fill([90, 30, 70, 10, 50, 20, 5], np.stack([row] * 6 + [other]))
    assert index.search(row, 7).ids.tolist() == [10, 20, 30, 50, 70, 90, 5]


def test_more_than_there_are_gives_all_and_no_padding(index: VectorIndex) -> None:
    assert index.search(VECTORS[0], 2000).ids.tolist() == brute_force(VECTORS[0], list(range(60)))


def test_an_empty_index_answers_with_nothing(fill: Fill) -> None:
    index = fill([], np.zeros((0, DIM), dtype=np.float32))
    assert index.search(VECTORS[0], 5).ids.tolist() == []
    assert index.search(VECTORS[0], 5, allowed=[1]).ids.tolist() == []
    assert index.vectors([1])[1].shape == (0, DIM)
    assert len(index) == 0 and 1 not in index
    index.remove([1])


def test_a_filter_admits_only_its_ids(index: VectorIndex) -> None:
    query = unit_rows(1, seed=3)[0]
    wanted = brute_force(query, list(range(0, 60, 7)))
    allowed = [*IDS[::7], 99_999_999, 3]
    assert index.search(query, 4, allowed).ids.tolist() == wanted[:4]
    assert index.search(query, 1000, allowed).ids.tolist() == wanted
    assert index.search(query, 5, allowed=[]).ids.tolist() == []
    assert index.search(query, 5, allowed=[3]).ids.tolist() == []


@pytest.mark.parametrize("size", [1, 4, 9])
def test_a_long_filter_is_asked_in_parts(index: VectorIndex, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(milvus_index, "_FILTER_BLOCK", size)
    query = unit_rows(1, seed=4)[0]
    assert index.search(query, 5, IDS[::7]).ids.tolist() == brute_force(query, list(range(0, 60, 7)))[:5]


@pytest.mark.wide
def test_a_filter_may_name_a_hundred_thousand(index: VectorIndex) -> None:
    query = unit_rows(1, seed=4)[0]
    allowed = [*range(1_000, 101_000), *IDS[::7]]
    assert index.search(query, 5, allowed).ids.tolist() == brute_force(query, list(range(0, 60, 7)))[:5]


def test_put_replaces_and_adds(index: VectorIndex) -> None:
    fresh = unit_rows(2, seed=5)
    index.put(IDS[:2], fresh)
    assert len(index) == 60
    assert index.search(fresh[0], 1).ids.tolist() == [IDS[0]]
    np.testing.assert_allclose(index.scores(VECTORS[0], [IDS[0]])[1], [fresh[0] @ VECTORS[0]], atol=1e-6)
    index.put([], np.zeros((0, DIM), dtype=np.float32))
    index.put([7], fresh[:1])
    assert len(index) == 61 and 7 in index


def test_remove_forgets(index: VectorIndex) -> None:
    index.remove([IDS[0], IDS[0], IDS[5], 123_456])
    assert len(index) == 58
    assert IDS[0] not in index and IDS[1] in index
    assert not {IDS[0], IDS[5]} & set(index.search(VECTORS[0], 60).ids.tolist())
    assert index.search(VECTORS[0], 5, allowed=[IDS[0], IDS[1]]).ids.tolist() == [IDS[1]]
    index.remove(IDS)
    assert len(index) == 0 and index.search(VECTORS[0], 5).ids.tolist() == []
    index.put(IDS[:1], VECTORS[:1])
    assert index.search(VECTORS[0], 5).ids.tolist() == IDS[:1]


def test_vectors_and_scores_keep_the_order_and_pass_over_what_is_not_held(
    index: VectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus_index, "_BLOCK", 2)
    asked = [IDS[4], 1, IDS[3], IDS[9], IDS[0]]
    held, rows = index.vectors(asked)
    assert held.tolist() == [IDS[4], IDS[3], IDS[9], IDS[0]]
    np.testing.assert_allclose(rows, VECTORS[[4, 3, 9, 0]], atol=1e-6)
    known, scores = index.scores(VECTORS[3], asked)
    assert known.tolist() == held.tolist()
    np.testing.assert_allclose(scores, VECTORS[[4, 3, 9, 0]] @ VECTORS[3], atol=1e-6)


@pytest.mark.parametrize("shape", [(2, DIM + 1), (DIM,)])
def test_vectors_of_another_shape_are_refused(index: VectorIndex, shape: tuple[int, ...]) -> None:
    with pytest.raises(IndexMismatchError, match=f"dimension {DIM}"):
        index.put([1, 2], np.zeros(shape, dtype=np.float32))
    assert (index.model_id, index.dim) == (MODEL, DIM)


def test_where_the_list_ends_among_ties_the_least_ids_are_in_it(fill: Fill) -> None:
    row = unit_rows(1)[0]
    ids = list(range(1, 101))
    index = fill(ids[::-1], np.stack([row] * 100))
    if isinstance(index, DenseIndex) and not index.is_exact:
        return  # An approximate search may miss any of them.
    assert index.search(row, 3).ids.tolist() == [1, 2, 3]
    assert index.search(row, 3, allowed=ids[50:]).ids.tolist() == [51, 52, 53]


@pytest.mark.slow
def test_a_collection_is_there_again_after_a_restart(tmp_path: Path) -> None:
    pytest.importorskip("milvus_lite")
    address = read_address(f"milvus://{tmp_path}/lite.db")
    place = MilvusPlace(address)
    place.create("kept", MODEL, DIM, is_exact=True).put(IDS, VECTORS)
    place.close()
    forget_embedded(tmp_path / "lite.db")
    again = MilvusPlace(address)
    index = again.open("kept", MODEL, DIM)
    assert index is not None and index.is_exact and len(index) == 60
    assert index.search(VECTORS[5], 1).ids.tolist() == [IDS[5]]
    assert again.open("never", MODEL, DIM) is None
    again.drop("kept")
    with pytest.raises(IndexUnavailableError, match="kept"):
        index.search(VECTORS[5], 1)
    assert again.lost == {"kept"}
    again.close()
    forget_embedded(tmp_path / "lite.db")


@pytest.mark.slow
def test_an_approximate_collection_answers_alike(place: MilvusPlace) -> None:
    index = place.create("near", MODEL, DIM, is_exact=False)
    index.put(IDS, VECTORS)
    for query in unit_rows(3, seed=1):
        assert index.search(query, 7).ids.tolist() == brute_force(query, list(range(60)))[:7]
    place.drop("near")
