"""The mean vectors that centring removes: kept in the store, so that all processes remove the same."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from index.centre import Matrix, shrunk_sum
from matcher.models import Kind
from matcher.store import Database, embeddings, revisions, search_terms, vector_sums
from matcher.store.embeddings import StoredCentre
from matcher.store.vector_sums import VectorSum

_DRIFT = 0.02
# The mean of many vectors hardly moves: 2 % more of the same move it by 0.13 / sqrt(records). All vectors are centred
# anew only when it shows; cosines differ by less than twice this before.
_SHOWS = 0.001


def refresh(db: Database, kind: Kind, model_id: str, dim: int) -> None:
    """Take the mean anew when the number of published records has moved by over 2 % since it was taken.

    Runs inside the transaction of the change and, where the mean has moved, notes a revision, so that every process
    follows.
    """
    known, found = embeddings.centre(db, kind, model_id), _sum(db, kind, model_id, dim)
    if known is not None and abs(found.records - known.records) <= _DRIFT * known.records:
        return
    mean = _removed(kind, model_id, found)
    has_moved = known is None or float(np.linalg.norm(mean - known.vector)) > _SHOWS
    embeddings.put_centre(
        db, kind, model_id, StoredCentre(found.records, mean if known is None or has_moved else known.vector)
    )
    if has_moved:
        revisions.add(db, kind, 0, "recentred")


def is_sum_of_all(db: Database, kind: Kind, model_id: str) -> bool:
    """Return whether a sum is kept that counts as many records as there are."""
    known = vector_sums.get(db, kind, model_id)
    return known is not None and known.records == embeddings.count_published(db, kind, model_id)


def leave(db: Database, kind: Kind, item_id: int, model_id: str) -> None:
    """Take a record's vector out of the sum, if it is findable; called before it changes, in its transaction."""
    if search_terms.holds(db, kind, item_id):
        _add(db, kind, item_id, model_id, -1)


def join(db: Database, kind: Kind, item_id: int, model_id: str) -> None:
    """Add a record's vector to the sum, if it is findable; called after it changed, in its transaction."""
    if search_terms.holds(db, kind, item_id):
        _add(db, kind, item_id, model_id, 1)


def _add(db: Database, kind: Kind, item_id: int, model_id: str, sign: int) -> None:
    vector, known = embeddings.get(db, kind, item_id, model_id), vector_sums.get(db, kind, model_id)
    if vector is not None and known is not None:
        total = known.total + sign * vector.astype(np.float64)
        vector_sums.put(db, kind, model_id, VectorSum(known.records + sign, total))


def _sum(db: Database, kind: Kind, model_id: str, dim: int) -> VectorSum:
    """Return the sum that is kept; without one it is taken over all vectors and kept."""
    known = vector_sums.get(db, kind, model_id)
    if known is None:
        known = VectorSum(0, np.zeros(dim))
        for _, vectors in embeddings.published_blocks(db, kind, model_id, dim):
            known = VectorSum(known.records + len(vectors), known.total + vectors.sum(axis=0, dtype=np.float64))
        vector_sums.put(db, kind, model_id, known)
    return known


def mean_in_force(db: Database, kind: Kind, model_id: str, dim: int) -> Matrix:
    """Return the mean, float32 (dim,), to remove from vectors of `kind`."""
    stored = embeddings.centre(db, kind, model_id)
    if stored is not None:
        return stored.vector
    return _removed(kind, model_id, VectorSum(0, np.zeros(dim)))


def _removed(kind: Kind, model_id: str, found: VectorSum) -> Matrix:
    """Return the part of the mean of vectors with this sum, drawn towards the shipped one, that centring removes."""
    mean: Matrix = shipped_share(model_id) * shrunk_sum(found.total, found.records, shipped_mean(kind, model_id))
    return mean


def shipped_share(model_id: str) -> np.float32:
    """Return which share of the mean is removed, 0-1: all, where nothing else ships for this model.

    A model as its authors trained it needs all of it; one that was tuned to tell needs and achievements apart by their
    plain cosines is hurt by that.
    """
    return np.float32(_shipped().get(model_id, {}).get("share", 1.0))


@cache
def shipped_mean(kind: Kind, model_id: str) -> Matrix | None:
    """Return the mean shipped for this model, float32 (dim,), if there is one."""
    vector = _shipped().get(model_id, {}).get(kind)
    return None if vector is None else np.array(vector, dtype=np.float32)


@cache
def shipped_direction(model_id: str) -> Matrix | None:
    """Return the unit vector, float32 (dim,), from needs written for one achievement to needs that firms posted."""
    vector = _shipped().get(model_id, {}).get("posted")
    return None if vector is None else np.array(vector, dtype=np.float32)


@cache
def _shipped() -> dict[str, Any]:
    shipped: dict[str, Any] = json.loads((files("matcher") / "lists" / "centres.json").read_text(encoding="utf-8"))
    return shipped
