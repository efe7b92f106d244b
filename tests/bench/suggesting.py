"""Suggest matches of 5,000 needs and 10,000 achievements, killed five times: time, memory, doubles.

`python -m tests.bench.suggesting [--data ../shared/bench]`: without `--data` the texts are invented from the demo
catalogue. The small encoder stands in for the model: suggesting encodes nothing, all vectors are stored.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from matcher.models import Achievement, Kind, Need, Record
from matcher.seeding import demo_rows
from matcher.service import Service
from matcher.settings import Settings
from tests.support.hash_encoder import HashEncoder

ROOT = Path(__file__).parents[2]
_MOST_MIB = 512


def main() -> None:
    """Print what the run came to, a line a fact; ends with status 1 when pairs are missing, doubled or memory grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--needs", type=int, default=5000)
    parser.add_argument("--achievements", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--between", type=float, nargs=2, default=(10, 120), help="seconds before a kill")
    parser.add_argument("--level", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill(home, given)
        began = time.monotonic()
        peaks: list[float] = []
        for number in range(given.kills):
            peaks.append(run(home, given, kill_after=random.uniform(*given.between)))
            print(f"killed {number + 1}: {progress(home)}, peak {peaks[-1]:.0f} MiB", flush=True)
        peaks.append(run(home, given, kill_after=None))
        print(f"seconds {time.monotonic() - began:.0f}, peak {max(peaks):.0f} MiB, {progress(home)}")
        found = checked(home, given)
        print(", ".join(f"{name} {value}" for name, value in found.items()))
    sys.exit(int(found["doubles"] > 0 or found["missing of 50 needs"] > 0 or max(peaks) > _MOST_MIB))


def fill(home: Path, given: argparse.Namespace) -> None:
    """Store the records, texts of each kind put together from the sentences of others of the kind."""
    service = Service(Settings(home=home), HashEncoder())
    began = time.monotonic()
    for kind, count in (("need", given.needs), ("achievement", given.achievements)):
        service.importing.import_records(list(records(kind, count, given.data)), "bench")  # type: ignore[arg-type]
    service.close()
    print(
        f"stored {given.needs} needs, {given.achievements} achievements in {time.monotonic() - began:.0f} s", flush=True
    )


def records(kind: Kind, count: int, data: Path | None) -> Iterator[Record]:
    """Yield `count` published records; real ones as they are, then mixtures."""
    name = f"{kind}s.jsonl"
    lines = (data / name).read_text(encoding="utf-8").splitlines() if data else []
    rows = [json.loads(line) for line in lines] or demo_rows(name)
    chance = random.Random(7)
    sentences = [part for row in rows for part in row.get("description", "").split("。") if len(part) > 8]
    for number in range(count):
        row = rows[number % len(rows)]
        mixed = "。".join(chance.sample(sentences, 3))
        text = row.get("description", "") if number < len(rows) else mixed
        title = row["title"] if number < len(rows) else f"{row['title'][:12]}{mixed[:14]}"
        make = Need if kind == "need" else Achievement
        yield make(external_id=f"{kind}-{number}", title=title[:200], description=text, status="published")


def run(home: Path, given: argparse.Namespace, kill_after: float | None) -> float:
    """Run `matcher suggest` until it ends, or kill it; return its peak resident memory in MiB."""
    settings = {"MATCHER_HOME": str(home), "MATCHER_LEASE_SECONDS": "2", "MATCHER_SUGGESTION_LEVEL": str(given.level)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.hash_server", "suggest"], cwd=ROOT, env={**os.environ, **settings}
    )
    peak, began = 0.0, time.monotonic()
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        if kill_after is not None and time.monotonic() - began > kill_after:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.1)
    return peak


def resident(pid: int) -> float:
    """Return the peak resident memory of a process in MiB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def progress(home: Path) -> str:
    """Return how far the job is."""
    service = Service(Settings(home=home), HashEncoder())
    job = service.jobs.listing(size=1).items[0]
    total = service.store.db.execute("select count(*) from suggestion").fetchone()[0]
    service.close()
    return f"{job.state} {job.done}/{job.total}, {total} suggestions, attempts {job.attempts}"


def checked(home: Path, given: argparse.Namespace) -> dict[str, int]:
    """Return how many pairs stand twice, and how many pairs of a sample of records are missing."""
    service = Service(Settings(home=home, suggestion_level=given.level), HashEncoder())
    pairs = service.store.db.execute("select need_id, achievement_id from suggestion").fetchall()
    missing = 0
    for number in random.Random(3).sample(range(1, given.needs + 1), min(50, given.needs)):
        best = service.matching.best(service.postings.get("need", number), service.settings.suggestions_per_record)
        wanted = {(number, each.item_id) for each in best if (each.level or 1) >= given.level}
        missing += len(wanted - set(pairs))
    service.close()
    return {"pairs": len(pairs), "doubles": len(pairs) - len(set(pairs)), "missing of 50 needs": missing}


if __name__ == "__main__":
    main()
