"""Measures a need's page end to end: real servers on a store with the bench data, clients in a closed loop.

Run by `make bench`. The server of `matcher serve` and, on the same store in the same run, the one it replaced:
waitress, one process. Pages are computed when each need is opened once, kept when it is opened again. With vectors
kept in `--cache` it takes about three minutes. Prints a table and, as the last line, the same figures as JSON.
"""

import json
import queue
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

import psutil

from index.vector_cache import CachedEncoder
from matcher.models import Filters, Kind
from matcher.search_engine import load_configured_encoder
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import postings, revisions
from tests.bench.options import over_records
from tests.bench.servers import SERVE, family, memory, processor_seconds, served, wait_for

_CLIENTS = (1, 8, 32)
_WARM_UP = 8
_READY_TIMES = 6
_FILLS = 3
_COMMANDS = {"gunicorn": SERVE, "waitress": (sys.executable, "-m", "tests.bench.waitress_server")}


class Loop(NamedTuple):
    """What a closed loop measured."""

    milliseconds: list[float]
    seconds: float


def main() -> None:
    """Measure and print."""
    parser = over_records(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="matcher-pages-") as folder:
        home = Path(folder)
        (home / "models").symlink_to(options.models.resolve())
        service = stocked(home, {"achievement": options.achievements, "need": options.needs}, options.cache)
        figures = measure(service, options.rounds, options.pages)
        service.close()
    for name, value in figures.items():
        print(f"{name:<58}{value}")
    print(json.dumps(figures))


def stocked(home: Path, files: dict[Kind, Path], cache: Path) -> Service:
    """Return a service whose store under `home` holds the files' records."""
    settings = Settings(home=home)
    service = Service(settings, CachedEncoder(load_configured_encoder(settings), cache))
    for kind, path in files.items():
        service.importing.import_file(kind, path, "bench")
    service.engine.live("achievement")
    return service


def measure(service: Service, rounds: int, pages: int) -> dict[str, float]:
    """Return the figures: medians over `rounds`, in which the two servers take turns."""
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name in _COMMANDS:
            for figure, value in _one_round(service, name, pages).items():
                found.setdefault(figure, []).append(value)
    figures = {name: round(statistics.median(values), 1) for name, values in found.items()}
    for clients in _CLIENTS:
        for how in ("computed", "kept"):
            rate = f"{how}, {clients} clients: pages/s"
            figures[f"{rate}, gunicorn to waitress"] = round(
                figures[f"gunicorn {rate}"] / figures[f"waitress {rate}"], 2
            )
    return figures


def _one_round(service: Service, name: str, pages: int) -> dict[str, float]:
    need_ids = postings.ids(service.store.db, "need", Filters())[: pages + _WARM_UP]
    paths = [f"/needs/{service.public_ids.of('need', need_id)}" for need_id in need_ids]
    figures: dict[str, float] = {}
    with _server(service.settings.home, name) as (port, process):
        for clients in _CLIENTS:
            with service.store.transaction() as db:  # What was kept is computed anew.
                revisions.add(db, "need", need_ids[0], "saved")
            _closed_loop(port, paths[:_WARM_UP], _WARM_UP)  # Every process follows the store once.
            for how in ("computed", "kept"):
                for _ in range(_FILLS if how == "kept" else 0):  # Each process keeps its own lists.
                    _closed_loop(port, paths[_WARM_UP:], _WARM_UP)
                before = _cpu_seconds(process)
                loop = _closed_loop(port, paths[_WARM_UP:], clients)
                title = f"{name} {how}, {clients} clients"
                figures |= _figures(title, loop)
                figures[f"{title}: CPU ms a page"] = 1000 * (_cpu_seconds(process) - before) / len(loop.milliseconds)
        figures[f"{name}: MB, proportional set size of all processes"] = sum(
            memory(each.pid).proportional for each in family(process)
        )
    return figures


def _figures(name: str, loop: Loop) -> dict[str, float]:
    cuts = statistics.quantiles(loop.milliseconds, n=100)
    return {
        f"{name}: p50 ms": statistics.median(loop.milliseconds),
        f"{name}: p95 ms": cuts[94],
        f"{name}: p99 ms": cuts[98],
        f"{name}: pages/s": len(loop.milliseconds) / loop.seconds,
    }


def _closed_loop(port: int, paths: list[str], clients: int) -> Loop:
    """Let each client open the next page as soon as it has the last one, on a connection that it keeps."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for path in paths:
        waiting.put(path)
    times: list[float] = []

    def client() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            try:
                path = waiting.get_nowait()
            except queue.Empty:
                return
            started = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            page = answer.read()
            times.append(1000 * (time.perf_counter() - started))
            assert answer.status == 200 and b'class="match' in page, (answer.status, path)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == len(paths)
    return Loop(times, time.perf_counter() - started)


@contextmanager
def _server(home: Path, name: str) -> Iterator[tuple[int, psutil.Process]]:
    # The import has left thousands of records to suggest matches for; that is measured elsewhere.
    with served(home, _COMMANDS[name], MATCHER_BACKGROUND_WORKER="off") as (port, process):
        for path in ("healthz", *["readyz"] * _READY_TIMES):  # Any process may answer.
            wait_for(f"http://127.0.0.1:{port}/{path}", process)
        yield port, process


def _cpu_seconds(process: psutil.Process) -> float:
    return processor_seconds(family(process))


if __name__ == "__main__":
    main()
