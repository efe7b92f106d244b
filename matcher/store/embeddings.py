"""Vectors of records, always with the model that made them, and the mean vectors that centring removes."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from sqlite_utils import Database

from matcher.models import Kind
from matcher.store.rows import Vector, to_matrix, to_vector, vector_blob

_BLOCK = 10_000


class StoredCentre(NamedTuple):
    """The mean vector in force for one kind and how many records it was taken over."""

    records: int
    vector: Vector


def put(db: Database, kind: Kind, item_id: int, model_id: str, text_hash: str, vector: Vector) -> None:
    """Keep the vector of a record, replacing the one that this model made before."""
    db.execute(
        "insert or replace into embedding (kind, item_id, model_id, text_hash, vector) values (?, ?, ?, ?, ?)",
        (kind, item_id, model_id, text_hash, vector_blob(vector)),
    )


def text_hash(db: Database, kind: Kind, item_id: int, model_id: str) -> str | None:
    """Return the hash of the text whose vector is kept, if any."""
    row = db.execute(
        "select text_hash from embedding where kind = ? and item_id = ? and model_id = ?", (kind, item_id, model_id)
    ).fetchone()
    return None if row is None else str(row[0])


def get(db: Database, kind: Kind, item_id: int, model_id: str) -> Vector | None:
    """Return the raw unit vector of a record, shape (dim,), if this model made one."""
    row = db.execute(
        "select vector from embedding where kind = ? and item_id = ? and model_id = ?", (kind, item_id, model_id)
    ).fetchone()
    return None if row is None else to_vector(row[0])


def remove(db: Database, kind: Kind, item_id: int) -> None:
    """Forget a record's vectors of every model."""
    db.execute("delete from embedding where kind = ? and item_id = ?", (kind, item_id))


def remove_other_models(db: Database, model_id: str) -> None:
    """Forget all vectors and means that another model made."""
    db.execute("delete from embedding where model_id <> ?", (model_id,))
    db.execute("delete from centre where model_id <> ?", (model_id,))


def published(db: Database, kind: Kind, model_id: str, dim: int) -> tuple[list[int], Vector]:
    """Return the ids of all published records that have a vector, in order, and their raw vectors (n, dim)."""
    return _fetch(db, kind, model_id, dim, "1", [])


def published_among(db: Database, kind: Kind, item_ids: list[int], model_id: str, dim: int) -> tuple[list[int], Vector]:
    """Return the same for the published ones among `item_ids`."""
    marks = ", ".join("?" * len(item_ids))
    return _fetch(db, kind, model_id, dim, f"p.id in ({marks})", item_ids)


def published_after(
    db: Database, kind: Kind, model_id: str, dim: int, item_id: int, count: int
) -> tuple[list[int], Vector]:
    """Return the same for the first `count` published records whose ids are greater than `item_id`."""
    return _fetch(db, kind, model_id, dim, "p.id > ?", [item_id, count], "limit ?")


def published_blocks(db: Database, kind: Kind, model_id: str, dim: int) -> Iterator[tuple[list[int], Vector]]:
    """Yield all published records that have a vector as blocks of ids, in order, and raw vectors (n, dim).

    Each block is read for itself: what changes meanwhile may be in it or not.
    """
    last = 0
    while True:
        ids, vectors = published_after(db, kind, model_id, dim, last, _BLOCK)
        if not ids:
            return
        yield ids, vectors
        last = ids[-1]


def count_published(db: Database, kind: Kind, model_id: str) -> int:
    """Return how many published records have a vector of this model."""
    total: int = db.execute(
        f"select count(*) from embedding e join {kind} p on p.id = e.item_id"
        " where e.kind = ? and e.model_id = ? and p.status = 'published'",
        (kind, model_id),
    ).fetchone()[0]
    return total


def centre(db: Database, kind: Kind, model_id: str) -> StoredCentre | None:
    """Return the mean vector in force, if any."""
    row = db.execute("select count, vector from centre where kind = ? and model_id = ?", (kind, model_id)).fetchone()
    return None if row is None else StoredCentre(int(row[0]), to_vector(row[1]))


def put_centre(db: Database, kind: Kind, model_id: str, mean: StoredCentre) -> None:
    """Set the mean vector in force."""
    db.execute(
        "insert or replace into centre (kind, model_id, count, vector) values (?, ?, ?, ?)",
        (kind, model_id, mean.records, vector_blob(mean.vector)),
    )


def _fetch(
    db: Database, kind: Kind, model_id: str, dim: int, condition: str, values: list[int], limit: str = ""
) -> tuple[list[int], Vector]:
    rows = db.execute(
        f"select e.item_id, e.vector from embedding e join {kind} p on p.id = e.item_id"
        f" where e.kind = ? and e.model_id = ? and p.status = 'published' and {condition} order by e.item_id {limit}",
        [kind, model_id, *values],
    ).fetchall()
    if not rows:
        return [], np.zeros((0, dim), dtype=np.float32)
    return [row[0] for row in rows], to_matrix([row[1] for row in rows], dim)
