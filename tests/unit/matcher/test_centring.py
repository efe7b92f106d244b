"""The mean in force: when it is taken anew, and that every process hears of it."""

from dataclasses import replace

import numpy as np
import pytest

from index.centre import shrunk_mean
from matcher import centring
from matcher.models import KINDS, Kind
from matcher.service import Service
from matcher.store import embeddings, revisions, vector_sums
from tests.support.records import achievement, record

MODEL, DIM = "hash-encoder@1", 64


def records_behind_mean(service: Service, kind: Kind = "achievement") -> int:
    found = embeddings.centre(service.store.db, kind, MODEL)
    assert found is not None
    return found.records


def recentred(service: Service) -> int:
    db = service.store.db
    changes = revisions.after(db, 0, "achievement", revisions.latest(db))
    return sum(change.action == "recentred" for change in changes)


@pytest.mark.parametrize("kind", KINDS)
def test_the_mean_is_that_of_the_published_vectors(service: Service, kind: Kind) -> None:
    for number in range(5):
        service.postings.post(record(kind, f"记录{number}"), "李")
    service.postings.post(record(kind, "草稿", status="draft"), "李")
    _, vectors = embeddings.published(service.store.db, kind, MODEL, DIM)
    assert len(vectors) == records_behind_mean(service, kind) == 5
    mean = centring.mean_in_force(service.store.db, kind, MODEL, DIM)
    np.testing.assert_allclose(mean, shrunk_mean(vectors), atol=1e-6)


def test_the_mean_is_taken_anew_after_two_percent(service: Service) -> None:
    service.postings.save_many([achievement(str(number)) for number in range(100)], "李")
    assert (records_behind_mean(service), recentred(service)) == (100, 1)
    for title in ("一", "二"):
        service.postings.post(achievement(title), "李")
    assert (records_behind_mean(service), recentred(service)) == (100, 1)
    service.postings.post(achievement("三"), "李")
    assert (records_behind_mean(service), recentred(service)) == (103, 2)
    for number in range(1, 4):
        service.postings.delete("achievement", number, "李")
    assert (records_behind_mean(service), recentred(service)) == (100, 3)


def test_without_a_stored_mean_and_a_shipped_one_nothing_is_removed(service: Service) -> None:
    assert centring.mean_in_force(service.store.db, "need", MODEL, DIM).tolist() == [0.0] * DIM


def test_a_shipped_mean_is_in_force_until_there_are_records(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = np.full(DIM, 0.1, dtype=np.float32)
    monkeypatch.setattr(centring, "shipped_mean", lambda kind, model_id: shipped)
    mean = centring.mean_in_force(service.store.db, "need", MODEL, DIM)
    np.testing.assert_allclose(mean, shipped)
    assert mean.dtype == np.float32


def test_of_a_tuned_model_a_share_of_the_mean_is_removed(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = np.full(DIM, 0.1, dtype=np.float32)
    monkeypatch.setattr(centring, "_shipped", lambda: {MODEL: {"need": shipped.tolist(), "share": 0.25}})
    centring.shipped_mean.cache_clear()
    before = centring.mean_in_force(service.store.db, "need", MODEL, DIM)
    service.postings.post(record("need", "木材防霉"), "李")
    after = centring.mean_in_force(service.store.db, "need", MODEL, DIM)
    centring.shipped_mean.cache_clear()
    _, vectors = embeddings.published(service.store.db, "need", MODEL, DIM)
    np.testing.assert_allclose(before, 0.25 * shipped, rtol=1e-6)
    np.testing.assert_allclose(after, 0.25 * shrunk_mean(vectors, shipped), atol=1e-6)


def test_the_model_that_ships_has_means_of_both_sides_and_a_share() -> None:
    (shipped,) = centring._shipped().values()
    assert {*KINDS, "share", "posted"} == set(shipped)
    assert 0 <= shipped["share"] <= 1
    assert centring.shipped_share("no such model") == 1


def test_shipped_means_belong_to_a_model() -> None:
    assert centring.shipped_mean("need", "no such model") is None


def test_the_means_of_both_sides_are_apart(service: Service) -> None:
    service.postings.post(record("need", "木材防霉"), "李")
    means = [centring.mean_in_force(service.store.db, kind, MODEL, DIM) for kind in KINDS]
    assert np.abs(means[0]).sum() > 0 == np.abs(means[1]).sum()


def test_the_mean_follows_without_reading_all_vectors(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.postings.post(achievement("第一条"), "李")
    monkeypatch.setattr(embeddings, "published_blocks", None)
    for number in range(6):
        service.postings.post(achievement(f"成果{number}"), "李")
    service.postings.post(achievement("草稿", status="draft"), "李")
    edited = service.postings.get("achievement", 2)
    service.postings.edit(replace(edited, title="全然不同的题目"), "李")
    service.postings.change_status("achievement", 3, "closed", "李")
    service.postings.change_status("achievement", 3, "published", "李")
    service.postings.change_status("achievement", 4, "closed", "李")
    service.postings.delete("achievement", 5, "李")
    monkeypatch.undo()
    _, vectors = embeddings.published(service.store.db, "achievement", MODEL, DIM)
    kept = vector_sums.get(service.store.db, "achievement", MODEL)
    assert kept is not None and kept.records == len(vectors) == 5
    np.testing.assert_allclose(kept.total, vectors.sum(axis=0), atol=1e-5)


def test_reindexing_takes_the_sum_anew(service: Service) -> None:
    service.postings.post(achievement("第一条"), "李")
    with service.store.transaction() as db:
        vector_sums.put(db, "achievement", MODEL, vector_sums.VectorSum(9, np.ones(DIM)))
    service.reindex()
    kept = vector_sums.get(service.store.db, "achievement", MODEL)
    assert kept is not None and kept.records == 1


def test_a_mean_that_has_hardly_moved_stays(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(centring, "_SHOWS", 0.01)
    service.postings.save_many([achievement("同一个题目") for _ in range(300)], "李")
    assert (records_behind_mean(service), recentred(service)) == (300, 1)
    service.postings.save_many([achievement("同一个题目") for _ in range(10)], "李")
    assert (records_behind_mean(service), recentred(service)) == (310, 1)
    service.postings.save_many([achievement("光伏电站运维") for _ in range(10)], "李")
    assert (records_behind_mean(service), recentred(service)) == (320, 2)
