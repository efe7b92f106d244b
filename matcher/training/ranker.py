"""Fits the ranker that ships: second step of `make train`, on graded pairs of real needs that did not tune the encoder.

What ships is numbers: the features of the judged pairs, their grades, and which belong to one need.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import GroupKFold

from matcher import calibration, ranking
from matcher.evaluation import stocked
from matcher.metrics import RELEVANT
from matcher.models import Achievement, Kind, Need
from matcher.ranking import Judgments, Ranker, Scores
from matcher.retrieval import POOL
from matcher.runs import Qrels
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import postings
from matcher.training.material import Material, written_files

LISTS = Path(ranking.__file__).parent / "lists"
VERSION = "shipped-3"
_FOLDS = 10
# Chosen on the development judgments, docs/ranking.md: without the rest of the pool, and without the written needs,
# terms count for too little.
_UNJUDGED_WEIGHT = 0.5
_WRITTEN_WEIGHT = 8.0


def fit_ranker(material: Material, settings: Settings, bench: Path, training: Path, cache: Path) -> Ranker:
    """Write the judged pairs and the ranker that ship with the project; return the ranker."""
    pairs = []
    for number, source in enumerate(_sources(material, bench, training)):
        files: dict[Kind, Path] = {"achievement": bench / "achievements.jsonl", "need": source.needs}
        with stocked(settings, files, cache) as service:
            pairs += [
                pool for need, grades in sorted(source.qrels.items()) if (pool := _pool(service, need, grades, source))
            ]
            model_id = service.engine.model_id()
        print(f"measured {len(pairs)} needs from {number + 1} files", flush=True)
    judgments = _numbered(pairs)
    np.savez_compressed(LISTS / "judgments.npz", **_compact(judgments))  # type: ignore[arg-type]
    ranking.shipped_judgments.cache_clear()
    kept = ranking.shipped_judgments()
    ranker = ranking.fit(kept, VERSION, model_id)
    ranker = replace(ranker, facts=ranker.facts | {"cross_validated": _figures(kept, model_id, ranker)})
    text = json.dumps(json.loads(ranking.to_json(ranker)), ensure_ascii=False, indent=1)
    (LISTS / "ranker.json").write_text(f"{text}\n", encoding="utf-8")
    return ranker


def cross_validated(judgments: Judgments, model_id: str) -> Scores:
    """Return the probability (n,) that each pair is given by a ranker that has not seen its need."""
    shares = np.zeros(len(judgments.grades))
    for seen, unseen in GroupKFold(_FOLDS).split(judgments.features, judgments.grades, judgments.groups):
        ranker = ranking.fit(judgments.at(seen), VERSION, model_id)
        shares[unseen] = ranker.probabilities(judgments.features[unseen])
    return shares


class _Source(NamedTuple):
    """Needs in a file and their grades, given by readers or not; how much a graded pair and one of the rest count."""

    needs: Path
    qrels: Qrels
    is_read: bool
    graded_weight: float
    rest_weight: float


def _sources(material: Material, bench: Path, training: Path) -> list[_Source]:
    """Return the needs that did not tune the encoder: graded real ones, and written ones with their one target."""
    real = {need: grades for need, grades in material.qrels.items() if not material.tunes_encoder(need)}
    written = {need: {target: 3} for need, target in material.targets.items() if not material.tunes_encoder(need)}
    files = [_Source(path, written, False, _WRITTEN_WEIGHT, _WRITTEN_WEIGHT) for path in written_files(training)]
    return [_Source(bench / "needs.jsonl", real, True, 1.0, _UNJUDGED_WEIGHT), *files]


def _pool(service: Service, name: str, grades: dict[str, int], source: _Source) -> Judgments | None:
    """Return the graded pairs of a need and the rest of its pool, taken for unrelated, as the service measures them.

    None when the need stands in another file.
    """
    need = postings.find_external(service.store.db, "need", name)
    if not isinstance(need, Need):
        return None
    found = [each.item_id for each in service.matching.retrieved("need", need.id, 2 * POOL)]
    named = (postings.find_external(service.store.db, "achievement", item) for item in grades)
    ids = dict.fromkeys([*(record.id for record in named if record), *found])
    records = postings.get_many(service.store.db, "achievement", list(ids))
    achievements = [record for record in records if isinstance(record, Achievement)]
    features = service.scoring.features(need, achievements)
    given = np.array([grades.get(each.external_id, 0) for each in achievements], dtype=np.int64)
    graded = np.array([each.external_id in grades for each in achievements])
    weights = np.where(graded, source.graded_weight, source.rest_weight)
    return Judgments(features, given, np.zeros(len(given), dtype=np.int64), weights, graded & source.is_read)


def _numbered(pairs: list[Judgments]) -> Judgments:
    """Return all pairs in one, each need numbered from 0."""
    counted = [each._replace(groups=np.full(len(each.grades), number)) for number, each in enumerate(pairs)]
    return Judgments(*(np.concatenate(parts) for parts in zip(*counted, strict=True)))


def _compact(judgments: Judgments) -> dict[str, npt.NDArray[Any]]:
    return {
        "features": judgments.features.astype(np.float32),
        "grades": judgments.grades.astype(np.int8),
        "groups": judgments.groups.astype(np.int16),
        "weights": judgments.weights.astype(np.float32),
        "judged": judgments.judged,
    }


def _figures(judgments: Judgments, model_id: str, ranker: Ranker) -> dict[str, Any]:
    """Return how the cross-validated probabilities do over the pairs that somebody judged."""
    judged = judgments.judged
    shares, relevant = cross_validated(judgments, model_id)[judged], judgments.grades[judged] >= RELEVANT
    shown = calibration.point(shares, relevant, ranker.thresholds[3])
    found = {
        "folds": _FOLDS,
        "brier_skill": calibration.brier_skill(shares, relevant),
        "calibration_error": calibration.calibration_error(calibration.reliability(shares, relevant)),
        "precision": shown.precision,
        "coverage": shown.coverage,
        "auc": calibration.auc(shares.tolist(), relevant.tolist()),
    }
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in found.items()}
