"""Vectors in one collection of a Milvus: the contract of `index.vector_index` over the network."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from index.errors import IndexMismatchError
from index.nearest import Hits, Ids, Matrix, products

# 1,000 vectors of 384 numbers are 1.5 MB, far below what one message may hold.
_BLOCK = 1_000
_FILTER_BLOCK = 100_000
# Milvus answers with no more than these.
_MOST_HITS = 16_384
_SPARE_HITS = 16
_LEAST_EF = 256
# Segments of different age are compared by different code: equal vectors may differ in the last bits.
_TIE = 1e-6


class Place(Protocol):
    """What carries out the calls: `index.milvus_place.MilvusPlace`."""

    def call(self, method: str, *given: Any, seconds: float = ..., **named: Any) -> Any:
        """Return what a method of pymilvus's client returns."""
        ...


class MilvusIndex:
    """Unit vectors of one model in one collection, which many processes may share. Reads see all earlier writes.

    `takes_templates` tells whether the server knows conditions with values beside them. Every method raises
    IndexUnavailableError when the server does not answer or the collection is gone.
    """

    def __init__(
        self, place: Place, name: str, model_id: str, dim: int, is_exact: bool, takes_templates: bool = True
    ) -> None:
        self.name = name
        self.model_id = model_id
        self.dim = dim
        self.is_exact = is_exact
        self._place = place
        self._takes_templates = takes_templates

    def __len__(self) -> int:
        rows = self._place.call(
            "query", self.name, filter="", output_fields=["count(*)"], consistency_level="Strong", seconds=60
        )
        return int(rows[0]["count(*)"])

    def __contains__(self, item_id: int) -> bool:
        return len(self.vectors([item_id])[0]) > 0

    def put(self, ids: Sequence[int], vectors: Matrix) -> None:
        """Add unit rows `vectors` (n, dim), replacing those already kept under the same `ids` (n,)."""
        if vectors.ndim != 2 or vectors.shape[1] != self.dim:
            raise IndexMismatchError(f"vectors of shape {vectors.shape} do not fit an index of dimension {self.dim}")
        rows = [{"id": int(number), "vector": row} for number, row in zip(ids, vectors.astype("<f4"), strict=True)]
        for block in _blocks(rows, _BLOCK):
            self._place.call("upsert", self.name, block, seconds=60)

    def remove(self, ids: Sequence[int]) -> None:
        """Forget `ids`; unknown ones are passed over."""
        for block in _blocks([int(number) for number in ids], _BLOCK):
            self._place.call("delete", self.name, ids=block, seconds=60)

    def search(self, query: Matrix, k: int, allowed: Sequence[int] | None = None) -> Hits:
        """Return the `k` best for a unit vector (dim,), fewer when fewer exist; only ids of `allowed` when given.

        No more than 16,384, as many as Milvus gives.
        """
        wanted = min(k, _MOST_HITS)
        if allowed is None:
            return _best(self._nearest(query, wanted, {}), wanted)
        numbers = np.unique(np.asarray(allowed, dtype=np.int64))
        blocks = [self._nearest(query, wanted, self._filter(block)) for block in _blocks(numbers, _FILTER_BLOCK)]
        return _best([hit for hits in blocks for hit in hits], wanted)

    def scores(self, query: Matrix, ids: Sequence[int]) -> tuple[Ids, Matrix]:
        """Return those of `ids` that are held, in order, and their inner products with a unit vector (dim,)."""
        held, rows = self.vectors(ids)
        return held, products(rows, query)

    def vectors(self, ids: Sequence[int]) -> tuple[Ids, Matrix]:
        """Return those of `ids` that are held, int64 (n,) in order, and their unit rows, float32 (n, dim)."""
        wanted = [int(number) for number in ids]
        found: dict[int, Any] = {}
        for block in _blocks(np.array(wanted, dtype=np.int64), _BLOCK):
            rows = self._place.call(
                "query", self.name, output_fields=["vector"], consistency_level="Strong", **self._filter(block)
            )
            found.update((int(row["id"]), row["vector"]) for row in rows)
        held = [number for number in wanted if number in found]
        matrix = np.array([found[number] for number in held], dtype=np.float32).reshape(len(held), self.dim)
        return np.array(held, dtype=np.int64), matrix

    def _nearest(self, query: Matrix, k: int, condition: dict[str, Any]) -> list[tuple[int, float]]:
        """Return the `k` nearest and all that tie with the last of them."""
        limit = min(k + _SPARE_HITS, _MOST_HITS)
        while True:
            params = {} if self.is_exact else {"ef": max(limit, _LEAST_EF)}
            (hits,) = self._place.call(
                "search",
                self.name,
                data=[query.astype(np.float32)],
                limit=limit,
                search_params={"metric_type": "IP", "params": params},
                consistency_level="Strong",
                **condition,
            )
            found = [(int(hit["id"]), float(hit["distance"])) for hit in hits]
            if len(found) < limit or limit == _MOST_HITS or found[k - 1][1] - found[-1][1] > _TIE:
                return found
            limit = min(2 * limit, _MOST_HITS)

    def _filter(self, ids: Ids) -> dict[str, Any]:
        """Return the condition that admits `ids` only: a template, which a cluster need not parse, or the text."""
        if self._takes_templates:
            return {"filter": "id in {ids}", "filter_params": {"ids": ids.tolist()}}
        return {"filter": f"id in {ids.tolist()}"}


def _best(found: Sequence[tuple[int, float]], k: int) -> Hits:
    ids = np.array([number for number, _ in found], dtype=np.int64)
    scores = np.array([score for _, score in found], dtype=np.float32)
    order = np.lexsort((ids, -np.rint(scores.astype(np.float64) / _TIE)))[:k]
    return Hits(ids[order], scores[order])


def _blocks(items: Any, size: int) -> Iterator[Any]:
    return (items[start : start + size] for start in range(0, len(items), size))
