"""Measures what ranking adds to retrieval, the two in turn for the same needs. Run by `make bench`.

With vectors kept in `--cache` (as `matcher evaluate --cache` writes them) it takes under a minute.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from matcher.evaluation import stocked
from matcher.models import Filters, Kind
from matcher.retrieval import POOL
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import postings

_WARM_UP = 5
_NEEDS = 60


def main() -> None:
    """Measure and print a table and the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--achievements", type=Path, required=True)
    parser.add_argument("--needs", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/vectors"))
    options = parser.parse_args()
    files: dict[Kind, Path] = {"achievement": options.achievements, "need": options.needs}
    with stocked(Settings(), files, options.cache) as service:
        figures = measure(service)
    for name, value in figures.items():
        print(f"{name:<52}{value}")
    print(json.dumps(figures))


def measure(service: Service) -> dict[str, float]:
    """Return median milliseconds of retrieval alone and of retrieval with ranking, pools of 200."""
    needs = postings.ids(service.store.db, "need", Filters())[:_NEEDS]
    found, ranked = [], []
    for number, need_id in enumerate(needs):
        without = _milliseconds(lambda: service.matching.retrieved("need", need_id, 2 * POOL))  # noqa: B023
        with_ranker = _milliseconds(lambda: service.matching.candidates("need", need_id, 2 * POOL))  # noqa: B023
        if number >= _WARM_UP:
            found.append(without)
            ranked.append(with_ranker)
    return {
        "needs": len(found),
        "retrieval of 200: p50 ms": round(statistics.median(found), 1),
        "retrieval and ranking of 200: p50 ms": round(statistics.median(ranked), 1),
        "ranking adds: p50 ms (target <= 30)": round(
            statistics.median(after - before for before, after in zip(found, ranked, strict=True)), 1
        ),
    }


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
