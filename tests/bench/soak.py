"""Soaks a real `matcher serve` in mixed load and watches memory, files, threads and errors.

The demo catalogue and the bench data, two workers and the process beside, eight clients of this machine with time to
think. Memory counts from the end of the warm-up, in which caches fill and lazy parts load; what leaks is told by two
quiet moments, one after the warm-up and one at the end. Prints a table and, as the last line, the same as JSON; ends
with status 1 when memory is not flat, something leaks or anything went wrong.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from matcher.models import Filters
from matcher.seeding import demo_rows
from matcher.service import Service
from matcher.store import postings, revisions, search_state
from tests.bench.options import over_records
from tests.bench.pages import stocked
from tests.bench.servers import family, is_beside, memory, served, wait_for
from tests.bench.soak_load import Crowd, Pool, Tally, enrol, fill
from tests.bench.soak_verdict import MOST_GROWTH_PER_CENT, Process, Sample, growth, leaks, trends

_READY_TIMES = 12
_EACH = 60
# Longer than the server keeps an idle connection.
_QUIET_SECONDS = 45
_TRACES = ("Traceback", "ERROR", "CRITICAL")
_SETTINGS = {"MATCHER_POSTS_PER_HOUR": "1000000", "MATCHER_SEARCHES_PER_MINUTE": "1000000", "MATCHER_WORKERS": "2"}


def main() -> None:
    """Soak and print. Ends with status 1 when not all is as wanted."""
    parser = over_records(__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--warm-up", type=float, default=5, help="minutes that do not count")
    parser.add_argument("--think", type=float, default=0.7, help="seconds of a client between two steps, on average")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="matcher-soak-") as folder:
        home = Path(folder)
        (home / "models").symlink_to(given.models.resolve())
        pool = prepared(home, given)
        figures = soaked(home, pool, given)
    for name, value in figures.items():
        print(f"{name:<44}{value}")
    print(json.dumps(figures, ensure_ascii=False))
    sys.exit(0 if figures["is as wanted"] else 1)


def prepared(home: Path, given: argparse.Namespace) -> Pool:
    """Fill the store under `home`; return what clients read."""
    service = stocked(home, {"achievement": given.achievements, "need": given.needs}, given.cache)
    service.seed("bench")
    service.seed_work()
    enrol(service)
    with service.store.transaction() as db:  # Whatever is new is suggested; what was there before counts as done.
        search_state.put(db, "suggested_revision", str(revisions.latest(db)))
    needs = _addresses(service, "need")
    found = Pool(needs, needs[:_EACH], _addresses(service, "achievement")[:_EACH], _titles())
    service.close()
    return found


def _addresses(service: Service, kind: Any) -> list[str]:
    numbers = postings.ids(service.store.db, kind, Filters(status="published"))
    return [f"/{kind}s/{service.public_ids.of(kind, number)}" for number in numbers]


def _titles() -> list[str]:
    return [row["title"] for kind in ("needs", "achievements") for row in demo_rows(f"{kind}.jsonl")]


def soaked(home: Path, pool: Pool, given: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of one soak."""
    log = home / "service.log"
    with log.open("wb") as written, served(home, log=written, **_SETTINGS) as (port, process):
        for _ in range(_READY_TIMES):  # Any process may answer.
            wait_for(f"http://127.0.0.1:{port}/readyz", process)
        fill(port, pool)
        crowd, began = Crowd(port, pool, given.think), time.monotonic()
        crowd.start()
        watcher = Watcher(home, process, began)
        watcher.watch(crowd.tally, until=60 * given.warm_up)
        before = watcher.quiet(crowd)
        watcher.samples.clear()
        crowd.go_on()
        watcher.watch(crowd.tally, until=60 * given.minutes)
        after = watcher.quiet(crowd)
        seconds = time.monotonic() - began
        crowd.stop()
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    wrong = [line for line in lines if any(trace in line for trace in _TRACES)]
    print("\n".join(lines[-40:]) if wrong else "", file=sys.stderr)
    return _figures(watcher.samples, (before, after), crowd, wrong, seconds)


