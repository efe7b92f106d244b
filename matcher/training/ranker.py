"""Fits the ranker that ships: second step of `make train`, on graded pairs of real needs that did not tune the encoder.

What ships is numbers: the features of the judged pairs, their grades, and which belong to one need.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold

from matcher import calibration, ranking
from matcher.evaluation import stocked
from matcher.models import Achievement, Need
from matcher.ranking import RELEVANT_GRADE, Judgments, Ranker, Scores
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import postings
from matcher.training.material import Material

LISTS = Path(ranking.__file__).parent / "lists"
VERSION = "shipped-1"
_FOLDS = 10


def fit_ranker(material: Material, settings: Settings, bench: Path, cache: Path) -> Ranker:
    """Write the judged pairs and the ranker that ship with the project; return the ranker."""
    files = {"achievement": bench / "achievements.jsonl", "need": bench / "needs.jsonl"}
    with stocked(settings, files, cache) as service:
        judgments = _measured(service, material)
        model_id = service.engine.model_id()
    np.savez_compressed(
        LISTS / "judgments.npz",
        features=judgments.features.astype(np.float32),
        grades=judgments.grades.astype(np.int8),
        groups=judgments.groups.astype(np.int16),
    )
    kept = Judgments(judgments.features.astype(np.float32).astype(np.float64), judgments.grades, judgments.groups)
    shares = cross_validated(kept, model_id)
    ranker = ranking.fit(kept, VERSION, model_id)
    ranker = replace(ranker, facts=ranker.facts | {"cross_validated": _figures(kept, shares, ranker)})
    (LISTS / "ranker.json").write_text(json.dumps(json.loads(ranking.to_json(ranker)), ensure_ascii=False, indent=1))
    return ranker


def cross_validated(judgments: Judgments, model_id: str) -> Scores:
    """Return the probability (n,) that each pair is given by a ranker that has not seen its need."""
    shares = np.zeros(len(judgments.grades))
    folds = GroupKFold(_FOLDS).split(judgments.features, judgments.grades, judgments.groups)
    for seen, unseen in folds:
        ranker = ranking.fit(Judgments(*(part[seen] for part in judgments)), VERSION, model_id)
        shares[unseen] = ranker.probabilities(judgments.features[unseen])
    return shares


def _measured(service: Service, material: Material) -> Judgments:
    """Return the judged pairs of the needs left to the ranker, as the running service measures them."""
    features, grades, groups = [], list[int](), list[int]()
    for number, (need, judged) in enumerate(_left(service, material)):
        records = [postings.find_external(service.store.db, "achievement", name) for name in judged]
        achievements = [record for record in records if isinstance(record, Achievement)]
        features.append(service.scoring.features(need, achievements))
        grades += judged.values()
        groups += [number] * len(judged)
    return Judgments(np.vstack(features), np.array(grades, dtype=np.int64), np.array(groups, dtype=np.int64))


def _left(service: Service, material: Material) -> Iterator[tuple[Need, dict[str, int]]]:
    for name, judged in sorted(material.qrels.items()):
        need = postings.find_external(service.store.db, "need", name)
        if isinstance(need, Need) and not material.tunes_encoder(name):
            yield need, judged


def _figures(judgments: Judgments, shares: Scores, ranker: Ranker) -> dict[str, Any]:
    """Return how the cross-validated probabilities do over all judged pairs."""
    relevant = judgments.grades >= RELEVANT_GRADE
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
