"""Which figures of which parts make the table of `make bench`, and what is wanted of each."""

from tests.bench.table import Figure, at_least, at_most, ratio_at_least, ratio_at_most

_TORCH = "SentenceTransformer, torch fp32"
_PEAK = "matrix product of the processor"


def _encoder(engine: str) -> tuple[Figure, ...]:
    """Return the figures of one engine of the default model."""
    return (
        Figure(
            "encoding",
            f"{engine}: documents/s",
            f"{engine}: documents/s",
            _TORCH,
            "SentenceTransformer: documents/s",
            ratio_at_least(1.6),
        ),
        Figure(
            "encoding",
            f"{engine}: one query, ms",
            f"{engine}: query ms",
            _TORCH,
            "SentenceTransformer: query ms",
            ratio_at_most(0.35),
        ),
        Figure(
            "encoding",
            f"{engine}: times as fast in processor time",
            f"{engine}: times as fast in bulk, processor time",
        ),
        Figure(
            "encoding",
            f"{engine}: lowest cosine to torch",
            f"{engine}: lowest cosine to torch",
            wanted=at_least(0.995),
        ),
        Figure(
            "encoding",
            f"{engine}: GFLOP/s",
            f"{engine}: GFLOP/s of the model",
            f"{_PEAK}, {engine}",
            f"peak {engine}: GFLOP/s",
        ),
    )


def _pages(clients: int) -> tuple[Figure, ...]:
    """Return the figures of a need's page with so many clients."""
    computed, kept = (f"gunicorn {how}, {clients} clients" for how in ("computed", "kept"))
    old = f"waitress computed, {clients} clients"
    one, eight = clients == 1, clients == 8
    return (
        Figure(
            "pages",
            f"need page, {clients} clients: pages/s",
            f"{computed}: pages/s",
            "waitress, one process",
            f"{old}: pages/s",
            at_least(50) if eight else None,
        ),
        Figure(
            "pages",
            f"need page, {clients} clients: p50 ms",
            f"{computed}: p50 ms",
            "waitress, one process",
            f"{old}: p50 ms",
            at_most(40) if one else None,
        ),
        Figure(
            "pages",
            f"need page, {clients} clients: p95 ms",
            f"{computed}: p95 ms",
            "waitress, one process",
            f"{old}: p95 ms",
            at_most(250) if eight else None,
        ),
        Figure(
            "pages",
            f"need page, {clients} clients: p99 ms",
            f"{computed}: p99 ms",
            "waitress, one process",
            f"{old}: p99 ms",
        ),
        Figure(
            "pages",
            f"need page with its list kept, {clients} clients: pages/s",
            f"{kept}: pages/s",
            "list computed",
            f"{computed}: pages/s",
        ),
    )


def _growth(records: int) -> tuple[Figure, ...]:
    """Return the figures of a store of so many made-up records."""
    words = f"{records:,} records, encoding left out"
    names = (
        ("search by a title, p50 ms", at_most(80)),
        ("search by a title, p99 ms", at_most(250)),
        ("search by two words, p50 ms", at_most(80)),
        ("search by two words, p99 ms", at_most(250)),
        ("matches of a need, ranked, p50 ms", None),
        ("list, page 1, p50 ms", None),
        ("post and find, p50 ms", at_most(100)),
        ("start until searchable, s", at_most(15)),
        ("memory, Pss, MB", at_most(3000)),
    )
    return tuple(
        Figure(
            "growth",
            f"{words}: {name}",
            f"{records} > {name}",
            "10,000 records" if records > 10_000 else "",
            f"10000 > {name}" if records > 10_000 else "",
            wanted if records == 1_000_000 else None,
        )
        for name, wanted in names
    )


def _vectors() -> tuple[Figure, ...]:
    """Return the figures of vectors alone at the largest size of the run."""
    kept = ("100 %", "10 %", "1 %", "0.1 %")
    service = "two processes at once, from the snapshot to the first search, s"
    return (
        Figure("dense_size", "many vectors: how many", "sizes > -1 > vectors"),
        Figure(
            "dense_size",
            "many vectors: p50 ms",
            "sizes > -1 > lists ms",
            "numpy, brute force",
            "sizes > -1 > numpy ms",
        ),
        Figure("dense_size", "many vectors: p99 ms", "sizes > -1 > lists p99"),
        *(
            Figure(
                "dense_size",
                f"many vectors: recall@10, a filter keeps {share} {name}",
                f"filters > {2 * place + shift} > recall@10",
                wanted=at_least(0.98),
            )
            for place, share in enumerate(kept)
            for shift, name in enumerate(("by chance", "alike"))
        ),
        Figure("dense_size", "many vectors: start from snapshot, s", f"service > {service}", wanted=at_most(15)),
    )


FIGURES: tuple[Figure, ...] = (
    *_encoder("fp32"),
    *_encoder("int8"),
    Figure("quality", "fp32: nDCG@10", "fp32: ndcg@10", "torch fp32", "torch: ndcg@10"),
    Figure("quality", "fp32: nDCG@10 lost", "fp32: loss", wanted=at_most(0.005)),
    Figure("searching", "vectors: p50 ms", "dense: p50 ms", "numpy, brute force", "numpy: p50 ms"),
    Figure("searching", "vectors: first ten as numpy's", "dense: first ten shared with numpy", wanted=at_least(0.98)),
    Figure("searching", "words: p50 ms", "lexical: p50 ms", "bm25s", "bm25s: p50 ms"),
    Figure("searching", "words: first ten as bm25s'", "lexical: first ten shared with bm25s"),
    Figure(
        "first_light",
        "file to searchable, documents/s",
        "index: documents/s, file to searchable",
        f"{_TORCH} alone",
        "index: documents/s, plain encode",
        ratio_at_least(0.9),
    ),
    Figure(
        "ranking",
        "retrieval and ranking of 200, p50 ms",
        "retrieval and ranking of 200: p50 ms",
        "retrieval alone",
        "retrieval of 200: p50 ms",
    ),
    Figure("ranking", "ranking adds, p50 ms", "ranking adds: p50 ms (target <= 30)", wanted=at_most(30)),
    Figure(
        "ranking",
        "search of a visitor, p50 ms",
        "search of a visitor: p50 ms",
        "without access",
        "search before accounts: p50 ms",
        ratio_at_most(1.1),
    ),
    Figure("starting", "start to first page, s", "first page: s", wanted=at_most(2)),
    Figure("starting", "start to first match, s", "first match: s", wanted=at_most(8)),
    Figure("starting", "a worker, MB (PSS)", "MB of a worker (PSS)"),
    Figure("starting", "libraries of torch in it", "libraries of torch", wanted=at_most(0)),
    *_pages(1),
    *_pages(8),
    *_pages(32),
    *_vectors(),
    *_growth(10_000),
    *_growth(100_000),
    *_growth(1_000_000),
    Figure("soak", "soak, minutes", "minutes"),
    Figure("soak", "soak: memory grows by, %", "growth in per cent, the highest", wanted=at_most(5)),
    Figure("soak", "soak: no error, no leak", "is as wanted", wanted=at_least(1)),
)
