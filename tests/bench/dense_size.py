"""Measures where exact search stops paying, and how fast 100,000 vectors come back. Run by `make bench`.

Vectors are synthetic: unit vectors around 1,000 cluster centres, as texts of few topics are.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.dense import DenseIndex
from matcher.models import Achievement
from matcher.store import Store, embeddings, postings

_DIM = 384
_QUERIES = 40
_SIZES = (25_000, 100_000, 200_000, 400_000)
_LOADED = 100_000

Matrix = npt.NDArray[np.float32]


def main() -> None:
    """Measure and print."""
    figures = [_search_figures(size) for size in _SIZES]
    print(f"{'vectors':>9}{'numpy ms':>10}{'exact ms':>10}{'lists ms':>10}{'recall@10':>11}{'build s':>9}")
    for row in figures:
        print(
            f"{row['vectors']:>9,}{row['numpy_ms']:>10.1f}{row['exact_ms']:>10.1f}{row['lists_ms']:>10.1f}"
            f"{row['recall']:>11.3f}{row['build_s']:>9.1f}"
        )
    loading = _loading_figures()
    for name, value in loading.items():
        print(f"{name:<44}{value:.1f}")
    print(json.dumps({"search": figures, "loading": loading}))


def _search_figures(size: int) -> dict[str, float]:
    vectors = _clustered(size, seed=1)
    queries = _clustered(_QUERIES, seed=2)
    exact, lists = DenseIndex("bench", _DIM, exact_limit=size), DenseIndex("bench", _DIM, exact_limit=0)
    exact.rebuild(range(size), vectors)
    build = _seconds(lambda: lists.rebuild(range(size), vectors))
    found = [(set(exact.search(query, 10).ids), set(lists.search(query, 10).ids)) for query in queries]
    return {
        "vectors": size,
        "numpy_ms": _milliseconds(queries, lambda query: np.argpartition(vectors @ query, -100)),
        "exact_ms": _milliseconds(queries, lambda query: exact.search(query, 100)),
        "lists_ms": _milliseconds(queries, lambda query: lists.search(query, 100)),
        "recall": statistics.fmean(len(right & got) / 10 for right, got in found),
        "build_s": build,
    }


def _loading_figures() -> dict[str, float]:
    vectors = _clustered(_LOADED, seed=3)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "bench.db")
        with store.transaction() as db:
            for number, vector in enumerate(vectors):
                record = postings.insert(db, Achievement(title=str(number), status="published"))
                embeddings.put(db, "achievement", record.id, "bench", "", vector)
        index = DenseIndex("bench", _DIM)
        snapshot = Path(folder) / "snapshot.faiss"
        figures = {
            "store to index, 100,000 vectors, s": _seconds(
                lambda: index.rebuild(*embeddings.published(store.db, "achievement", "bench", _DIM))
            ),
            "index to snapshot, s": _seconds(lambda: index.save(snapshot, {})),
            "snapshot to index, s": _seconds(lambda: index.load(snapshot) and None),
        }
        store.close()
        return figures


def _clustered(count: int, seed: int) -> Matrix:
    centres = np.random.default_rng(0).standard_normal((1000, _DIM), dtype=np.float32)
    chance = np.random.default_rng(seed)
    rows = centres[chance.integers(0, 1000, count)] + chance.standard_normal((count, _DIM), dtype=np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _milliseconds(queries: Matrix, search: Callable[[Matrix], object]) -> float:
    """Return the median time of a search."""
    return statistics.median(1000 * _seconds(lambda query=query: search(query)) for query in queries)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
