"""Measures the two sides of a search against what they could be made of: brute force in numpy, and bm25s.

Real needs ask over all real achievements, in turn; vectors come from `--cache`. Run by `make bench`; prints a table
and, as the last line, the same as JSON.
"""

import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import web.calm_threads  # noqa: F401
from matcher.evaluation import stocked
from matcher.lexical import lexical_query
from matcher.models import Filters, Kind
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import embeddings, postings, search_terms
from tests.bench.options import over_records

_NEEDS = 60
_FOUND = 100
_TOP = 10
Asked = tuple[Any, Counter[str]]
Search = Callable[[Asked], Sequence[int]]


def main() -> None:
    """Measure and print."""
    parser = over_records(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    files: dict[Kind, Path] = {"achievement": options.achievements, "need": options.needs}
    with stocked(Settings(home=options.models.parent), files, options.cache) as service:
        figures = measure(service, options.rounds)
    for name, value in figures.items():
        print(f"{name:<52}{value}")
    print(json.dumps(figures))


def measure(service: Service, rounds: int) -> dict[str, float]:
    """Return median milliseconds of each search, and how far answers agree."""
    asked = _questions(service)
    searches = _searches(service)
    times: dict[str, list[float]] = {name: [] for name in searches}
    for _ in range(rounds):
        for name, search in searches.items():
            times[name].append(statistics.median(_milliseconds(search, each) for each in asked))
    figures = {f"{name}: p50 ms": round(statistics.median(values), 3) for name, values in times.items()}
    figures["records"] = len(service.engine.live("achievement").dense)
    for ours, other in (("dense", "numpy"), ("lexical", "bm25s")):
        alike = [len({*searches[ours](each)[:_TOP]} & {*searches[other](each)[:_TOP]}) / _TOP for each in asked]
        figures[f"{ours}: first ten shared with {other}"] = round(statistics.fmean(alike), 4)
    return figures


def _questions(service: Service) -> list[Asked]:
    """Return the vector and the terms of each need: those of its whole text, as its page asks."""
    db, questions = service.store.db, []
    ids = postings.ids(db, "need", Filters())[:_NEEDS]
    vectors = dict(zip(*service.engine.live("need").dense.vectors(ids), strict=True))
    for number, (title, body) in search_terms.stored(db, "need", ids).items():
        questions.append((vectors[number], Counter((*title, *body))))
    return questions


def _searches(service: Service) -> dict[str, Search]:
    live = service.engine.live("achievement")
    ids, vectors = _vectors(service)
    theirs = _bm25s(service)

    def numpy(asked: Asked) -> list[int]:
        scores = vectors @ asked[0]
        best = np.argpartition(scores, -_FOUND)[-_FOUND:]
        found: list[int] = ids[best[np.argsort(-scores[best])]].tolist()
        return found

    def lexical(asked: Asked) -> list[int]:
        best = lexical_query(service.store.db, "achievement", asked[1], service.engine.words("achievement")).best(
            _FOUND
        )
        return [number for number, _ in best]

    return {
        "dense": lambda asked: live.dense.search(asked[0], _FOUND).ids.tolist(),
        "numpy": numpy,
        "lexical": lexical,
        "bm25s": theirs,
    }


def _vectors(service: Service) -> tuple[Any, Any]:
    """Return ids (n,) and vectors (n, dim) of all achievements as the index compares them."""
    live = service.engine.live("achievement")
    ids, _ = embeddings.published(service.store.db, "achievement", live.dense.model_id, live.dense.dim)
    known, vectors = live.dense.vectors(ids)
    return np.array(known), vectors


def _bm25s(service: Service) -> Search:
    """Return a search by bm25s over the same terms, with the constants of FTS5 and titles counted twice."""
    import bm25s

    ids = postings.ids(service.store.db, "achievement", Filters())
    stored = search_terms.stored(service.store.db, "achievement", ids)
    numbers = list(stored)
    index = bm25s.BM25(k1=1.2, b=0.75)
    index.index([[*title, *title, *body] for title, body in stored.values()], show_progress=False)

    def search(asked: Asked) -> list[int]:
        found, _ = index.retrieve([list(asked[1].elements())], k=_FOUND, show_progress=False)
        return [numbers[place] for place in found[0]]

    return search


def _milliseconds(search: Search, asked: Asked) -> float:
    started = time.perf_counter()
    search(asked)
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
