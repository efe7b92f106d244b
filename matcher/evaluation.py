"""Measuring retrieval against graded judgments, in a throw-away store, through the code that serves pages."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from index.encoder import Encoder
from index.vector_cache import CachedEncoder
from matcher import metrics
from matcher.errors import ImportFileError, InvalidInputError
from matcher.models import Kind
from matcher.search_engine import load_configured_encoder
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import postings

Qrels = dict[str, dict[str, int]]
Run = dict[str, list[tuple[str, float]]]
Progress = Callable[[str, int, int], None]


def read_qrels(path: Path) -> Qrels:
    """Return need id → achievement id → grade from a TREC qrels file (`need 0 achievement grade`).

    Raises: ImportFileError naming the line that is not of that form.
    """
    qrels: Qrels = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ImportFileError(f"无法读取评判文件 {path}：{error}") from error
    for number, line in enumerate(lines, 1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 4 or not parts[3].isdecimal():
            raise ImportFileError(
                f"评判文件 {path.name} 第 {number} 行“{line[:60]}”应为：需求编号 0 成果编号 等级(0-3)"
            )
        qrels.setdefault(parts[0], {})[parts[2]] = int(parts[3])
    return qrels


def evaluate(
    settings: Settings,
    files: Mapping[Kind, Path],
    qrels: Qrels,
    top: int = 100,
    cache: Path | None = None,
    progress: Progress | None = None,
    encoder: Encoder | None = None,
) -> tuple[dict[str, float], Run]:
    """Return the report (see `report`, and `seconds`) and the run of the needs in `qrels` over the files' records.

    The model is the configured one unless `encoder` is given; `cache` is a folder that keeps vectors between calls.

    Raises: ImportFileError; InvalidInputError when a file has bad rows or lacks a judged need.
    """
    started = time.monotonic()
    encoder = encoder or load_configured_encoder(settings)
    if cache is not None:
        encoder = CachedEncoder(encoder, cache)
    with tempfile.TemporaryDirectory(prefix="matcher-evaluate-") as folder:
        service = Service(replace(settings, home=Path(folder)), encoder)
        try:
            for kind, path in files.items():
                _import(service, kind, path, progress)
            run = _rank(service, sorted(qrels), top, progress)
        finally:
            service.close()
    ranked = {need: [item for item, _ in found] for need, found in run.items()}
    return report(ranked, qrels) | {"seconds": round(time.monotonic() - started, 1)}, run


def report(ranked: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, float]:
    """Return the metrics, each the mean over the needs that can score on it.

    nDCG and judged count needs with any grade >= 1, the others needs with any grade >= 2.
    """
    graded = [need for need, grades in qrels.items() if any(grades.values())]
    solvable = [need for need, grades in qrels.items() if max(grades.values()) >= metrics.RELEVANT]
    return {
        "ndcg@10": _mean([metrics.ndcg(ranked[need], qrels[need]) for need in graded]),
        "mrr@10": _mean([metrics.reciprocal_rank(ranked[need], qrels[need]) for need in solvable]),
        "recall@10": _mean([metrics.recall(ranked[need], qrels[need], 10) for need in solvable]),
        "recall@100": _mean([metrics.recall(ranked[need], qrels[need], 100) for need in solvable]),
        "judged@10": _mean([metrics.judged(ranked[need], qrels[need]) for need in graded]),
        "needs": len(qrels),
    }


def write_run(path: Path, run: Run, tag: str = "matcher") -> None:
    """Write a TREC run file: `need Q0 achievement rank score tag`."""
    lines = [
        f"{need} Q0 {item} {rank} {score:.6f} {tag}\n"
        for need, found in run.items()
        for rank, (item, score) in enumerate(found, 1)
    ]
    path.write_text("".join(lines), encoding="utf-8")


def _import(service: Service, kind: Kind, path: Path, progress: Progress | None) -> None:
    step = (lambda done, total: progress(kind, done, total)) if progress else None
    outcome = service.importing.import_file(kind, path, "evaluate", progress=step)
    if outcome.problems:
        first = outcome.problems[0]
        raise InvalidInputError(
            {"file": f"{path.name} 第 {first.line} 行 {first.field}“{first.value}”：{first.reason}"}
        )


def _rank(service: Service, needs: Sequence[str], top: int, progress: Progress | None) -> Run:
    run: Run = {}
    for number, name in enumerate(needs, 1):
        need = postings.find_external(service.store.db, "need", name)
        if need is None:
            raise InvalidInputError({"qrels": f"评判文件提到需求 {name}，需求文件里没有它；请检查两个文件是否配套"})
        found = service.matching.ranked_ids("need", need.id, top)
        records = postings.get_many(service.store.db, "achievement", [item_id for item_id, _ in found])
        run[name] = [(record.external_id, score) for record, (_, score) in zip(records, found, strict=True)]
        if progress:
            progress("rank", number, len(needs))
    return run


def _mean(values: Sequence[float]) -> float:
    return round(fmean(values), 4) if values else 0.0
