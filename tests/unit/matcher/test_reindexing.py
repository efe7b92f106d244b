"""Changing the model: refused until every record has a vector of the new one; interruptions lose nothing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from matcher import reindexing
from matcher.errors import ModelMismatchError
from matcher.models import KINDS, Kind, Record
from matcher.service import Service
from matcher.store import Database, revisions, search_state
from tests.conftest import OpenService
from tests.support.hash_encoder import HashEncoder
from tests.support.records import achievement, assert_consistent, need, record

OLD, NEW = "old@1", "new@2"


class StoppableEncoder(HashEncoder):
    """Is interrupted when it has encoded so many batches."""

    def __init__(self, model_id: str, batches: int) -> None:
        super().__init__(model_id)
        self.batches = batches

    def encode(self, texts: Sequence[str], side: str, progress: Any = None) -> Any:
        if self.batches == 0:
            raise KeyboardInterrupt
        self.batches -= 1
        return super().encode(texts, side, progress)


@pytest.fixture
def old(open_service: OpenService) -> Service:
    """A service with 12 records and the old model."""
    service = open_service(HashEncoder(OLD))
    for kind in KINDS:
        for number in range(6):
            status = "draft" if number == 5 else "published"
            service.postings.post(record(kind, f"锂离子电池{number}", status=status), "李")
    return service


def models(service: Service) -> set[str]:
    return {row[0] for row in service.store.db.execute("select distinct model_id from embedding")}


@pytest.mark.parametrize(
    "use",
    [
        lambda service: service.matching.search("achievement", "电池"),
        lambda service: service.matching.matches("need", 1),
        lambda service: service.matching.matches("achievement", 6),
        lambda service: service.matching.candidates("need", 1, 5),
        lambda service: service.matching.explain(1, 1),
        lambda service: service.postings.post(need(), "李"),
        lambda service: service.postings.edit(replace(service.postings.get("need", 1), title="新"), "李"),
        lambda service: service.postings.change_status("need", 1, "closed", "李"),
        lambda service: service.importing.import_records([achievement()], "李"),
        lambda service: service.warm(),
    ],
)
def test_another_model_is_refused_with_the_way_out(
    old: Service, open_service: OpenService, use: Callable[[Service], object]
) -> None:
    new = open_service(HashEncoder(NEW))
    with pytest.raises(ModelMismatchError) as refused:
        use(new)
    assert all(part in str(refused.value) for part in (OLD, NEW, "matcher reindex"))
    assert models(old) == {OLD}
    assert_consistent(old)


def test_a_service_is_ready_once_warm_and_with_vectors_of_its_model(old: Service, open_service: OpenService) -> None:
    assert not old.is_ready()
    old.warm()
    assert old.is_ready()
    new = open_service(HashEncoder(NEW))
    with pytest.raises(ModelMismatchError):
        new.warm()
    assert not new.is_ready()
    new.reindex()
    assert new.is_ready()


def test_reindexing_repairs(old: Service, open_service: OpenService) -> None:
    new = open_service(HashEncoder(NEW))
    seen: list[tuple[int, int]] = []
    assert new.reindex(lambda done, total: seen.append((done, total))) == 12
    assert seen[-1] == (12, 12)
    assert models(new) == {NEW}
    assert_consistent(new)
    assert len(new.matching.search("achievement", "电池")) == 5
    assert new.matching.explain(1, 1).factors
    with pytest.raises(ModelMismatchError, match=f"{NEW}.*{OLD}"):
        old.matching.search("achievement", "电池")
    new.postings.post(need(), "李")
    assert_consistent(new)
    assert open_service(HashEncoder(NEW)).reindex() == 0


def test_reindexing_with_the_model_in_use_does_nothing(old: Service) -> None:
    newest = revisions.latest(old.store.db)
    assert old.reindex() == 0
    assert revisions.latest(old.store.db) == newest, "every process would read all vectors again"
    assert_consistent(old)


def test_whoever_posts_waits_for_what_changed_meanwhile_alone(
    old: Service, open_service: OpenService, monkeypatch: pytest.MonkeyPatch
) -> None:
    new, read, get_many = open_service(HashEncoder(NEW)), [], reindexing.postings.get_many

    def seen(db: Database, kind: Kind, ids: Sequence[int]) -> tuple[Record, ...]:
        read.append((len(ids), db.conn is new.store.db.conn and db.conn.in_transaction))
        return get_many(db, kind, ids)

    def post_once(done: int, total: int) -> None:
        if done == 12:
            old.postings.post(achievement("木材防霉"), "李")

    monkeypatch.setattr(reindexing.postings, "get_many", seen)
    assert new.reindex(post_once) == 13
    assert sum(count for count, waits in read if waits) == 1, "the one posted meanwhile"
    assert_consistent(new)


def test_reindexing_an_empty_store(service: Service) -> None:
    assert service.reindex() == 0
    assert search_state.get(service.store.db, "model_id") == "hash-encoder@1"
    service.postings.post(need(), "李")
    assert_consistent(service)


@pytest.mark.parametrize("batches", [0, 1, 2, 3, 5])
def test_an_interruption_leaves_the_old_model_in_use_and_the_next_call_goes_on(
    old: Service, open_service: OpenService, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    monkeypatch.setattr(reindexing, "_CHUNK", 2)
    stopped = open_service(StoppableEncoder(NEW, batches))
    with pytest.raises(KeyboardInterrupt):
        stopped.reindex()
    assert search_state.get(old.store.db, "model_id") == OLD
    assert len(old.matching.search("achievement", "电池")) == 5
    old.postings.post(achievement("木材防霉"), "李")
    old.postings.edit(replace(old.postings.get("need", 1), title="改过的标题"), "李")
    assert_consistent(old)
    done = stopped.store.db.execute("select count(*) from embedding where model_id = ?", (NEW,)).fetchone()[0]
    fresh = open_service(HashEncoder(NEW))
    still_right = done - (1 if batches else 0)
    assert fresh.reindex() == 13 - still_right
    assert models(fresh) == {NEW}
    assert_consistent(fresh)
    assert [each.id for each, _ in fresh.matching.search("need", "改过的标题", k=1)] == [1]


def test_what_is_posted_meanwhile_is_caught(old: Service, open_service: OpenService) -> None:
    new = open_service(HashEncoder(NEW))
    posted: list[int] = []

    def post_once(done: int, total: int) -> None:
        if not posted:
            posted.append(old.postings.post(achievement("木材防霉"), "李").id)

    assert new.reindex(post_once) == 13
    assert [each.id for each, _ in new.matching.search("achievement", "木材防霉", k=1)] == posted
    assert_consistent(new)
