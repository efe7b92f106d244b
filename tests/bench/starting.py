"""Measures a real `matcher serve` from its start to the first page and the first match, and its memory.

Run by `make bench`: the demo catalogue, the default model built, the disk warm, medians of several starts. Processor
time beside wall time says what a start costs on a machine that does other work too. The last line is the same as JSON.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from matcher.service import Service
from matcher.settings import Settings
from tests.bench.servers import family, is_beside, memory, processor_seconds, served, wait_for

_ASKED = "/search?q=%E6%B6%82%E5%B1%82&kind=achievement"
_ANSWERS = 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "models").symlink_to(options.models.resolve())
        service = Service(Settings(home=home))
        service.seed("bench")
        service.close()
        # The first start reads everything from disk and chooses the engine.
        starts = [measure(home) for _ in range(options.rounds + 1)][1:]
    figures = {name: round(statistics.median(each[name] for each in starts), 2) for name in starts[0]}
    for name, value in figures.items():
        print(f"{name:<42}{value}")
    print(json.dumps(figures))


def measure(home: Path) -> dict[str, float]:
    """Return the figures of one start."""
    started = time.perf_counter()
    with served(home) as (port, process):
        found: dict[str, float] = {}
        for name, path in (("first page", "/"), ("first match", _ASKED)):
            wait_for(f"http://127.0.0.1:{port}{path}", process)
            found[f"{name}: s"] = time.perf_counter() - started
            found[f"{name}: s of processor time"] = processor_seconds(family(process))
        for _ in range(_ANSWERS):  # Until every worker has answered a search.
            wait_for(f"http://127.0.0.1:{port}{_ASKED}", process)
        return found | _memory(process)


def _memory(process: psutil.Process) -> dict[str, float]:
    """Return what the service takes, by kind of process, and whether any of them holds torch."""
    everybody = family(process)
    beside = [each for each in everybody if is_beside(each)]
    workers = [each for each in everybody[1:] if each not in beside]
    mapped = "".join(Path(f"/proc/{each.pid}/maps").read_text(encoding="utf-8") for each in everybody)
    return {
        "workers": len(workers),
        "MB of a worker (PSS)": statistics.mean(_pss(each) for each in workers),
        "MB of the process beside (PSS)": sum(map(_pss, beside)),
        "MB of all processes (PSS)": sum(map(_pss, everybody)),
        "libraries of torch": mapped.count("libtorch"),
    }


def _pss(process: psutil.Process) -> float:
    return memory(process.pid).proportional


if __name__ == "__main__":
    main()
