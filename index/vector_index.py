"""What the domain asks of an index of vectors, wherever it lies."""

from collections.abc import Sequence
from typing import Protocol

from index.nearest import Hits, Ids, Matrix


class VectorIndex(Protocol):
    """Unit vectors of one model under the ids of the database, searched by inner product, ties by id."""

    model_id: str
    dim: int

    def __len__(self) -> int: ...

    def __contains__(self, item_id: int) -> bool: ...

    def put(self, ids: Sequence[int], vectors: Matrix) -> None:
        """Add unit rows `vectors` (n, dim), replacing those already kept under the same `ids` (n,)."""
        ...

    def remove(self, ids: Sequence[int]) -> None:
        """Forget `ids`; unknown ones are passed over."""
        ...

    def search(self, query: Matrix, k: int, allowed: Sequence[int] | None = None) -> Hits:
        """Return the `k` best for a unit vector (dim,), fewer when fewer exist; only ids of `allowed` when given."""
        ...

    def scores(self, query: Matrix, ids: Sequence[int]) -> tuple[Ids, Matrix]:
        """Return those of `ids` that are held, in order, and their inner products with a unit vector (dim,)."""
        ...

    def vectors(self, ids: Sequence[int]) -> tuple[Ids, Matrix]:
        """Return those of `ids` that are held, int64 (n,) in order, and their unit rows, float32 (n, dim)."""
        ...
