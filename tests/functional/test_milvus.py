"""The service with its vectors in Milvus: what is posted is found, nothing is lost, whoever is killed or cut off."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.milvus_place import MilvusPlace
from matcher import search_engine, shared_building, shared_index
from matcher.errors import VectorsUnavailableError
from matcher.models import KINDS, Kind
from matcher.service import Service
from matcher.shared_building import SharedBuilder
from matcher.store import revisions, shared_indexes
from tests.conftest import OpenService
from tests.functional.test_processes import kill, start
from tests.functional.test_processes import server as running
from tests.support.commands import invoke
from tests.support.hash_encoder import HashEncoder
from tests.support.milvus_lite import Server, forget_embedded
from tests.support.people import sign_in
from tests.support.records import achievement, assert_consistent, need
from tests.support.visitor import Visitor
from web import create_app

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")
pytestmark = pytest.mark.slow


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[str]:
    """The address of an embedded Milvus Lite."""
    yield f"milvus://{tmp_path}/lite.db"
    forget_embedded(tmp_path / "lite.db")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A Milvus Lite that runs as a server, as a cluster does."""
    found = Server(tmp_path).start()
    yield found
    found.kill()


def post(service: Service, count: int, first: int = 0) -> None:
    service.postings.save_many([achievement(f"成果{first + number}锂离子电池") for number in range(count)], "李")


def collections(service: Service, kind: Kind = "achievement") -> dict[str, list[str]]:
    """Return the collections that the store knows, by state."""
    found: dict[str, list[str]] = {"in_force": [], "retired": [], "building": []}
    for name, state in service.store.db.execute("select collection, state from shared_index where kind = ?", (kind,)):
        found[state].append(name)
    return found


def there(service: Service) -> set[str]:
    """Return the collections that Milvus has."""
    place = service.engine._choice._place
    assert place is not None
    return set(place.call("list_collections"))


def found(service: Service, text: str, k: int = 5) -> list[str]:
    return [record.title for record, _ in service.matching.search("achievement", text, k=k)]


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_it_answers_as_in_memory(open_service: OpenService, embedded: str) -> None:
    in_memory, shared = open_service(), open_service(index=embedded)
    for number in range(12):
        shared.postings.post(achievement(f"成果{number}锂离子电池", field=f"4.{number % 3}"), "李")
        shared.postings.post(need(f"需求{number}防爆电池"), "李")
    shared.postings.change_status("achievement", 3, "closed", "李")
    shared.postings.delete("achievement", 4, "李")
    shared.postings.edit(replace(shared.postings.get("achievement", 5), title="木材防霉"), "李")
    for service in (shared, in_memory):
        assert_consistent(service)
    assert found(shared, "木材防霉", 1) == ["木材防霉"]
    for number in (1, 7, 12):
        ours, theirs = (each.matching.matches("need", number, k=8).matches for each in (shared, in_memory))
        assert [row.achievement.id for row in ours] == [row.achievement.id for row in theirs]
        for row, other in zip(ours, theirs, strict=True):
            assert row.candidate.probability == pytest.approx(other.candidate.probability, abs=1e-4)


