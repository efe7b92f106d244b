"""Vectors of one kind's published records as they stood at one revision, centred by one mean, and how they follow."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from index.centre import Matrix, centred
from index.dense import DenseIndex
from index.errors import SearchIndexError
from matcher import centring
from matcher.models import Kind
from matcher.snapshot_facts import facts_of, fits, unnamed_file
from matcher.store import Database, embeddings, revisions

_log = logging.getLogger(__name__)
_MANY_CHANGES = 5_000
_CHANGED_SHARE = 20
_CHUNK = 1_000


class Pending(NamedTuple):
    """The records that changed, and whether reading all anew is better than following, or the only right way."""

    ids: list[int]
    outdated: bool


class FollowingIndex:
    """An index with the mean its vectors are centred by and the newest revision it has followed; -1: holds nothing."""

    def __init__(self, kind: Kind, dense: DenseIndex) -> None:
        self.kind: Kind = kind
        self.dense = dense
        self.seen = -1
        self._mean: Matrix = np.zeros(dense.dim, dtype=np.float32)

    def read_store(self, db: Database, newest: int, folder: Path, most_in_memory: int) -> None:
        """Take all published records; from `most_in_memory` on they go through an unnamed file in `folder`.

        What changes while this reads comes with a revision after `newest`, and is followed later. Raises: OSError.
        """
        dense = self.dense
        mean = centring.mean_in_force(db, self.kind, dense.model_id, dense.dim)
        raw = embeddings.published_blocks(db, self.kind, dense.model_id, dense.dim)
        blocks = ((ids, centred(vectors, mean)) for ids, vectors in raw)
        dense.rebuild(*_collected(blocks, dense.dim, most_in_memory, folder))
        self.seen, self._mean = newest, mean

    def read_snapshot(self, db: Database, path: Path) -> bool:
        """Take the snapshot at `path` when there is a sound one of this store; return whether there is."""
        if not path.exists():
            return False
        try:
            facts = self.dense.load(path)
        except SearchIndexError as error:
            _log.warning("%s", error)
            return False
        if not fits(db, facts):
            return False
        self.seen = facts["revision"]
        self._mean = np.frombuffer(bytes.fromhex(facts["mean"]), dtype=np.float32)
        return True

    def save(self, db: Database, path: Path) -> None:
        """Write a snapshot of what was read. One writer at a time. Raises: OSError."""
        self.dense.save(path, {**facts_of(db, self.seen), "mean": self._mean.tobytes().hex()})

    def pending(self, db: Database, newest: int) -> Pending:
        """Return what committed after the revision followed so far, up to `newest`."""
        changes = revisions.after(db, self.seen, self.kind, newest)
        ids = sorted({change.item_id for change in changes if change.item_id})
        recentred = any(change.action == "recentred" for change in changes)
        return Pending(ids, recentred or len(ids) > max(_MANY_CHANGES, len(self.dense) // _CHANGED_SHARE))

    def follow(self, db: Database, ids: list[int], newest: int) -> None:
        """Read `ids`, which changed up to `newest`, again; they are centred as all others here."""
        for start in range(0, len(ids), _CHUNK):
            changed = ids[start : start + _CHUNK]
            found, vectors = embeddings.published_among(db, self.kind, changed, self.dense.model_id, self.dense.dim)
            self.dense.remove(sorted(set(changed) - set(found)))
            self.dense.put(found, centred(vectors, self._mean))
        self.seen = newest


def _collected(
    blocks: Iterator[tuple[list[int], Matrix]], dim: int, most: int, folder: Path
) -> tuple[list[int], Matrix]:
    """Return all ids and rows; from `most` rows on, mapped from a file that goes when nobody holds them any more."""
    ids: list[int] = []
    rows = [np.zeros((0, dim), dtype=np.float32)]
    for block_ids, block in blocks:
        ids.extend(block_ids)
        rows.append(block)
        if len(ids) >= most:
            break
    else:
        return ids, np.concatenate(rows)
    with unnamed_file(folder) as file:
        for block in rows:
            file.write(block.data)
        rows.clear()
        for block_ids, block in blocks:
            ids.extend(block_ids)
            file.write(block.data)
        file.flush()
        return ids, np.memmap(file, dtype=np.float32, mode="r", shape=(len(ids), dim))
