"""Measures indexing, search and memory of the real service beside a baseline in the same run.

Run by `make bench`. Prints a table and, as the last line, the same figures as JSON.
"""

import argparse
import json
import statistics
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from sentence_transformers import SentenceTransformer

from index.bundled_model import build_bundled_model
from matcher.documents import dense_text
from matcher.importing import parse_rows
from matcher.models import Filters
from matcher.reading import read_rows
from matcher.service import Service
from matcher.settings import Settings
from tests.bench.servers import family, memory, served, wait_for

_WARM_UP = 5
_SEARCHES = 60


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--achievements", type=Path, required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "models").symlink_to(options.models.resolve())
        rows = home / "rows.jsonl"
        with options.achievements.open(encoding="utf-8") as source:
            rows.write_text("".join(islice(source, options.count)), encoding="utf-8")
        figures = measure(home, rows)
    for name, value in figures.items():
        print(f"{name:<42}{value}")
    print(json.dumps(figures))


def measure(home: Path, rows: Path) -> dict[str, float]:
    """Return the figures for a file of achievements imported into an empty store under `home`."""
    settings = Settings(home=home)
    service = Service(settings)
    service.warm()
    records, _ = parse_rows("achievement", read_rows(rows, 2**30))
    texts = [dense_text(record) for record in records]
    # The baseline takes half of the texts before and half after, because the machine's speed drifts.
    baseline = _seconds_of_plain_encoding(settings.models_dir, texts[::2])
    started = time.perf_counter()
    service.importing.import_file("achievement", rows, "bench")
    service.engine.live("achievement")
    indexing = time.perf_counter() - started
    baseline += _seconds_of_plain_encoding(settings.models_dir, texts[1::2])
    queries = [record.title for record in islice(records, 0, None, max(1, len(records) // _SEARCHES))]
    search = _search_milliseconds(service, queries)
    service.close()
    page, megabytes = _served(home, queries)
    return {
        "records": len(records),
        "index: documents/s, file to searchable": round(len(records) / indexing, 2),
        "index: documents/s, plain encode": round(len(records) / baseline, 2),
        "index: ratio (target >= 0.9)": round(baseline / indexing, 3),
        "search: p50 ms, embedding included": round(statistics.median(search), 1),
        "search: p95 ms": round(statistics.quantiles(search, n=20)[18], 1),
        "search page over HTTP: p50 ms": round(statistics.median(page), 1),
        "all serving processes: MB (PSS)": round(megabytes),
    }


def _seconds_of_plain_encoding(models_dir: Path, texts: Sequence[str]) -> float:
    """Return how long SentenceTransformer.encode alone takes, with its own defaults."""
    model = SentenceTransformer(str(build_bundled_model(models_dir)), device="cpu")
    model.encode(list(texts[:32]), prompt_name="passage")
    started = time.perf_counter()
    model.encode(list(texts), prompt_name="passage", normalize_embeddings=True)
    return time.perf_counter() - started


def _search_milliseconds(service: Service, queries: Sequence[str]) -> list[float]:
    times = []
    for number, query in enumerate(queries):
        started = time.perf_counter()
        service.matching.search("achievement", query, Filters(), k=10)
        if number >= _WARM_UP:
            times.append(1000 * (time.perf_counter() - started))
    return times


def _served(home: Path, queries: Sequence[str]) -> tuple[list[float], float]:
    """Return page times in milliseconds and the megabytes of a real service after them."""
    with served(home) as (port, process):
        base = f"http://127.0.0.1:{port}"
        wait_for(f"{base}/readyz", process)
        times = []
        for number, query in enumerate(queries):
            started = time.perf_counter()
            with urllib.request.urlopen(f"{base}/search?q={urllib.parse.quote(query)}&kind=achievement") as answer:
                answer.read()
            if number >= _WARM_UP:
                times.append(1000 * (time.perf_counter() - started))
        return times, sum(memory(each.pid).proportional for each in family(process))


if __name__ == "__main__":
    main()