def test_two_processes_share_one_collection_and_apply_a_change_once(
    open_service: OpenService, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = open_service(index=server.address), open_service(index=server.address)
    post(one, 200)
    for service in (one, other):
        assert_consistent(service)
    written: list[list[int]] = []
    write = SharedBuilder._write
    monkeypatch.setattr(
        SharedBuilder, "_write", lambda self, index, mean, ids: (written.append(ids), write(self, index, mean, ids))
    )
    one.postings.post(achievement("木材防霉"), "李")
    searches = [threading.Thread(target=found, args=(service, "木材")) for service in (one, other) * 4]
    for thread in searches:
        thread.start()
    for thread in searches:
        thread.join()
    assert [ids for ids in written if ids] == [[201]]
    other.postings.delete("achievement", 7, "李")
    other.postings.change_status("achievement", 8, "closed", "李")
    for service in (one, other):
        assert found(service, "木材防霉", 1) == ["木材防霉"]
        assert_consistent(service)
    assert [ids for ids in written if ids] == [[201], [7, 8]]
    assert len(collections(one)["in_force"]) == 1


def test_a_start_finds_the_collection_as_it_was_left(
    tmp_path: Path, open_service: OpenService, embedded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = open_service(index=embedded)
    post(service, 200)
    assert len(found(service, "电池")) == 5
    service.close()
    forget_embedded(tmp_path / "lite.db")
    open_service().postings.post(achievement("木材防霉"), "李")
    monkeypatch.setattr(SharedBuilder, "build", None)
    started = open_service(index=embedded)
    assert found(started, "木材防霉", 1) == ["木材防霉"]


def test_what_was_written_but_not_noted_is_written_again(
    open_service: OpenService, embedded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = open_service(index=embedded)
    post(service, 200)
    found(service, "电池")
    service.postings.post(achievement("木材防霉"), "李")
    service.postings.delete("achievement", 3, "李")

    def cut_off(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(shared_indexes, "advance", cut_off)
    with pytest.raises(KeyboardInterrupt):
        found(service, "木材防霉")
    monkeypatch.undo()
    started = open_service(index=embedded)
    assert found(started, "木材防霉", 1) == ["木材防霉"]
    assert_consistent(started)


def test_a_collection_that_is_gone_or_not_whole_is_made_anew(open_service: OpenService, server: Server) -> None:
    service = open_service(index=server.address)
    post(service, 30)
    found(service, "电池")
    place = service.engine._choice._place
    assert place is not None
    first = collections(service)["in_force"][0]
    place.call("delete", first, ids=[1, 2, 3])
    assert_consistent(open_service(index=server.address))
    second = collections(service)["in_force"][0]
    assert second != first
    place.call("drop_collection", second)
    assert_consistent(open_service(index=server.address))
    third = collections(service)["in_force"][0]
    assert third != second
    assert_consistent(service)
    place.call("drop_collection", third)
    with pytest.raises(VectorsUnavailableError):
        found(service, "电池")
    assert_consistent(service)


def test_two_stores_share_a_server_without_meeting(
    tmp_path_factory: pytest.TempPathFactory, open_service: OpenService, server: Server
) -> None:
    one = open_service(index=server.address)
    other = open_service(index=server.address, home=tmp_path_factory.mktemp("other"))
    # The homes are copies of one empty store, so it needs an identity of its own.
    other.store.db.execute("update search_state set value = 'another' where key = 'store_id'")
    other.store.db.conn.commit()
    post(one, 5)
    other.postings.post(achievement("木材防霉"), "李")
    assert found(other, "锂离子电池") == ["木材防霉"]
    assert "木材防霉" not in found(one, "木材防霉")
    for service in (one, other):
        assert_consistent(service)
    assert not {*collections(one)["in_force"]} & {*collections(other)["in_force"]}


def test_another_model_gets_a_collection_of_its_own(open_service: OpenService, embedded: str) -> None:
    old = open_service(HashEncoder("old@1"), index=embedded)
    post(old, 30)
    found(old, "电池")
    before = collections(old)["in_force"]
    new = open_service(HashEncoder("new@2"), index=embedded)
    assert new.reindex() == 30
    assert new.complete_indexes() == {"need": 0, "achievement": 30}
    assert collections(new)["in_force"] != before
    assert_consistent(new)


def test_searches_go_on_while_a_new_mean_is_brought_in(
    open_service: OpenService, embedded: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = open_service(index=embedded)
    post(service, 40)
    assert_consistent(service)
    first = collections(service)["in_force"]
    monkeypatch.setattr(shared_index, "_MANY", 10)
    has_read, may_go_on = threading.Event(), threading.Event()
    published = SharedBuilder._published

    def slow(self: SharedBuilder) -> Iterator[Any]:
        yield from published(self)
        has_read.set()
        assert may_go_on.wait(30)

    monkeypatch.setattr(SharedBuilder, "_published", slow)
    post(service, 2, first=40)
    service.postings.post(achievement("木材防霉"), "李")
    for _ in range(3):
        # The new mean waits; the new record does not.
        assert found(service, "木材防霉", 1) == ["木材防霉"]
    assert has_read.wait(30)
    assert len(collections(service)["building"]) == 1 and collections(service)["in_force"] == first
    service.postings.post(achievement("在此期间发布的石墨烯"), "李")
    assert found(service, "石墨烯", 1) == ["在此期间发布的石墨烯"]
    newest = revisions.latest(service.store.db)
    may_go_on.set()
    wait_until(lambda: collections(service)["in_force"] != first)
    assert found(service, "石墨烯", 1) == ["在此期间发布的石墨烯"]
    assert_consistent(service)
    assert "will be made anew" not in caplog.text
    assert revisions.latest(service.store.db) > newest, "kept lists of matches do not hear of the switch"


def test_a_search_on_the_old_collection_outlives_the_switch(
    open_service: OpenService, embedded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = open_service(index=embedded)
    post(service, 5)
    old = service.engine.live("achievement").dense
    query = service.engine.query_vector("电池")
    post(service, 5, first=5)
    assert len(service.engine.live("achievement").dense) == 10
    assert service.engine.live("achievement").dense is not old and len(old.search(query, 10).ids) == 10
    assert len(there(service)) == 2
    monkeypatch.setattr(shared_building, "_GRACE", -shared_building._GRACE)
    post(service, 1, first=10)
    assert_consistent(service)
    assert collections(service)["retired"] == []
    assert there(service) == {*collections(service)["in_force"], *collections(service, "need")["in_force"]}


def test_a_large_store_is_searched_in_memory_until_it_has_moved(
    open_service: OpenService, embedded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(open_service(), 30)
    monkeypatch.setattr(shared_index, "_MANY", 10)
    may_go_on = threading.Event()
    published = SharedBuilder._published
    monkeypatch.setattr(SharedBuilder, "_published", lambda self: may_go_on.wait(30) and published(self))
    service = open_service(index=embedded)
    assert len(found(service, "电池")) == 5
    service.postings.post(achievement("木材防霉"), "李")
    assert found(service, "木材防霉", 1) == ["木材防霉"]
    assert collections(service)["in_force"] == []
    may_go_on.set()
    wait_until(lambda: len(collections(service)["in_force"]) == 1)
    assert found(service, "木材防霉", 1) == ["木材防霉"]
    assert_consistent(service)
    assert service.engine.live("achievement").dense is not service.engine.live("achievement")._meanwhile.dense  # type: ignore[union-attr]


def test_very_many_changes_are_applied_in_parts_beside_the_searches(
    open_service: OpenService, embedded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = open_service(index=embedded)
    post(service, 40)
    found(service, "电池")
    monkeypatch.setattr(shared_index, "_MANY", 10)
    monkeypatch.setattr(shared_building, "_BLOCK", 7)
    for number in range(1, 21):
        service.postings.edit(replace(service.postings.get("achievement", number), title=f"木材防霉{number}"), "李")
    seen = revisions.latest(service.store.db)
    found(service, "木材防霉")
    # They are through when all processes are told that searches answer otherwise now.
    wait_until(lambda: revisions.after(service.store.db, seen, "achievement", seen + 1) != [])
    assert len([title for title in found(service, "木材防霉", 30) if "防霉" in title]) == 20
    assert_consistent(service)


def test_a_writer_killed_at_any_point_leaves_what_the_next_one_finishes(
    tmp_path: Path, open_service: OpenService, server: Server
) -> None:
    in_memory = open_service()
    post(in_memory, 6000)
    given = {"MATCHER_INDEX": server.address}
    for pause in (0.0, 0.4):
        process = start(tmp_path, "reindex", **given)
        wait_until(lambda: len(collections(in_memory)["building"]) == 1)
        name = collections(in_memory)["building"][0]
        time.sleep(pause)
        kill(process)
        assert collections(in_memory)["in_force"] == []
        assert len(found(in_memory, "电池")) == 5
        in_memory.postings.post(achievement(f"中途{pause}"), "李")
    process = start(tmp_path, "reindex", **given)
    errors = process.communicate(timeout=300)[1]
    assert process.returncode == 0, errors
    assert f"索引位置 {server.address}：需求 0，成果 6002" in errors
    service = open_service(index=server.address)
    assert_consistent(service)
    assert collections(service)["building"] == [] and name not in there(service)


def test_reindex_moves_both_ways(
    tmp_path: Path, open_service: OpenService, embedded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_engine, "load_encoder", lambda *_: HashEncoder())
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path))
    monkeypatch.setenv("MATCHER_SNAPSHOT_MIN", "1")
    running = open_service()
    post(running, 20)
    monkeypatch.setenv("MATCHER_INDEX", embedded)
    moved = invoke("reindex")
    assert moved.exit_code == 0 and f"索引位置 {embedded}：需求 0，成果 20" in moved.stderr
    name = collections(running)["in_force"]
    assert "锂离子电池" in invoke("search", "电池").stdout
    running.postings.post(achievement("木材防霉"), "李")
    monkeypatch.setenv("MATCHER_INDEX", "")
    back = invoke("reindex")
    assert back.exit_code == 0 and "索引位置 faiss：需求 0，成果 21" in back.stderr
    assert (tmp_path / "snapshots" / "achievement.json").exists()
    assert "木材防霉" in invoke("search", "木材防霉", "-k", 1).stdout
    monkeypatch.setenv("MATCHER_INDEX", embedded)
    assert "木材防霉" in invoke("search", "木材防霉", "-k", 1).stdout
    assert len(name) == 1


def test_a_post_while_milvus_is_down_is_kept_and_found_later(open_service: OpenService, server: Server) -> None:
    service = open_service(index=server.address)
    post(service, 30)
    visitor = Visitor(sign_in(create_app(service=service).test_client(), service))
    assert 'href="/achievements/' in visitor.client.get("/search?q=电池").text
    server.kill()
    page = visitor.client.get("/search?q=电池")
    assert page.status_code == 503
    assert "向量库暂时连不上" in page.text and "127.0.0.1" not in page.text
    with pytest.raises(VectorsUnavailableError, match=f"MATCHER_INDEX.*{server.address}.*faiss"):
        found(service, "电池")
    posted = service.postings.post(achievement("木材防霉"), "李")
    assert visitor.client.get("/achievements").status_code == 200
    assert service.postings.get("achievement", posted.id).title == "木材防霉"
    server.start()
    wait_until(lambda: visitor.client.get("/search?q=木材防霉").status_code == 200)
    assert found(service, "木材防霉", 1) == ["木材防霉"]
    for kind in KINDS:
        service.engine.live(kind)
    assert_consistent(service)


def test_a_wrong_address_is_told_with_the_way_out(
    tmp_path: Path, open_service: OpenService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_engine, "load_encoder", lambda *_: HashEncoder())
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path))
    post(open_service(), 3)
    monkeypatch.setenv("MATCHER_INDEX", "milvus://root:secret@127.0.0.1:1/db")
    for command in (["search", "电池"], ["reindex"]):
        told = invoke(*command)
        assert told.exit_code == 1
        assert all(part in told.stderr for part in ("MATCHER_INDEX", "milvus://127.0.0.1:1/db", "faiss", "没有丢失"))
        assert "secret" not in told.stderr and "Traceback" not in told.stderr


def test_a_folder_of_milvus_lite_serves_one_process(tmp_path: Path, open_service: OpenService, embedded: str) -> None:
    service = open_service(index=embedded)
    post(service, 3)
    found(service, "电池")
    process = start(tmp_path, "search", "电池", MATCHER_INDEX=embedded)
    errors = process.communicate(timeout=120)[1]
    assert process.returncode == 1 and "only one process" in errors, errors
    assert len(found(service, "电池")) == 3


def test_a_collection_that_cannot_be_dropped_hinders_nothing(
    open_service: OpenService, embedded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = open_service(index=embedded)
    monkeypatch.setattr(shared_building, "_GRACE", -shared_building._GRACE)

    def refused(self: MilvusPlace, name: str) -> None:
        raise VectorsUnavailableError("broken", "there")

    monkeypatch.setattr(MilvusPlace, "drop", refused)
    for number in range(3):
        service.postings.post(achievement(f"第{number}种木材防霉"), "李")
        assert len(found(service, "木材防霉")) == number + 1
    assert len(collections(service)["retired"]) == 2
    monkeypatch.undo()
    monkeypatch.setattr(shared_building, "_GRACE", -shared_building._GRACE)
    service.postings.post(achievement("石墨烯"), "李")
    assert_consistent(service)
    service.postings.post(achievement("石墨烯电池"), "李")
    assert_consistent(service)
    assert len(there(service)) <= 3


def test_what_one_server_stores_the_other_finds_at_once(tmp_path: Path, server: Server) -> None:
    given = {"MATCHER_INDEX": server.address}
    with running(tmp_path, **given) as one, running(tmp_path, **given) as other:
        page = one.send("/achievements/new", "发布", title="凝胶电解质电池", description="不起火")
        assert other.finds("凝胶电解质") == ["凝胶电解质电池"]
        other.send(f"{page}/edit", "保存修改", title="木材防霉剂", description="杨木")
        assert one.finds("木材防霉") == ["木材防霉剂"]
        one.send(page, "撤回", reason="withdrawn")
        assert other.finds("木材防霉") == []
    process = start(tmp_path, "search", "木材", "--json", **given)
    assert '"results": []' in process.communicate(timeout=60)[0]
