"""The sum of the vectors of all findable records of a kind, so that their mean is known without reading them."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlite_utils import Database

from matcher.models import Kind

Sum = npt.NDArray[np.float64]


class VectorSum(NamedTuple):
    """How many records, and the sum of their raw vectors, float64 (dim,)."""

    records: int
    total: Sum


def get(db: Database, kind: Kind, model_id: str) -> VectorSum | None:
    """Return the sum that is kept for the vectors of one model, if any."""
    row = db.execute(
        "select records, total from vector_sum where kind = ? and model_id = ?", (kind, model_id)
    ).fetchone()
    return None if row is None else VectorSum(int(row[0]), np.frombuffer(row[1], dtype="<f8").astype(np.float64))


def put(db: Database, kind: Kind, model_id: str, found: VectorSum) -> None:
    """Keep a sum, replacing the one before."""
    db.execute(
        "insert or replace into vector_sum (kind, model_id, records, total) values (?, ?, ?, ?)",
        (kind, model_id, found.records, found.total.astype("<f8").tobytes()),
    )


def forget_all(db: Database) -> None:
    """Forget every sum: vectors were written past them."""
    db.execute("delete from vector_sum")
