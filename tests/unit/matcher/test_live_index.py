"""The index of a process follows the store, from a snapshot or without one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from index.dense import DenseIndex
from matcher import centring, live_index
from matcher.models import KINDS
from matcher.service import Service
from matcher.store import revisions
from tests.conftest import OpenService
from tests.support.hash_encoder import HashEncoder
from tests.support.records import achievement, assert_consistent, need


def post(service: Service, count: int) -> None:
    service.postings.save_many([achievement(f"成果{number}锂离子电池") for number in range(count)], "李")


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    return tmp_path / "snapshots" / "achievement.faiss"


def test_an_empty_store_gives_an_empty_index(service: Service) -> None:
    for kind in KINDS:
        assert len(service.engine.live(kind).dense) == 0


def test_only_what_changed_is_read_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    post(service, 200)
    live = service.engine.live("achievement")
    monkeypatch.setattr(DenseIndex, "rebuild", None)
    first = service.postings.post(achievement("木材防霉"), "李")
    service.postings.change_status("achievement", 1, "closed", "李")
    service.postings.delete("achievement", 2, "李")
    live.sync()
    assert first.id in live.dense and 1 not in live.dense and 2 not in live.dense
    monkeypatch.undo()
    assert_consistent(service)


def test_nothing_is_done_when_nothing_changed(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    post(service, 3)
    live = service.engine.live("achievement")
    for name in ("rebuild", "put", "remove"):
        monkeypatch.setattr(DenseIndex, name, None)
    live.sync()
    service.postings.post(need(), "李")
    live.sync()


def test_after_very_many_changes_all_is_read_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_index, "_MANY_CHANGES", 3)
    post(service, 200)
    live = service.engine.live("achievement")
    # Below 2 % of 200, so that it is not the new mean that asks for it.
    monkeypatch.setattr(centring, "refresh", lambda *_: None)
    for number in range(1, 6):
        service.postings.change_status("achievement", number, "closed", "李")
    monkeypatch.setattr(DenseIndex, "put", None)
    live.sync()
    assert len(live.dense) == 195
    assert_consistent(service)


def test_every_process_centres_by_the_same_mean(open_service: OpenService) -> None:
    one, other = open_service(), open_service()
    for number in range(30):
        service = (one, other)[number % 2]
        service.postings.post(achievement(f"成果{number}"), "李")
        service.engine.live("achievement")
    for service in (one, other):
        assert_consistent(service)


def test_a_snapshot_is_kept_from_the_set_size_on(open_service: OpenService, snapshot: Path) -> None:
    service = open_service(snapshot_min=5)
    post(service, 4)
    service.engine.live("achievement")
    assert not snapshot.exists()
    post(service, 1)
    service.engine.live("achievement")
    facts = json.loads(snapshot.with_suffix(".json").read_text())
    assert facts["revision"] == revisions.latest(service.store.db)
    assert facts["model_id"] == "hash-encoder@1"


def test_a_start_from_a_snapshot_reads_only_what_came_later(
    open_service: OpenService, snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = open_service(snapshot_min=1)
    post(service, 200)
    service.engine.live("achievement")
    service.postings.change_status("achievement", 5, "closed", "李")
    late = service.postings.post(achievement("木材防霉"), "李")
    monkeypatch.setattr(DenseIndex, "rebuild", None)
    started = open_service(snapshot_min=1)
    assert len(started.engine.live("achievement").dense) == 200
    assert late.id in started.engine.live("achievement").dense
    monkeypatch.undo()
    assert_consistent(started)


@pytest.mark.parametrize("damage", ["vectors", "description", "both"])
def test_a_damaged_snapshot_is_rebuilt(open_service: OpenService, snapshot: Path, damage: str) -> None:
    post(open_service(), 10)
    open_service(snapshot_min=1).engine.live("achievement")
    for path in (snapshot, snapshot.with_suffix(".json")):
        if damage in ("both", "vectors" if path == snapshot else "description"):
            path.write_bytes(path.read_bytes()[:-3])
    started = open_service(snapshot_min=1)
    assert len(started.engine.live("achievement").dense) == 10
    assert_consistent(started)
    DenseIndex("hash-encoder@1", 64).load(snapshot)


def test_a_snapshot_of_another_store_is_not_used(open_service: OpenService, tmp_path: Path, snapshot: Path) -> None:
    other = open_service(home=tmp_path / "other", snapshot_min=1)
    other.postings.save_many([achievement(f"木材{number}防霉") for number in range(200)], "李")
    other.engine.live("achievement")
    snapshot.parent.mkdir()
    for path in (tmp_path / "other" / "snapshots").iterdir():
        path.rename(snapshot.parent / path.name)
    service = open_service(snapshot_min=100)
    post(service, 200)
    post(service, 2)
    started = open_service(snapshot_min=1000)
    assert_consistent(started)


def test_a_snapshot_newer_than_a_restored_store_is_not_used(
    open_service: OpenService, home: Path, snapshot: Path
) -> None:
    service = open_service(snapshot_min=1)
    post(service, 3)
    service.store.db.execute("vacuum into ?", (str(home / "backup.db"),))
    post(service, 4)
    service.engine.live("achievement")
    service.close()
    (home / "backup.db").replace(home / "matcher.db")
    started = open_service(snapshot_min=100)
    assert len(started.engine.live("achievement").dense) == 3
    assert_consistent(started)


def test_a_snapshot_of_another_model_is_not_used(open_service: OpenService, snapshot: Path) -> None:
    service = open_service(snapshot_min=1)
    post(service, 3)
    service.engine.live("achievement")
    other = open_service(HashEncoder("other@1"), snapshot_min=100)
    other.reindex()
    assert_consistent(other)


def test_a_snapshot_that_another_process_is_writing_is_left_to_it(open_service: OpenService, snapshot: Path) -> None:
    service = open_service(snapshot_min=1)
    post(service, 3)
    snapshot.parent.mkdir()
    with FileLock(snapshot.with_suffix(".lock")):
        assert len(service.engine.live("achievement").dense) == 3
    assert not snapshot.exists()


def test_a_snapshot_that_cannot_be_written_costs_nothing_but_time(
    open_service: OpenService, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "snapshots").write_text("a file in the way")
    service = open_service(snapshot_min=1)
    post(service, 3)
    assert len(service.engine.live("achievement").dense) == 3
    assert "cannot write the snapshot" in caplog.text


def test_beyond_the_set_size_the_index_is_approximate(open_service: OpenService) -> None:
    service = open_service(exact_limit=100)
    post(service, 150)
    assert not service.engine.live("achievement").dense.is_exact
    found = service.postings.get("achievement", 120)
    assert found.id in [each.id for each, _ in service.matching.search("achievement", found.title, k=20)]
    service.postings.edit(replace(found, title="木材防霉"), "李")
    assert [each.id for each, _ in service.matching.search("achievement", "木材防霉", k=1)] == [found.id]
