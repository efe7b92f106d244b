"""Measuring retrieval against graded judgments, in a throw-away store, through the code that serves pages."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np

from index.vector_cache import CachedEncoder
from matcher import metrics
from matcher.errors import InvalidInputError
from matcher.models import Candidate, Kind
from matcher.ranking import Ranker, probability
from matcher.retrieval import POOL
from matcher.runs import Qrels, Row, Run
from matcher.search_engine import load_configured_encoder
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import postings

Progress = Callable[[str, int, int], None]


def evaluate(
    settings: Settings,
    files: Mapping[Kind, Path],
    needs: Sequence[str],
    top: int = 100,
    cache: Path | None = None,
    progress: Progress | None = None,
    fusion: bool = False,
) -> Run:
    """Return the whole ranked pool of each of `needs` over the files' records: at least `top` rows, if there are.

    The order is that of the shipped ranker, or with `fusion` the fixed one of retrieval (then just `top` rows).

    Raises: ImportFileError; InvalidInputError when a file has bad rows or lacks one of `needs`.
    """
    with stocked(settings, files, cache, progress) as service:
        return _ranked(service, needs, top, fusion, progress)


@contextmanager
def stocked(
    settings: Settings, files: Mapping[Kind, Path], cache: Path | None = None, progress: Progress | None = None
) -> Iterator[Service]:
    """Yield a service of the configured model whose throw-away store holds the files' records.

    `cache` is a folder that keeps vectors between calls.

    Raises: ImportFileError; InvalidInputError when a file has bad rows.
    """
    encoder = load_configured_encoder(settings)
    if cache is not None:
        encoder = CachedEncoder(encoder, cache)
    with tempfile.TemporaryDirectory(prefix="matcher-evaluate-") as folder:
        # A throw-away store leaves nothing in a Milvus.
        service = Service(replace(settings, home=Path(folder), index="faiss"), encoder)
        try:
            for kind, path in files.items():
                _import(service, kind, path, progress)
            yield service
        finally:
            service.close()


def reranked(run: Run, ranker: Ranker) -> Run:
    """Return the pools in the order of another ranker, equal rows in the order they had."""
    return {need: _reranked(rows, ranker) if rows else [] for need, rows in run.items()}


def report(ranked: Mapping[str, Sequence[str]], qrels: Qrels) -> dict[str, float]:
    """Return the metrics, each the mean over the needs that can score on it (see `metrics.figures_by_need`)."""
    figures = metrics.figures_by_need(ranked, qrels)
    means = {name: round(fmean(values.values()), 4) if values else 0.0 for name, values in figures.items()}
    return means | {"needs": len(qrels)}


def _reranked(rows: Sequence[Row], ranker: Ranker) -> list[Row]:
    odds = ranker.log_odds(np.array([row.features for row in rows]))
    shares = probability(odds)
    scored = [
        row._replace(score=float(odd), probability=float(share), level=ranker.level(float(share)))
        for row, odd, share in zip(rows, odds, shares, strict=True)
    ]
    return sorted(scored, key=lambda row: -row.score)


def _import(service: Service, kind: Kind, path: Path, progress: Progress | None) -> None:
    step = (lambda done, total: progress(kind, done, total)) if progress else None
    outcome = service.importing.import_file(kind, path, "evaluate", progress=step)
    if outcome.problems:
        first = outcome.problems[0]
        raise InvalidInputError(
            {"file": f"{path.name} 第 {first.line} 行 {first.field}“{first.value}”：{first.reason}"}
        )


def _ranked(service: Service, needs: Sequence[str], top: int, fusion: bool, progress: Progress | None) -> Run:
    run: Run = {}
    for number, name in enumerate(needs, 1):
        need = postings.find_external(service.store.db, "need", name)
        if need is None:
            raise InvalidInputError({"qrels": f"评判文件提到需求 {name}，需求文件里没有它；请检查两个文件是否配套"})
        if fusion:
            found = service.matching.retrieved("need", need.id, top)
        else:
            found = service.matching.candidates("need", need.id, max(top, 2 * POOL))
        run[name] = _rows(service, found)
        if progress:
            progress("rank", number, len(needs))
    return run


def _rows(service: Service, found: Sequence[Candidate]) -> list[Row]:
    records = postings.get_many(service.store.db, "achievement", [candidate.item_id for candidate in found])
    return [
        Row(record.external_id, each.score, each.probability, each.level, each.features)
        for record, each in zip(records, found, strict=True)
    ]
