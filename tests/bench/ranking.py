"""Measures what ranking adds to retrieval, and what access adds to a search, the two in turn each. Run by `make bench`.

With vectors kept in `--cache` (as `matcher evaluate --cache` writes them) it takes under a minute.
"""

import json
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from matcher.errors import ThrottledError
from matcher.evaluation import stocked
from matcher.models import Filters, Kind
from matcher.policy import VISITOR, sight
from matcher.retrieval import POOL
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import postings, revisions
from tests.bench.options import over_records

_WARM_UP = 5
_NEEDS = 60
_FOUND = 100


def main() -> None:
    """Measure and print a table and the same as JSON."""
    parser = over_records(__doc__)
    options = parser.parse_args()
    files: dict[Kind, Path] = {"achievement": options.achievements, "need": options.needs}
    with stocked(Settings(home=options.models.parent), files, options.cache) as service:
        figures = measure(service) | measure_access(service)
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


def measure_access(service: Service) -> dict[str, float]:
    """Return median milliseconds of a search as it was before there were accounts, and as a visitor makes it now.

    Now means: counted against the limit, and restricted to what the visitor may read; with every record public, and
    with every tenth one for brokers only. Counting is the same work for any limit.
    """
    found = service.postings.listing("need", Filters(), "oldest", 1, _NEEDS)
    texts = [record.title for record in found.items]
    public = _searches(service, texts)
    with service.store.transaction() as db:
        db.execute("update achievement set visibility = 'brokers' where id % 10 = 0")
        for item_id in postings.ids(db, "achievement", Filters()):
            if item_id % 10 == 0:
                revisions.add(db, "achievement", item_id, "saved")
    hidden = _searches(service, texts)
    before, now = statistics.median(public[0]), statistics.median(public[1])
    return {
        "search before accounts: p50 ms": round(before, 1),
        "search of a visitor: p50 ms": round(now, 1),
        "search of a visitor to before (target <= 1.10)": round(now / before, 3),
        "the same, a tenth hidden": round(statistics.median(hidden[1]) / statistics.median(hidden[0]), 3),
    }


def _searches(service: Service, texts: list[str]) -> tuple[list[float], list[float]]:
    readable = sight(VISITOR)
    plain, guarded = [], []

    def guarded_search(text: str) -> None:
        with suppress(ThrottledError):
            service.throttle.check_search("address 192.0.2.1")
        service.matching.search("achievement", text, k=_FOUND, sight=readable)

    for number, text in enumerate(texts):
        service.engine.query_vector(text)  # The vector of the text is kept afterwards: neither pays for it.
        without = _milliseconds(lambda: service.matching.search("achievement", text, k=_FOUND))  # noqa: B023
        with_guard = _milliseconds(lambda: guarded_search(text))  # noqa: B023
        if number >= _WARM_UP:
            plain.append(without)
            guarded.append(with_guard)
    return plain, guarded


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
