"""Dense search: exact equals comparing with every vector, approximate comes close, snapshots are safe."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import dense
from index.dense import DenseIndex
from index.errors import IndexMismatchError, SnapshotError

DIM = 16
Matrix = NDArray[np.float32]


def unit_rows(count: int, seed: int = 0, dim: int = DIM) -> Matrix:
    rows = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    result: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return result


def filled(count: int, exact_limit: int = 10_000) -> tuple[DenseIndex, list[int], Matrix]:
    """Return an index of `count` vectors under the ids 10, 20, 30 …"""
    ids, vectors = [10 * (number + 1) for number in range(count)], unit_rows(count)
    index = DenseIndex("model@1", DIM, exact_limit)
    index.rebuild(ids, vectors)
    return index, ids, vectors


@pytest.fixture(params=["exact", "approximate"])
def many(request: pytest.FixtureRequest) -> tuple[DenseIndex, list[int], Matrix]:
    """An index of 600 vectors of either sort; the approximate one has 97 lists, of which 64 are visited."""
    found = filled(600, 10_000 if request.param == "exact" else 100)
    assert found[0].is_exact is (request.param == "exact")
    return found


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
    found = [set(index.search(query, 10).ids.tolist()) for query in queries]
    assert np.mean([len(w & f) / 10 for w, f in zip(wanted, found, strict=True)]) > 0.8
    # With every list visited nothing is missed.
    monkeypatch.setattr(dense, "_probes", lambda lists, filtered: lists)
    assert [set(index.search(query, 10).ids.tolist()) for query in queries] == wanted


def test_ties_are_broken_by_id() -> None:
    index = DenseIndex("model@1", DIM)
    row = unit_rows(1)
    index.put([30, 10, 20, 5], np.concatenate([row, row, row, unit_rows(1, seed=9)]))
    assert index.search(row[0], 3).ids.tolist() == [10, 20, 30]


def test_more_than_there_are_gives_all_and_no_padding(many: tuple[DenseIndex, list[int], Matrix]) -> None:
    index, ids, vectors = many
    hits = index.search(vectors[0], 2000)
    assert (hits.ids >= 0).all()
    assert len(hits.ids) == len(set(hits.ids.tolist()))
    if index.is_exact:
        assert sorted(hits.ids.tolist()) == ids


def test_an_empty_index_answers_with_nothing() -> None:
    index = DenseIndex("model@1", DIM)
    assert index.search(unit_rows(1)[0], 5).ids.tolist() == []
    assert index.search(unit_rows(1)[0], 5, allowed=[1]).ids.tolist() == []
    index.rebuild([], np.zeros((0, DIM), dtype=np.float32))
    index.remove([1])
    assert len(index) == 0


@pytest.mark.parametrize("gather_limit", [20_000, 3])
def test_a_filter_admits_only_its_ids(
    many: tuple[DenseIndex, list[int], Matrix], monkeypatch: pytest.MonkeyPatch, gather_limit: int
) -> None:
    # Beyond the limit a selector goes into FAISS, within it the allowed vectors are compared one by one.
    monkeypatch.setattr(dense, "_GATHER_LIMIT", gather_limit)
    monkeypatch.setattr(dense, "_probes", lambda lists, filtered: lists)
    index, ids, vectors = many
    allowed = [*ids[::7], 99_999_999, 3]
    query = unit_rows(1, seed=3)[0]
    places = np.arange(0, 600, 7)
    order = places[np.argsort(-(vectors[places] @ query), kind="stable")]
    assert index.search(query, 10, allowed).ids.tolist() == [ids[place] for place in order[:10]]
    assert len(index.search(query, 1000, allowed).ids) == len(places)
    assert index.search(query, 5, allowed=[]).ids.tolist() == []


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


def test_a_snapshot_gives_the_same_index(many: tuple[DenseIndex, list[int], Matrix], tmp_path: Path) -> None:
    index, ids, vectors = many
    index.remove(ids[:3])
    index.save(tmp_path / "need.faiss", {"revision": 7})
    copy = DenseIndex("model@1", DIM)
    assert copy.load(tmp_path / "need.faiss")["revision"] == 7
    assert len(copy) == 597 and copy.is_exact is index.is_exact
    for query in unit_rows(3, seed=2):
        assert copy.search(query, 9).ids.tolist() == index.search(query, 9).ids.tolist()
    copy.put([ids[0]], vectors[:1])
    copy.remove([ids[9]])
    assert copy.search(vectors[0], 1).ids.tolist() == [ids[0]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["need.faiss", "need.json"]


def test_a_snapshot_of_an_empty_index(tmp_path: Path) -> None:
    DenseIndex("model@1", DIM).save(tmp_path / "need.faiss", {})
    index = DenseIndex("model@1", DIM)
    index.load(tmp_path / "need.faiss")
    assert len(index) == 0


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def new_description(path: Path) -> None:
    facts = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps(facts | {"sha256": "0" * 64}))


@pytest.mark.parametrize(
    "damage",
    [
        flip,
        truncate,
        Path.unlink,
        new_description,
        lambda path: path.write_bytes(b""),
        lambda path: path.with_suffix(".json").unlink(),
        lambda path: truncate(path.with_suffix(".json")),
        lambda path: path.with_suffix(".json").write_text("[]"),
        lambda path: path.with_suffix(".json").write_text("{}"),
        lambda path: path.with_suffix(".json").write_bytes(b"\xff" * 10),
    ],
)
def test_a_damaged_snapshot_is_refused_and_changes_nothing(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    path = tmp_path / "need.faiss"
    filled(50)[0].save(path, {})
    damage(path)
    index, ids, vectors = filled(3)
    with pytest.raises(SnapshotError, match="rebuild from the store"):
        index.load(path)
    assert index.search(vectors[1], 1).ids.tolist() == [ids[1]]


def test_a_crash_between_the_two_files_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "need.faiss"
    filled(50)[0].save(path, {})
    replace = dense._replace_file

    def crash_at_description(target: Path, content: bytes) -> None:
        if target.suffix == ".json":
            raise KeyboardInterrupt
        replace(target, content)

    monkeypatch.setattr(dense, "_replace_file", crash_at_description)
    with pytest.raises(KeyboardInterrupt):
        filled(60)[0].save(path, {})
    with pytest.raises(SnapshotError, match="damaged"):
        DenseIndex("model@1", DIM).load(path)


@pytest.mark.parametrize("other", [DenseIndex("model@2", DIM), DenseIndex("model@1", DIM + 1)])
def test_a_snapshot_of_another_model_is_refused(tmp_path: Path, other: DenseIndex) -> None:
    filled(5)[0].save(tmp_path / "need.faiss", {})
    with pytest.raises(IndexMismatchError, match="model@1"):
        other.load(tmp_path / "need.faiss")
    assert len(other) == 0


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
            index.save(tmp_path / "need.faiss", {})

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
