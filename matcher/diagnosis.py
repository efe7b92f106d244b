"""Which needs fail and why, what each family of features is worth, and whether probabilities hold, for a run. Pure.

A run here holds whole pools, best first; what was not judged counts as not relevant unless said otherwise.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np

from matcher import calibration, metrics
from matcher.calibration import Probabilities, Truth
from matcher.comparing import Difference, compare
from matcher.evaluation import reranked
from matcher.features import FAMILY_NAMES, FEATURES, Family
from matcher.models import LEVEL_NAMES
from matcher.ranking import Judgments, fit
from matcher.resampling import grouped_interval
from matcher.runs import Qrels, Row, Run, cut, items

SHOWN = 10
Failure = Literal["", "retrieval", "ranking", "unanswerable"]
_Group = tuple[Probabilities, Truth]


class NeedOutcome(NamedTuple):
    """How one need fared: `failure` says why the first ten hold nothing of grade >= 2, if they do not.

    "retrieval": the pool holds nothing relevant; "ranking": it does, but not in front; "unanswerable": nothing
    relevant is known. `first_rank` is the place of the first relevant row in the whole pool.
    """

    need: str
    failure: Failure
    relevant: int
    relevant_in_pool: int
    first_rank: int | None
    best_probability: float | None
    figures: dict[str, float]


class FamilyWorth(NamedTuple):
    """What leaving out a family of features does: figure → difference of the ranker without it and the one with all."""

    family: Family
    features: tuple[str, ...]
    differences: dict[str, Difference]


def per_need(run: Run, qrels: Qrels, top: int = 100) -> list[NeedOutcome]:
    """Return what became of each judged need, by nDCG@10, worst first; needs that cannot score come last."""
    figures = metrics.figures_by_need(items(cut(run, top)), qrels)
    outcomes = [
        _outcome(need, run[need], grades, {name: values[need] for name, values in figures.items() if need in values})
        for need, grades in qrels.items()
    ]
    return sorted(outcomes, key=lambda each: (each.figures.get("ndcg@10", 2.0), each.need))


def ablation(run: Run, qrels: Qrels, judgments: Judgments, top: int = 100) -> list[FamilyWorth]:
    """Return what each family of features is worth: rankers refitted to `judgments` without it, against one with all.

    The pools of `run` stay as they are, so this is what a family adds to ranking, not to retrieval.
    """
    whole = _figures(run, qrels, judgments, (), top)
    worth = []
    for family in FAMILY_NAMES:
        names = tuple(feature.name for feature in FEATURES if feature.family == family)
        worth.append(FamilyWorth(family, names, compare(whole, _figures(run, qrels, judgments, names, top))))
    return worth


def calibration_report(run: Run, qrels: Qrels, threshold: float) -> dict[str, Any]:
    """Return how far the probabilities of the first ten rows hold, as JSON values; `threshold` is the working point.

    Intervals are drawn over needs. `judged_only` leaves out the rows that nobody judged.
    """
    groups = [_group(run[need][:SHOWN], grades) for need, grades in qrels.items()]
    probabilities, relevant = _joined(groups)
    best = calibration.best_point(probabilities, relevant)
    return {
        **_figures_of_rows(groups),
        "reliability": [each._asdict() for each in calibration.reliability(probabilities, relevant)],
        "levels": _levels(run, qrels),
        "working_point": calibration.point(probabilities, relevant, threshold)._asdict(),
        "best_point": best and best._asdict(),
        "curve": [each._asdict() for each in calibration.curve(probabilities, relevant)],
        "judged_only": _figures_of_rows(
            [_group([row for row in run[need][:SHOWN] if row.item in grades], grades) for need, grades in qrels.items()]
        ),
        "none": _none(run, qrels, threshold),
    }


def _outcome(need: str, rows: Sequence[Row], grades: dict[str, int], figures: dict[str, float]) -> NeedOutcome:
    relevant = sum(grade >= metrics.RELEVANT for grade in grades.values())
    ranks = [rank for rank, row in enumerate(rows, 1) if grades.get(row.item, 0) >= metrics.RELEVANT]
    return NeedOutcome(
        need=need,
        failure=_failure(relevant, ranks),
        relevant=relevant,
        relevant_in_pool=len(ranks),
        first_rank=ranks[0] if ranks else None,
        best_probability=rows[0].probability if rows else None,
        figures=figures,
    )


def _failure(relevant: int, ranks: Sequence[int]) -> Failure:
    if not relevant:
        return "unanswerable"
    if not ranks:
        return "retrieval"
    return "" if ranks[0] <= SHOWN else "ranking"


def _figures(run: Run, qrels: Qrels, judgments: Judgments, leave_out: Sequence[str], top: int) -> metrics.Figures:
    ranker = fit(judgments, "ablation", "", leave_out=leave_out)
    return metrics.figures_by_need(items(cut(reranked(run, ranker), top)), qrels)


def _group(rows: Sequence[Row], grades: dict[str, int]) -> _Group:
    relevant = [grades.get(row.item, 0) >= metrics.RELEVANT for row in rows]
    return np.array([row.probability for row in rows], dtype=np.float64), np.array(relevant, dtype=np.bool_)


def _joined(groups: Sequence[_Group]) -> _Group:
    if not groups:
        return np.zeros(0), np.zeros(0, dtype=np.bool_)
    return np.concatenate([each for each, _ in groups]), np.concatenate([truth for _, truth in groups])


def _error(groups: Sequence[_Group], spacing: calibration.Spacing = "width") -> float | None:
    return calibration.calibration_error(calibration.reliability(*_joined(groups), spacing))


def _skill(groups: Sequence[_Group]) -> float | None:
    return calibration.brier_skill(*_joined(groups))


def _figures_of_rows(groups: Sequence[_Group]) -> dict[str, Any]:
    probabilities, relevant = _joined(groups)
    return {
        "rows": len(relevant),
        "relevant": int(relevant.sum()),
        "base_rate": float(relevant.mean()) if len(relevant) else None,
        "brier": calibration.brier(probabilities, relevant),
        "brier_skill": _skill(groups),
        "brier_skill_interval": grouped_interval(groups, _skill),
        "ece": _error(groups),
        "ece_interval": grouped_interval(groups, _error),
        "ece_equal_mass": _error(groups, "mass"),
    }


def _levels(run: Run, qrels: Qrels) -> list[dict[str, Any]]:
    """Return for each level how many of the rows shown bear it, and the share of those of grade >= 2."""
    shown = [
        (row.level, grades.get(row.item, 0) >= metrics.RELEVANT)
        for need, grades in qrels.items()
        for row in run[need][:SHOWN]
    ]
    found = {level: [right for each, right in shown if each == level] for level in LEVEL_NAMES}
    return [
        {
            "level": level,
            "name": LEVEL_NAMES[level],
            "rows": len(right),
            "share": sum(right) / len(right) if right else None,
        }
        for level, right in found.items()
    ]


def _none(run: Run, qrels: Qrels, threshold: float) -> dict[str, Any]:
    best = [max((row.probability or 0.0 for row in run[need][:SHOWN]), default=0.0) for need in qrels]
    answerable = [max(grades.values(), default=0) >= metrics.RELEVANT for grades in qrels.values()]
    table = calibration.none_table(best, answerable, threshold)
    return {"auc": calibration.auc(best, answerable), "threshold": threshold, **table._asdict()}
