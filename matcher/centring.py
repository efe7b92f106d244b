"""The mean vectors that centring removes: kept in the store, so that all processes remove the same."""

import json
from functools import cache
from importlib.resources import files

import numpy as np

from index.centre import Matrix, shrunk_mean
from matcher.models import Kind
from matcher.store import Database, embeddings, revisions
from matcher.store.embeddings import StoredCentre

_DRIFT = 0.02


def refresh(db: Database, kind: Kind, model_id: str, dim: int) -> None:
    """Take the mean anew when the number of published records has moved by over 2 % since it was taken.

    Runs inside the transaction of the change and notes a revision, so that every process follows. Reading all
    vectors once per 2 % of growth costs a post the reading of about 50 vectors on average, at any size.
    """
    known = embeddings.centre(db, kind, model_id)
    count = embeddings.count_published(db, kind, model_id)
    if known is not None and abs(count - known.records) <= _DRIFT * known.records:
        return
    _, vectors = embeddings.published(db, kind, model_id, dim)
    mean = shrunk_mean(vectors, shipped_mean(kind, model_id))
    embeddings.put_centre(db, kind, model_id, StoredCentre(count, mean))
    revisions.add(db, kind, 0, "recentred")


def mean_in_force(db: Database, kind: Kind, model_id: str, dim: int) -> Matrix:
    """Return the mean, float32 (dim,), to remove from vectors of `kind`."""
    stored = embeddings.centre(db, kind, model_id)
    if stored is not None:
        return stored.vector
    return shrunk_mean(np.zeros((0, dim), dtype=np.float32), shipped_mean(kind, model_id))


@cache
def shipped_mean(kind: Kind, model_id: str) -> Matrix | None:
    """Return the mean shipped for this model, float32 (dim,), if there is one."""
    shipped = json.loads((files("matcher") / "lists" / "centres.json").read_text(encoding="utf-8"))
    vector = shipped.get(model_id, {}).get(kind)
    return None if vector is None else np.array(vector, dtype=np.float32)
