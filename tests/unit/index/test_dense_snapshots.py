"""Snapshots of the index: the same afterwards, refused when damaged, old or new after a crash."""

from collections.abc import Callable
from pathlib import Path

import pytest

from index import inverted_lists, snapshot_files
from index.dense import DenseIndex
from index.errors import IndexMismatchError, SnapshotError
from tests.support.unit_rows import DIM, Matrix, filled, unit_rows


def test_a_snapshot_gives_the_same_index(many: tuple[DenseIndex, list[int], Matrix], tmp_path: Path) -> None:
    index, ids, vectors = many
    index.remove(ids[:3])
    index.save(tmp_path / "need.json", {"revision": 7})
    copy = DenseIndex("model@1", DIM)
    assert copy.load(tmp_path / "need.json")["revision"] == 7
    assert len(copy) == 597 and copy.is_exact is index.is_exact
    for query in unit_rows(3, seed=2):
        assert copy.search(query, 9).ids.tolist() == index.search(query, 9).ids.tolist()
    copy.put([ids[0]], vectors[:1])
    copy.remove([ids[9]])
    assert copy.search(vectors[0], 1).ids.tolist() == [ids[0]]


def test_a_snapshot_of_an_empty_index(tmp_path: Path) -> None:
    DenseIndex("model@1", DIM).save(tmp_path / "need.json", {})
    index = DenseIndex("model@1", DIM)
    index.load(tmp_path / "need.json")
    assert len(index) == 0


def test_a_second_snapshot_takes_the_place_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "need.json"
    filled(50)[0].save(path, {})
    first = set(tmp_path.iterdir())
    (tmp_path / "need-0123456789abcdef.matrix").write_text("left by a writer that was interrupted")
    (tmp_path / "achievement-0123456789abcdef.matrix").write_text("of another index")
    (tmp_path / "need.lock").touch()
    mapped = DenseIndex("model@1", DIM)
    mapped.load(path)
    filled(60)[0].save(path, {})
    second = set(tmp_path.iterdir())
    assert first & second == {path}
    assert len(second) == len(first) + 2
    # Who has the old one mapped goes on with it.
    assert mapped.search(unit_rows(50)[7], 1).ids.tolist() == [80]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"0")


def parts_of_a_snapshot() -> list[str]:
    return ["matrix", "ids", "lists", "taken", "recent_ids", "recent_matrix", "json"]


@pytest.mark.parametrize("part", parts_of_a_snapshot())
@pytest.mark.parametrize("damage", [flip, truncate, lengthen, Path.unlink])
def test_a_damaged_snapshot_is_refused_and_changes_nothing(
    tmp_path: Path, damage: Callable[[Path], object], part: str
) -> None:
    saved = filled(200, exact_limit=100)[0]
    saved.remove([10, 20])
    saved.put([5, 6], unit_rows(2))
    saved.save(tmp_path / "need.json", {})
    damage(next(tmp_path.glob(f"need*.{part}")))
    index, ids, vectors = filled(3)
    with pytest.raises(SnapshotError, match="rebuild from the store"):
        index.load(tmp_path / "need.json")
    assert index.search(vectors[1], 1).ids.tolist() == [ids[1]]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff" * 10, b'{"content": 3, "sum": 0}'])
def test_what_describes_no_snapshot_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "need.json").write_bytes(content)
    with pytest.raises(SnapshotError, match="rebuild from the store"):
        DenseIndex("model@1", DIM).load(tmp_path / "need.json")


def test_a_changed_description_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "need.json"
    filled(50)[0].save(path, {"revision": 123456})
    path.write_text(path.read_text().replace("123456", "123457"))
    with pytest.raises(SnapshotError, match="checksum"):
        DenseIndex("model@1", DIM).load(path)


def test_damage_in_any_block_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_files, "_BLOCK", 1000)
    index, _, _ = filled(200)
    index.save(tmp_path / "need.json", {})
    matrix = next(tmp_path.glob("need*.matrix"))
    sound = matrix.read_bytes()
    for place in (0, 999, 1000, 7777, len(sound) - 1):
        matrix.write_bytes(sound[:place] + bytes([sound[place] ^ 128]) + sound[place + 1 :])
        with pytest.raises(SnapshotError, match="checksum"):
            index.load(tmp_path / "need.json")
    matrix.write_bytes(sound)
    index.load(tmp_path / "need.json")


@pytest.mark.parametrize("step", ["write lists", "describe", "remove old"])
def test_a_crash_leaves_the_old_snapshot_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "need.json"
    filled(150, exact_limit=100)[0].save(path, {})

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    if step == "write lists":
        monkeypatch.setattr(inverted_lists.InvertedLists, "write", crash)
    elif step == "describe":
        monkeypatch.setattr(Path, "replace", crash)
    else:
        monkeypatch.setattr(snapshot_files, "_remove_others", crash)
    with pytest.raises(KeyboardInterrupt):
        filled(160, exact_limit=100)[0].save(path, {})
    index = DenseIndex("model@1", DIM)
    index.load(path)
    assert len(index) == (160 if step == "remove old" else 150)
    monkeypatch.undo()
    filled(170, exact_limit=100)[0].save(path, {})
    index.load(path)
    assert len(index) == 170
    assert len({file.stem for file in tmp_path.iterdir()}) == 2, "what the crash left is gone"


def test_a_snapshot_that_cannot_be_written_leaves_nothing_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "need.json"
    index = filled(150, exact_limit=100)[0]
    index.save(path, {})
    before = sorted(tmp_path.iterdir())

    def fill_the_disk(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(snapshot_files, "_flush", fill_the_disk)
    for _ in range(2):
        with pytest.raises(OSError, match="no space"):
            index.save(path, {})
    assert sorted(tmp_path.iterdir()) == before


def test_a_snapshot_that_is_replaced_while_it_is_opened_is_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "need.json"
    filled(50)[0].save(path, {})
    described = snapshot_files._described

    def replaced_afterwards(description: Path) -> dict[str, object]:
        facts = described(description)
        monkeypatch.undo()
        filled(60)[0].save(path, {})
        return facts

    monkeypatch.setattr(snapshot_files, "_described", replaced_afterwards)
    index = DenseIndex("model@1", DIM)
    index.load(path)
    assert len(index) == 60


@pytest.mark.parametrize("other", [DenseIndex("model@2", DIM), DenseIndex("model@1", DIM + 1)])
def test_a_snapshot_of_another_model_is_refused(tmp_path: Path, other: DenseIndex) -> None:
    filled(5)[0].save(tmp_path / "need.json", {})
    with pytest.raises(IndexMismatchError, match="model@1"):
        other.load(tmp_path / "need.json")
    assert len(other) == 0
