"""Measures what the index of a service does at size: from the store, from a snapshot, following posts, its memory."""

import statistics
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from threading import Thread

import numpy as np

from matcher.live_index import LiveIndex
from matcher.store import Store, revisions
from tests.bench.enlarged import Matrix

_POSTS = 200
_EXACT_LIMIT = 50_000


def service_figures(folder: Path, vectors: Matrix, queries: Matrix) -> dict[str, float]:
    """Return seconds, milliseconds and megabytes of an index over `vectors`, in a store and a snapshot in `folder`."""
    _fill(folder, vectors)
    context = get_context("spawn")
    with context.Pool(1) as pool:
        figures = pool.apply(_built, (folder, queries))
    with context.Pool(2) as pool:
        # Both are loaded before either is measured.
        waiting = [pool.apply_async(_loaded, (folder, queries)) for _ in range(2)]
        figures |= statistics_of([each.get() for each in waiting])
    with context.Pool(1) as pool:
        figures |= pool.apply(_following, (folder, queries, vectors[:_POSTS][::-1].copy()))
    return figures


def statistics_of(found: list[dict[str, float]]) -> dict[str, float]:
    """Return the highest of each figure."""
    return {name: max(each[name] for each in found) for name in found[0]}


def _fill(folder: Path, vectors: Matrix) -> None:
    store = Store(folder / "bench.db")
    with store.transaction() as db:
        for number, vector in enumerate(vectors, 1):
            _insert(store, number, vector)
        revisions.add(db, "achievement", 0, "recentred")
    store.close()


def _insert(store: Store, number: int, vector: Matrix) -> None:
    """Put just as much of a record into the store as the index reads."""
    row = (number, f"{number}", "published", "", "")
    store.db.conn.execute(
        "insert or replace into achievement (id, title, status, created_at, updated_at) values (?, ?, ?, ?, ?)", row
    )
    store.db.conn.execute(
        "insert or replace into embedding (kind, item_id, model_id, text_hash, vector)"
        " values ('achievement', ?, 'bench', '', ?)",
        (number, vector.tobytes()),
    )


def _live(folder: Path, dim: int) -> tuple[Store, LiveIndex]:
    store = Store(folder / "bench.db")
    return store, LiveIndex(store, "achievement", "bench", dim, folder / "snapshots", 5_000, _EXACT_LIMIT)


def _built(folder: Path, queries: Matrix) -> dict[str, float]:
    """Begin without a snapshot: read the store, search exactly while the lists are trained, then through them."""
    _, live = _live(folder, queries.shape[1])
    figures = {"from the store to the first (exact) search, s": _seconds(live.sync)}
    memory: list[float] = []

    def search(number: int) -> None:
        live.dense.search(queries[number % len(queries)], 100)
        memory.append(_memory()["Anonymous"])

    started = time.perf_counter()
    meanwhile = _while(live._renewal.thread, search)
    figures |= {
        "trained, saved and mapped behind searches, s": time.perf_counter() - started,
        "search meanwhile (exact), p50 ms": statistics.median(meanwhile),
        "search meanwhile (exact), p99 ms": float(np.percentile(meanwhile, 99)),
        "most memory of the building process without a file behind it, MB": max(memory),
    }
    assert not live.dense.is_exact
    return _rounded(figures)


def _loaded(folder: Path, queries: Matrix) -> dict[str, float]:
    """Begin with the snapshot, twice at once as worker processes do."""
    before = _memory()
    _, live = _live(folder, queries.shape[1])
    figures = {"two processes at once, from the snapshot to the first search, s": _seconds(live.sync)}
    assert not live.dense.is_exact
    for query in queries:
        live.dense.search(query, 100)
    time.sleep(5)
    after = _memory()
    return _rounded(
        figures
        | {
            "two processes, each: memory of the index without a file behind it, MB": after["Anonymous"]
            - before["Anonymous"],
            "two processes, each: proportional memory (PSS) in all, MB": after["Pss"],
        }
    )


def _following(folder: Path, queries: Matrix, vectors: Matrix) -> dict[str, float]:
    """Post one by one and follow; then have all of it built anew behind searches."""
    store, live = _live(folder, queries.shape[1])
    live.sync()
    posts = []
    for number, vector in enumerate(vectors, 1):
        with store.transaction() as db:
            _insert(store, number, vector)
            revisions.add(db, "achievement", number, "saved")
        posts.append(1000 * _seconds(live.sync))
    searches = [1000 * _seconds(lambda query=query: live.dense.search(query, 100)) for query in queries]
    with store.transaction() as db:
        revisions.add(db, "achievement", 0, "recentred")
    live.sync()
    started = time.perf_counter()
    meanwhile = _while(live._renewal.thread, lambda number: live.dense.search(queries[number % len(queries)], 100))
    return _rounded(
        {
            "following one post, p50 ms": statistics.median(posts),
            "following one post, p99 ms": float(np.percentile(posts, 99)),
            "search after 200 posts, p50 ms": statistics.median(searches),
            "search while all is built anew, p50 ms": statistics.median(meanwhile),
            "search while all is built anew, p99 ms": float(np.percentile(meanwhile, 99)),
            "built anew, s": time.perf_counter() - started,
        }
    )


def _while(thread: Thread | None, search: Callable[[int], object]) -> list[float]:
    """Return the milliseconds of searches, one every twentieth of a second until `thread` ends."""
    times: list[float] = []
    while thread is not None and thread.is_alive():
        times.append(1000 * _seconds(lambda: search(len(times))))
        time.sleep(0.05)
    return times


def _memory() -> dict[str, float]:
    """Return megabytes of this process: in proportion to who shares it, and without a file behind it."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    sizes = {name: int(rest.split()[0]) / 1024 for name, rest in (line.split(":") for line in lines)}
    return {"Pss": sizes["Pss"], "Anonymous": sizes["Anonymous"]}


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in figures.items()}


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
