"""The index of words of a process follows the store, from a snapshot or not, and FTS5 serves until it is there."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as enumerate_threads

import pytest
from filelock import FileLock

from index.word_runs import WordRuns
from index.words import WordIndex
from matcher import live_words
from matcher.service import Service
from matcher.store import search_terms
from tests.conftest import OpenService
from tests.support.records import achievement


def post(service: Service, count: int) -> None:
    service.postings.save_many([achievement(f"成果{number}锂离子电池") for number in range(count)], "李")


def words(service: Service) -> WordIndex:
    """Return the index of achievements, which is there, and holds what the store does."""
    index = service.engine.words("achievement")
    assert index is not None
    view = index.view([])
    assert (view.records, view.length) == search_terms.totals(service.store.db, "achievement")
    return index


def finds(service: Service, term: str) -> list[int]:
    return [item_id for item_id, _ in words(service).view([term]).best({term: 1.0}, 100)]


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    return tmp_path / "snapshots" / "words-achievement.json"


@pytest.fixture
def held_building(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, Event]]:
    """Building says that it has begun (first event) and goes on when it may (second)."""
    begun, may_end = Event(), Event()
    add = WordRuns.add

    def held(runs: WordRuns, *given: object) -> None:
        begun.set()
        assert may_end.wait(20)
        add(runs, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(WordRuns, "add", held)
    yield begun, may_end
    may_end.set()


def test_an_empty_store_gives_an_empty_index(service: Service) -> None:
    assert len(words(service)) == 0
    assert finds(service, "锂") == []


def test_what_one_process_changes_is_found_in_another(open_service: OpenService) -> None:
    one, other = open_service(), open_service()
    post(one, 5)
    assert len(words(one)) == len(words(other)) == 5
    late = one.postings.post(achievement("木材防霉"), "李")
    assert finds(other, "木材") == [late.id]
    other.postings.edit(replace(other.postings.get("achievement", late.id), title="海水淡化"), "李")
    assert finds(one, "木材") == [] and finds(one, "海水") == [late.id]
    one.postings.change_status("achievement", late.id, "closed", "李")
    assert finds(other, "海水") == []
    one.postings.change_status("achievement", late.id, "published", "李")
    assert finds(other, "海水") == [late.id]
    other.postings.delete("achievement", late.id, "李")
    assert finds(one, "海水") == []


def test_only_what_changed_is_read_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    post(service, 5)
    words(service)
    monkeypatch.setattr(search_terms, "blocks", None)
    late = service.postings.post(achievement("木材防霉"), "李")
    assert finds(service, "木材") == [late.id]


def test_after_very_many_changes_a_small_index_is_built_anew_at_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_words, "_MANY_CHANGES", 3)
    post(service, 5)
    before = words(service)
    post(service, 10)
    assert words(service) is not before and len(words(service)) == 15


def test_later_starts_and_other_processes_map_the_snapshot(
    open_service: OpenService, snapshot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = open_service(snapshot_min=5)
    post(one, 5)
    words(one)
    assert snapshot.exists()
    late = one.postings.post(achievement("木材防霉"), "李")
    monkeypatch.setattr(search_terms, "blocks", None)
    assert finds(open_service(), "木材") == [late.id]


def test_a_small_index_is_not_kept(open_service: OpenService, snapshot: Path) -> None:
    service = open_service(snapshot_min=6)
    post(service, 5)
    words(service)
    assert not snapshot.exists()


def test_a_damaged_snapshot_is_rebuilt(
    open_service: OpenService, snapshot: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one = open_service(snapshot_min=5)
    post(one, 5)
    words(one)
    (file,) = snapshot.parent.glob("words-achievement-*.rows")
    content = bytearray(file.read_bytes())
    content[3] ^= 1
    file.write_bytes(content)
    other = open_service(snapshot_min=5)
    assert len(finds(other, "电池")) == 5
    assert "no sound snapshot" in caplog.text
    caplog.clear()
    words(open_service(snapshot_min=5))
    assert not caplog.text


def test_a_snapshot_of_another_store_is_not_taken(open_service: OpenService, tmp_path: Path, snapshot: Path) -> None:
    one = open_service(snapshot_min=5)
    post(one, 7)
    words(one)
    other = open_service(home=tmp_path / "other", snapshot_min=5)
    post(other, 9)
    (tmp_path / "other" / "snapshots").mkdir(exist_ok=True)
    for file in snapshot.parent.glob("words-achievement*"):
        (tmp_path / "other" / "snapshots" / file.name).write_bytes(file.read_bytes())
    assert len(words(other)) == 9


def test_who_finds_another_writing_the_snapshot_builds_for_itself(open_service: OpenService, snapshot: Path) -> None:
    service = open_service(snapshot_min=1)
    post(service, 5)
    snapshot.parent.mkdir(exist_ok=True)
    with FileLock(snapshot.with_suffix(".lock")):
        assert len(words(service)) == 5
    assert not snapshot.exists()


def test_a_snapshot_that_cannot_be_written_costs_only_memory(
    open_service: OpenService, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(live_words, "write_words", refuse)
    service = open_service(snapshot_min=1)
    post(service, 5)
    assert len(finds(service, "电池")) == 5
    assert "disk full" in caplog.text


def test_fts5_serves_while_many_are_built_behind_searches(
    open_service: OpenService, held_building: tuple[Event, Event]
) -> None:
    begun, may_end = held_building
    service = open_service(exact_limit=100)
    post(service, 120)
    assert service.engine.words("achievement") is None
    assert begun.wait(20)
    late = service.postings.post(achievement("木材防霉"), "李")
    (best,) = service.matching.search("achievement", "木材防霉", k=1)
    assert best[0].id == late.id and best[1].lexical_score > 0
    service.postings.delete("achievement", 5, "李")
    may_end.set()
    service.engine.complete()
    assert finds(service, "木材") == [late.id] and len(words(service)) == 120
    (again,) = service.matching.search("achievement", "木材防霉", k=1)
    assert again[0].id == late.id and again[1].lexical_score > 0
    assert not [thread for thread in enumerate_threads() if thread.name.startswith("renew-words")]


def test_two_processes_build_one_index(open_service: OpenService, held_building: tuple[Event, Event]) -> None:
    begun, may_end = held_building
    one, other = open_service(exact_limit=100), open_service(exact_limit=100)
    post(one, 120)
    for service in (one, other):
        assert service.engine.words("achievement") is None
    assert begun.wait(20)
    begun.clear()
    may_end.set()
    for service in (one, other):
        service.engine.complete()
        assert len(words(service)) == 120
    assert not begun.is_set(), "the second one took what the first one had built"


def test_much_changed_by_and_by_is_sealed_anew(open_service: OpenService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.words._LEAST_CHANGES", 3)
    service = open_service()
    post(service, 20)
    before = words(service)
    for number in range(1, 6):
        service.postings.change_status("achievement", number, "closed", "李")
        words(service)
    service.engine.complete()
    assert words(service) is not before and len(words(service)) == 15
    assert not words(service).is_due


def test_closing_stops_a_building_and_one_that_waits_for_it(
    open_service: OpenService, held_building: tuple[Event, Event], snapshot: Path, caplog: pytest.LogCaptureFixture
) -> None:
    begun, may_end = held_building
    one, other = open_service(exact_limit=100), open_service(exact_limit=100)
    post(one, 120)
    assert one.engine.words("achievement") is None
    assert begun.wait(20)
    assert other.engine.words("achievement") is None
    waiting = Thread(target=other.engine.close)
    waiting.start()
    waiting.join(5)
    assert not waiting.is_alive(), "who waits for another's building does not go on waiting"
    closing = Thread(target=one.engine.close)
    closing.start()
    closing.join(0.1)
    assert closing.is_alive(), "closing waits for the thread that reads the store"
    may_end.set()
    closing.join(20)
    assert not [thread for thread in enumerate_threads() if thread.name.startswith("renew-words")]
    assert not snapshot.exists() and "cannot build" not in caplog.text


def test_a_building_that_fails_leaves_fts5(
    open_service: OpenService, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(WordRuns, "add", lambda *_: 1 / 0)
    service = open_service(exact_limit=100)
    post(service, 120)
    service.engine.complete()
    assert "cannot build the index of words of achievement anew" in caplog.text
    (best,) = service.matching.search("achievement", "成果7锂离子电池", k=1)
    assert best[1].lexical_score > 0
    service.engine.complete()
