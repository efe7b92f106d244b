"""Measures dense search up to a million vectors: where exact search stops paying, recall under filters, memory, posts.

Run by `make bench`. Vectors are those of real achievements, enlarged (see `enlarged.py`), queries those of real needs.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.dense import DenseIndex
from tests.bench.dense_in_service import service_figures
from tests.bench.enlarged import Matrix, enlarged, real_vectors

_QUERIES = 40
_ROUNDS = 5
_SIZES = (10_000, 25_000, 50_000, 100_000, 200_000, 1_000_000)
_SHARES = (1.0, 0.1, 0.01, 0.001)


class Time(NamedTuple):
    """Milliseconds that passed, and those that the processor worked for this process."""

    wall: float
    processor: float


Search = Callable[[Matrix], Sequence[int] | npt.NDArray[np.int64]]


def main() -> None:
    """Measure and print tables and the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--achievements", type=Path, required=True)
    parser.add_argument("--needs", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/vectors"))
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--noise", type=float, default=0.7)
    parser.add_argument("--without-service", action="store_true", help="leave out store, snapshots and memory")
    parser.add_argument("--folder", type=Path, help="where 6 GB of files go for a while")
    options = parser.parse_args()
    real, needs = real_vectors(options.achievements, options.needs, options.cache)
    queries = needs[np.random.default_rng(3).permutation(len(needs))[:_QUERIES]]
    vectors = enlarged(real, options.most, options.noise)
    figures: dict[str, object] = {}
    figures["sizes"] = [_size_figures(vectors[:size], queries) for size in _SIZES if size <= options.most]
    _print(figures["sizes"])
    figures["filters"] = _filter_figures(vectors, queries)
    _print(figures["filters"])
    if not options.without_service:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            figures["service"] = service_figures(Path(folder), vectors, queries)
        for name, value in figures["service"].items():
            print(f"{name:<68}{value}")
    print(json.dumps(figures))


def _size_figures(vectors: Matrix, queries: Matrix) -> dict[str, float]:
    exact, lists = DenseIndex("bench", vectors.shape[1], len(vectors)), DenseIndex("bench", vectors.shape[1], 0)
    exact.rebuild(range(len(vectors)), vectors)
    lists.rebuild(range(len(vectors)), vectors)
    build = _seconds(lists.train)
    times = _in_turn(
        queries,
        {
            "numpy": lambda query: np.argpartition(vectors @ query, -100),
            "exact": lambda query: exact.search(query, 100).ids,
            "lists": lambda query: lists.search(query, 100).ids,
        },
    )
    return {
        "vectors": len(vectors),
        **{f"{name} ms": _middle(each).wall for name, each in times.items()},
        "lists p99": _high(times["lists"]),
        "lists to numpy": round(_middle(times["lists"]).wall / _middle(times["numpy"]).wall, 3),
        **{f"{name} CPU ms": _middle(each).processor for name, each in times.items()},
        "recall@10": _recall(queries, lambda q: exact.search(q, 10).ids, lambda q: lists.search(q, 10).ids),
        "build s": round(build, 1),
    }


def _filter_figures(vectors: Matrix, queries: Matrix) -> list[dict[str, object]]:
    """Return recall and times when a filter keeps records by chance, and when it keeps those of one corner."""
    index = DenseIndex("bench", vectors.shape[1], 0)
    index.rebuild(range(len(vectors)), vectors)
    index.train()
    rows = []
    chance = np.random.default_rng(4)
    for share in _SHARES:
        for name, order in (("by chance", chance.random(len(vectors))), ("alike", -(vectors @ queries[0]))):
            allowed = np.sort(np.argsort(order)[: int(share * len(vectors))])
            rows.append(_filtered(index, vectors, queries[1:], share, name, allowed))
    return rows


def _filtered(
    index: DenseIndex, vectors: Matrix, queries: Matrix, share: float, name: str, allowed: npt.NDArray[np.int64]
) -> dict[str, object]:
    given = None if share == 1 else allowed
    held = vectors if given is None else vectors[allowed]
    times = _in_turn(queries, {"search": lambda query: index.search(query, 100, given).ids})["search"]
    truth: Search = lambda query: allowed[np.argpartition(held @ query, -10)[-10:]]  # noqa: E731
    recall = _recall(queries, truth, lambda query: index.search(query, 10, given).ids)
    middle = _middle(times)
    return {
        "kept": f"{share:.1%}",
        "which": name,
        "ms": middle.wall,
        "CPU ms": middle.processor,
        "p99": _high(times),
        "recall@10": recall,
    }


def _in_turn(queries: Matrix, searches: dict[str, Search]) -> dict[str, list[list[Time]]]:
    """Return for each search the times of each query in each of five rounds; the searches take turns."""
    times: dict[str, list[list[Time]]] = {name: [] for name in searches}
    for _ in range(_ROUNDS):
        for name, search in searches.items():
            times[name].append([_timed(search, query) for query in queries])
    return times


def _timed(search: Search, query: Matrix) -> Time:
    started, computed = time.perf_counter(), time.process_time()
    search(query)
    return Time(1000 * (time.perf_counter() - started), 1000 * (time.process_time() - computed))


def _middle(times: list[list[Time]]) -> Time:
    """Return the medians over the rounds of the median times."""
    return Time(*(round(statistics.median(statistics.median(t[i] for t in each) for each in times), 2) for i in (0, 1)))


def _high(times: list[list[Time]]) -> float:
    """Return the median over the rounds of the 99th percentile."""
    return round(statistics.median(float(np.percentile([t.wall for t in each], 99)) for each in times), 2)


def _recall(queries: Matrix, truth: Search, search: Search) -> float:
    shares = [len({*map(int, truth(query))} & {*map(int, search(query))}) / 10 for query in queries]
    return round(statistics.fmean(shares), 4)


def _print(rows: list[dict[str, object]]) -> None:
    print("".join(f"{name:>15}" for name in rows[0]))
    for row in rows:
        print("".join(f"{value!s:>15}" for value in row.values()), flush=True)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