class Watcher:
    """Takes a sample every minute."""

    def __init__(self, home: Path, process: psutil.Process, began: float) -> None:
        self.samples: list[Sample] = []
        self._home, self._process, self._began = home, process, began

    def watch(self, tally: Tally, until: float) -> None:
        """Sample until so many seconds after the beginning."""
        while time.monotonic() - self._began < until:
            time.sleep(min(60, max(1, until - (time.monotonic() - self._began))))
            self.samples.append(self.sample())
            counts = f"{tally.done.total()} steps, {tally.errors.total()} errors"
            print(f"{line_of(self.samples[-1])} | {counts}", flush=True)

    def quiet(self, crowd: Crowd) -> Sample:
        """Let the clients wait until the server has nothing to do; return what it holds then."""
        crowd.hold()
        time.sleep(_QUIET_SECONDS)
        sample = self.sample()
        print(f"quiet: {line_of(sample)}", flush=True)
        return sample

    def sample(self) -> Sample:
        """Return what is held now."""
        listening, *others = family(self._process)
        beside = [each for each in others if is_beside(each)]
        workers = sorted((each for each in others if each not in beside), key=lambda each: each.pid)
        named = [("listening", listening), *((f"worker {number}", each) for number, each in enumerate(workers, 1))]
        named += [("beside", each) for each in beside]
        size = sum(each.stat().st_size for each in self._home.glob("matcher.db*"))
        processes = tuple(
            Process(name, each.pid, *memory(each.pid), each.num_fds(), each.num_threads()) for name, each in named
        )
        return Sample((time.monotonic() - self._began) / 60, processes, size / 2**20)


def line_of(sample: Sample) -> str:
    """Return a sample as one line of a table."""
    parts = [
        f"{each.name} {each.megabytes:.0f} ({each.own_megabytes:.1f}) MB {each.files} f {each.threads} t"
        for each in sample.processes
    ]
    whole = f"{sample.minute:5.1f} min {sample.megabytes:7.1f} ({sample.own_megabytes:.1f}) MB"
    return " | ".join([whole, *parts, f"store {sample.store_megabytes:.1f} MB"])


def _figures(
    samples: list[Sample], quiet: tuple[Sample, Sample], crowd: Crowd, wrong: list[str], seconds: float
) -> dict[str, Any]:
    lines, found = trends(samples), leaks(*quiet)
    own = [each.own_megabytes for each in samples]
    # Memory that files back is the kernel's to drop, and its share moves when other programs map the same files.
    rises = max(lines["own"].growth_per_cent, growth(own))
    figures: dict[str, Any] = {
        "minutes": round(seconds / 60, 1),
        "steps of clients": sum(crowd.tally.done.values()),
        "steps/s": round(sum(crowd.tally.done.values()) / seconds, 2),
        "MB after the warm-up (PSS)": round(lines["all"].begins, 1),
        "MB at the end (PSS)": round(samples[-1].megabytes, 1),
        "growth in per cent, the highest": round(rises, 2),
        "own: MB after the warm-up": round(lines["own"].begins, 1),
        **{f"{name}: MB an hour": round(60 * each.per_minute, 2) for name, each in lines.items()},
        **{f"{name}: growth in per cent": round(each.growth_per_cent, 2) for name, each in lines.items()},
        "quiet, own: growth in per cent": round(100 * (quiet[1].own_megabytes / quiet[0].own_megabytes - 1), 2),
        "store: MB before, after": [round(each.store_megabytes, 1) for each in quiet],
        "open files before, after": [sum(part.files for part in each.processes) for each in quiet],
        "threads before, after": [sum(part.threads for part in each.processes) for each in quiet],
        "leaks": found,
        "errors of clients": dict(crowd.tally.errors),
        "lines of trouble in the log": len(wrong),
    }
    is_flat = rises <= MOST_GROWTH_PER_CENT
    figures["is as wanted"] = is_flat and not (found or wrong or crowd.tally.errors)
    return figures | {"steps": dict(sorted(crowd.tally.done.items()))}


if __name__ == "__main__":
    main()
