"""Short records for tests, and what a store must hold together at any moment."""

from typing import Any

import numpy as np

from index.centre import centred
from matcher.models import KINDS, Achievement, Kind, Need, Record
from matcher.service import Service
from matcher.store import embeddings


def need(title: str = "防爆锂离子电池的研发", **given: Any) -> Need:
    """Return a published need."""
    return Need(**{"title": title, "status": "published", **given})


def achievement(title: str = "不燃凝胶电解质的锂离子电池", **given: Any) -> Achievement:
    """Return a published achievement."""
    return Achievement(**{"title": title, "status": "published", **given})


def record(kind: Kind, title: str = "锂离子电池", **given: Any) -> Record:
    """Return a published record of `kind`."""
    return need(title, **given) if kind == "need" else achievement(title, **given)


def counts(service: Service, kind: Kind) -> dict[str, int]:
    """Return how many published records there are, by what search keeps of them."""
    db = service.store.db
    return {
        "records": db.execute(f"select count(*) from {kind} where status = 'published'").fetchone()[0],
        "terms": db.execute(f"select count(*) from {kind}_terms").fetchone()[0],
        "vectors": len(embeddings.published(db, kind, service.engine.model_id(), service.engine.encoder().dim)[0]),
        "indexed": len(service.engine.live(kind).dense),
    }


def assert_consistent(service: Service) -> None:
    """Check that the database is whole and that every index holds exactly the published records."""
    assert service.store.db.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert service.store.db.execute("pragma foreign_key_check").fetchall() == []
    for kind in KINDS:
        assert len(set(counts(service, kind).values())) == 1, counts(service, kind)
        assert_equals_brute_force(service, kind)


def assert_equals_brute_force(service: Service, kind: Kind) -> None:
    """Check that the live index holds the vectors of the store and answers as comparing with each of them does."""
    live = service.engine.live(kind)
    ids, raw = embeddings.published(service.store.db, kind, live.dense.model_id, live.dense.dim)
    if not ids:
        assert len(live.dense) == 0
        return
    vectors = centred(raw, live.mean())
    for query in vectors[:: max(1, len(ids) // 5)]:
        np.testing.assert_allclose(live.dense.scores(query, ids)[1], vectors @ query, atol=1e-5)
        best = live.dense.search(query, 10)
        np.testing.assert_allclose(best.scores, np.sort(vectors @ query)[::-1][: len(best.ids)], atol=1e-5)
        assert len(best.ids) == min(10, len(ids))
