"""The index of a process follows the store, from a snapshot or without one."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as enumerate_threads

import pytest
from filelock import FileLock

from index import dense
from index.dense import DenseIndex
from matcher import centring, following_index
from matcher.live_index import LiveIndex
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
    return tmp_path / "snapshots" / "achievement.json"


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
    monkeypatch.setattr(following_index, "_MANY_CHANGES", 3)
    monkeypatch.setattr(following_index, "_CHANGED_SHARE", 100)
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
    facts = json.loads(json.loads(snapshot.read_text())["content"])
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


@pytest.mark.parametrize("damaged", ["achievement.json", "achievement-*.matrix", "achievement-*.ids", "*"])
def test_a_damaged_snapshot_is_rebuilt(open_service: OpenService, snapshot: Path, damaged: str) -> None:
    post(open_service(), 10)
    open_service(snapshot_min=1).engine.live("achievement")
    for path in snapshot.parent.glob(damaged):
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


def test_without_a_folder_for_snapshots_a_large_index_is_built_in_memory(
    open_service: OpenService, tmp_path: Path
) -> None:
    (tmp_path / "snapshots").write_text("a file in the way")
    service = open_service(exact_limit=100)
    post(service, 150)
    service.engine.live("achievement").wait_for_renewal()
    assert not service.engine.live("achievement").dense.is_exact
    assert_consistent(service)


def large(service: Service) -> LiveIndex:
    """Return the index of achievements, trained."""
    service.engine.live("achievement").wait_for_renewal()
    live = service.engine.live("achievement")
    assert not live.dense.is_exact
    return live


def test_beyond_the_set_size_the_index_is_approximate(open_service: OpenService) -> None:
    service = open_service(exact_limit=100)
    post(service, 150)
    large(service)
    found = service.postings.get("achievement", 120)
    assert found.id in [each.id for each, _ in service.matching.search("achievement", found.title, k=20)]
    service.postings.edit(replace(found, title="木材防霉"), "李")
    assert [each.id for each, _ in service.matching.search("achievement", "木材防霉", k=1)] == [found.id]


def test_growth_by_single_posts_makes_the_index_approximate(open_service: OpenService) -> None:
    service = open_service(exact_limit=100)
    post(service, 100)
    live = service.engine.live("achievement")
    live.wait_for_renewal()
    assert live.dense.is_exact
    service.postings.post(achievement("木材防霉"), "李")
    assert len(large(service).dense) == 101


@pytest.fixture
def held_training(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, Event]]:
    """Training says that it has begun (first event) and goes on when it may (second)."""
    begun, may_end = Event(), Event()
    train = DenseIndex.train

    def held(index: DenseIndex) -> None:
        begun.set()
        assert may_end.wait(20)
        train(index)

    monkeypatch.setattr(DenseIndex, "train", held)
    yield begun, may_end
    may_end.set()


def test_searches_and_changes_go_on_while_a_new_index_is_built(
    open_service: OpenService, held_training: tuple[Event, Event]
) -> None:
    begun, may_end = held_training
    service = open_service(exact_limit=100)
    post(service, 150)
    live = service.engine.live("achievement")
    assert begun.wait(20)
    before = live.dense
    late = service.postings.post(achievement("木材防霉"), "李")
    service.postings.edit(replace(service.postings.get("achievement", 7), title="海水淡化"), "李")
    service.postings.change_status("achievement", 5, "closed", "李")
    service.postings.delete("achievement", 6, "李")
    assert [each.id for each, _ in service.matching.search("achievement", "木材防霉", k=1)] == [late.id]
    assert live.dense is before and before.is_exact and 5 not in before
    may_end.set()
    after = large(service).dense
    assert after is not before
    assert late.id in after and 5 not in after and 6 not in after
    assert [each.id for each, _ in service.matching.search("achievement", "海水淡化", k=1)] == [7]
    assert_consistent(service)


def test_closing_waits_for_a_training_and_ends_one_that_waits_for_it(
    open_service: OpenService, held_training: tuple[Event, Event], snapshot: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begun, may_end = held_training
    one, other = open_service(exact_limit=100), open_service(exact_limit=100)
    post(one, 150)
    one.engine.live("achievement")
    assert begun.wait(20)
    other.engine.live("achievement")
    waiting = Thread(target=other.engine.close)
    waiting.start()
    waiting.join(5)
    assert not waiting.is_alive(), "who waits for another's training does not go on waiting"
    closing = Thread(target=one.engine.close)
    closing.start()
    closing.join(0.1)
    assert closing.is_alive(), "closing waits for the thread that reads the store"
    may_end.set()
    closing.join(20)
    assert not [thread for thread in enumerate_threads() if thread.name.startswith("renew-achievement")]
    assert not snapshot.exists() and "cannot build" not in caplog.text


def test_a_new_mean_is_followed_behind_searches(open_service: OpenService, held_training: tuple[Event, Event]) -> None:
    begun, may_end = held_training
    may_end.set()
    service = open_service(exact_limit=100)
    post(service, 150)
    before = large(service).dense
    begun.clear()
    may_end.clear()
    service.postings.save_many([achievement(f"木材防霉{number}") for number in range(30)], "李")
    live = service.engine.live("achievement")
    assert begun.wait(20)
    assert live.dense is before and len(before) == 180
    assert [each.title for each, _ in service.matching.search("achievement", "木材防霉7", k=1)] == ["木材防霉7"]
    may_end.set()
    assert large(service).dense is not before
    assert_consistent(service)


def test_many_changes_since_training_build_it_anew(open_service: OpenService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dense, "_LEAST_CHANGES", 3)
    monkeypatch.setattr(centring, "refresh", lambda *_: None)
    service = open_service(exact_limit=100)
    post(service, 150)
    before = large(service).dense
    for number in range(1, 9):
        service.postings.change_status("achievement", number, "closed", "李")
    after = large(service).dense
    assert after is not before and len(after) == 142 and not after.is_due
    assert_consistent(service)


def test_a_start_from_a_snapshot_that_knows_little_reads_all(
    open_service: OpenService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following_index, "_MANY_CHANGES", 3)
    one = open_service(exact_limit=100)
    post(one, 150)
    large(one)
    post(one, 200)
    monkeypatch.setattr(DenseIndex, "put", None)
    other = open_service(exact_limit=100)
    assert len(other.engine.live("achievement").dense) == 350


def test_what_one_process_has_built_the_others_take(open_service: OpenService, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = open_service(exact_limit=100), open_service(exact_limit=100)
    post(one, 150)
    large(one)
    late = one.postings.post(achievement("木材防霉"), "李")
    monkeypatch.setattr(DenseIndex, "train", None)
    monkeypatch.setattr(DenseIndex, "rebuild", None)
    assert late.id in large(other).dense


def test_two_processes_build_one_index(open_service: OpenService, held_training: tuple[Event, Event]) -> None:
    begun, may_end = held_training
    one, other = open_service(exact_limit=100), open_service(exact_limit=100)
    post(one, 150)
    lives = [service.engine.live("achievement") for service in (one, other)]
    assert begun.wait(20)
    begun.clear()
    may_end.set()
    for live in lives:
        live.wait_for_renewal()
        assert not live.dense.is_exact
    assert not begun.is_set(), "the second one took what the first one had built"


def test_a_renewal_that_fails_leaves_the_index_as_it_was(
    open_service: OpenService, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[DenseIndex] = []
    monkeypatch.setattr(DenseIndex, "train", lambda index: 1 / (tried.append(index) or 0))
    service = open_service(exact_limit=100)
    post(service, 150)
    live = service.engine.live("achievement")
    live.wait_for_renewal()
    post(service, 1)
    live.sync()
    live.wait_for_renewal()
    assert len(tried) == 1, "what has just failed is not tried at each search"
    assert "cannot build the index of achievement anew" in caplog.text
    assert live.dense.is_exact and len(live.dense) == 151
    assert_consistent(service)


def test_a_renewal_leaves_no_thread_and_no_connection(open_service: OpenService) -> None:
    service = open_service(exact_limit=100)
    post(service, 150)
    connections = len(service.store._opened)
    large(service)
    assert len(service.store._opened) == connections
    assert not [thread for thread in enumerate_threads() if thread.name == "renew-achievement"]
