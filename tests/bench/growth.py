"""Measures what grows with the number of records: posting, searching, listing, starting, memory. Run by `make bench`.

Stores of made-up records (`tests/bench/made_up.py`) are filled and kept in `--home`, so that a second run is quick.
Encoding is left out: its time does not depend on how many records there are.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from index.segment import terms
from matcher.models import Achievement, Filters, Need, Record
from matcher.policy import VISITOR, Action, sight
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import Store
from tests.bench.filling import fill
from tests.bench.made_up import TopicEncoder, Wording, learnt, made_up

_NEEDS = 3_000
_ROUNDS = 60
_WARM_UP = 5
_SIZE = 20
_LATE = 500
_SIGHT, _SEE = sight(VISITOR), sight(VISITOR, Action.SEE)

Figures = dict[str, float]
Item = TypeVar("Item")


def main() -> None:
    """Measure each size and print a table and the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--achievements", type=Path, required=True)
    parser.add_argument("--needs", type=Path, required=True)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--rounds", type=int, default=5, help="processes that measure each store; medians are shown")
    parser.add_argument("--home", type=Path, default=Path("var/growth"))
    parser.add_argument("--settle", type=Path, help="index the store in this folder only, in this process")
    parser.add_argument("--probe", type=Path, help="measure the store in this folder only, in this process")
    options = parser.parse_args()
    if options.settle:
        print(json.dumps(settle(options.settle)))
        return
    if options.probe:
        print(json.dumps(probe(options.probe, learnt(options.achievements))))
        return
    figures = {}
    for size in map(int, options.sizes.split(",")):
        home = options.home / str(size)
        stocking = _stock(home, size, options.achievements, options.needs)
        # The first process leaves the snapshot that an installation starts from every day.
        settling = _in_a_process("--settle", home, options)
        rounds = [_in_a_process("--probe", home, options) for _ in range(options.rounds)]
        figures[size] = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
        figures[size] |= settling | stocking
    for name in next(iter(figures.values())):
        print(f"{name:<58}" + "".join(f"{each.get(name, float('nan')):>12,.1f}" for each in figures.values()))
    print(json.dumps(figures))


def settle(home: Path) -> Figures:
    """Return how long it takes until the indexes of a store are in the form that fits its size, and kept on disk."""
    started = time.perf_counter()
    service = Service(Settings(home=home), TopicEncoder())
    service.engine.complete()
    service.close()
    return {"indexing the store (0: was there), s": time.perf_counter() - started}


def probe(home: Path, wording: Wording) -> Figures:
    """Return the figures of one store as a process of its own meets it."""
    started = time.perf_counter()
    service = Service(Settings(home=home), TopicEncoder())
    service.warm()
    service.matching.search("achievement", "锂电池", sight=_SIGHT)
    found: Figures = {"start until searchable, s": time.perf_counter() - started}
    found["first list, ms"] = _milliseconds(lambda: _page(service, 1))
    found |= _searches(service) | _lists(service) | _posts(service, wording)
    found |= {f"memory, {name}, MB": _memory_mb(name) for name in ("Pss", "Anonymous")}
    service.close()
    return found


def _stock(home: Path, size: int, achievements: Path, needs: Path) -> Figures:
    """Fill the store where it is not yet full; return how long it took and how large it is."""
    store, chance, started = Store(home / "matcher.db"), np.random.default_rng(size), time.perf_counter()
    fill(store, "achievement", lambda: learnt(achievements), size, chance)
    fill(store, "need", lambda: learnt(needs), min(_NEEDS, size // 3), chance)
    store.close()
    return {
        "filling the store, s (0: was there)": time.perf_counter() - started,
        "database, MB": (home / "matcher.db").stat().st_size / 1e6,
    }


def _in_a_process(what: str, home: Path, options: argparse.Namespace) -> Figures:
    files = ["--achievements", str(options.achievements), "--needs", str(options.needs)]
    command = [sys.executable, "-m", "tests.bench.growth", *files, what, str(home)]
    found: Figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])
    return found


def _searches(service: Service) -> Figures:
    needs = [need.id for need in service.postings.listing("need", Filters(), "oldest", size=_ROUNDS).items]
    titles = [each.title for each in service.postings.listing("achievement", Filters(), "oldest", 3, _ROUNDS).items]
    short = ["".join(terms(title)[:2]) for title in titles]
    usual = service.postings.get("achievement", 5)
    region, field = Filters(region=usual.region), Filters(field=usual.field)
    return (
        _spread("matches of a need, ranked", needs, lambda need: service.matching.matches("need", need))
        | _spread("search by a title", titles, lambda text: _found(service, text, Filters()))
        | _spread("search by two words", short, lambda text: _found(service, text, Filters()))
        | _spread("search by two words in one region", short, lambda text: _found(service, text, region))
        | _spread("search by two words in one field", short, lambda text: _found(service, text, field))
    )


def _lists(service: Service) -> Figures:
    region = Filters(region=service.postings.get("achievement", 5).region)
    overview = service.postings.overviews["achievement"]
    rounds = range(_ROUNDS)
    return (
        _spread("list, page 1", rounds, lambda _: _page(service, 1))
        | _spread("list, page 500", rounds, lambda _: _page(service, _LATE))
        | _spread("list by title, page 1", range(10), lambda _: _page(service, 1, "title"))
        | _spread("list of one region, page 1", rounds, lambda _: overview.page(region, "newest", 1, _SIZE, _SEE))
        | _spread("counts beside the filters", rounds, lambda _: overview.facets(Filters(), _SEE))
    )


def _posts(service: Service, wording: Wording) -> Figures:
    """Return how long a post takes, and from its beginning until a visitor's search finds the record."""
    texts = made_up(wording, _ROUNDS, np.random.default_rng())
    posting, searchable, posted = [], [], []
    for text in texts:
        started = time.perf_counter()
        record: Record = Achievement(title=text.title_text, description=text.description, status="published")
        stored = service.postings.post(record, "bench")
        posting.append(1000 * (time.perf_counter() - started))
        found = service.matching.search("achievement", f"{record.title}\n{record.description}", k=10, sight=_SIGHT)
        searchable.append(1000 * (time.perf_counter() - started))
        assert stored.id in {each.id for each, _ in found}, "a post is not found by its own text"
        posted.append(stored)
    need = Need(title=texts[0].title_text, description=texts[0].description, status="published")
    need_ms = _milliseconds(lambda: posted.append(service.postings.post(need, "bench")))
    for each in posted:  # The next process meets the store as this one did.
        service.postings.delete(each.kind, each.id, "bench")
    return _percentiles("post", posting) | _percentiles("post and find", searchable) | {"post a need, ms": need_ms}


def _found(service: Service, text: str, filters: Filters) -> object:
    return service.matching.search("achievement", text, filters, sight=_SIGHT)


def _page(service: Service, number: int, sort: str = "newest") -> object:
    return service.postings.listing("achievement", Filters(), sort, number, _SIZE, _SEE)


def _spread(name: str, items: Sequence[Item], work: Callable[[Item], object]) -> Figures:
    times = [_milliseconds(lambda item=item: work(item)) for item in items]  # type: ignore[misc]
    return _percentiles(name, times[_WARM_UP:])


def _percentiles(name: str, times: Sequence[float]) -> Figures:
    ordered = sorted(times)
    return {f"{name}, p50 ms": statistics.median(ordered), f"{name}, p99 ms": ordered[int(0.99 * len(ordered))]}


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def _memory_mb(name: str) -> float:
    """Return a figure of the kernel of this process: `Pss` in all, `Anonymous` what no file could give back."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main()
