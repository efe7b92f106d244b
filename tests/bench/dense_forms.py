"""Compares forms of FAISS for many vectors: inverted lists and a graph (HNSW), both in eight bits, under filters.

Not part of `make bench`: the graph of a million vectors takes minutes. What it showed stands in docs/benchmarks.md.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from tests.bench.enlarged import Matrix, enlarged, real_vectors

_POOL = 100
_SHARES = (1.0, 0.1, 0.01, 0.001)


def main() -> None:
    """Build both and print recall@10, after comparing the 100 found exactly, and median times on one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--achievements", type=Path, required=True)
    parser.add_argument("--needs", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/vectors"))
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--noise", type=float, default=0.7)
    options = parser.parse_args()
    real, needs = real_vectors(options.achievements, options.needs, options.cache)
    vectors, queries = enlarged(real, options.count, options.noise), needs[:100]
    forms = {"lists": _timed("lists", lambda: _lists(vectors)), "graph": _timed("graph", lambda: _graph(vectors))}
    faiss.omp_set_num_threads(1)
    products = queries @ vectors.T
    for share in _SHARES:
        wanted = np.random.default_rng(5).random(len(vectors)) < share
        truth = [set(np.argpartition(np.where(wanted, -row, 9), 10)[:10]) for row in products]
        for name, each in _settings(forms, wanted if share < 1 else None):
            print(f"{share:>8.1%}  {name:<28}{_measured(*each, vectors, queries, truth)}", flush=True)


def _lists(vectors: Matrix) -> Any:
    count, dim = vectors.shape
    lists = int(2 * np.sqrt(count))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim), dim, lists, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT, False
    )
    index.cp.niter = 10
    index.train(vectors[:: max(1, count // (40 * lists))])
    index.add(vectors)
    return index


def _graph(vectors: Matrix) -> Any:
    index = faiss.IndexHNSWSQ(vectors.shape[1], faiss.ScalarQuantizer.QT_8bit, 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = 100
    index.train(vectors[:50_000])
    index.add(vectors)
    return index


def _settings(forms: dict[str, Any], wanted: Any) -> list[tuple[str, tuple[Any, Any]]]:
    selector = None if wanted is None else faiss.IDSelectorBitmap(np.packbits(wanted, bitorder="little"))
    lists, graph = forms["lists"], forms["graph"]
    visits = [(f"lists, 1/{part} visited", max(1, lists.nlist // part)) for part in (16, 8, 4, 2, 1)]
    return [
        *((name, (lists, faiss.SearchParametersIVF(sel=selector, nprobe=count))) for name, count in visits),
        *(
            (f"graph, {width} kept", (graph, faiss.SearchParametersHNSW(sel=selector, efSearch=width)))
            for width in (64, 128, 256, 512)
        ),
    ]


def _measured(index: Any, parameters: Any, vectors: Matrix, queries: Matrix, truth: list[set[int]]) -> str:
    found, times = 0, []
    for query, right in zip(queries, truth, strict=True):
        started = time.perf_counter()
        places = index.search(query[None], _POOL, params=parameters)[1][0]
        places = places[places >= 0]
        order = np.argsort(-(vectors[places] * query).sum(axis=1))[:10]
        times.append(1000 * (time.perf_counter() - started))
        found += len(right & set(places[order]))
    return f"recall@10 {found / 10 / len(queries):.3f}   {np.median(times):.2f} ms"


def _timed(name: str, build: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    index = build()
    print(f"{name} built in {time.perf_counter() - started:.0f} s", flush=True)
    return index


if __name__ == "__main__":
    main()
