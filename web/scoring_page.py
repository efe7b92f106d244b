"""The page that says how matches are scored, made from the ranker in force, never written beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from matcher.features import FAMILY_NAMES, FEATURES, Family, Feature
from matcher.models import LEVEL_NAMES, TRUSTED_LEVEL, Level
from matcher.policy import Action
from matcher.ranking import Ranker
from web import confidence
from web.access import rule
from web.current import service

bp = Blueprint("scoring", __name__)

_STEPS = 10
FACT_NAMES = {
    "trained_at": "训练时间",
    "pairs": "配对数",
    "judged": "其中有人评判",
    "relevant": "其中较强相关及以上",
    "needs": "涉及的需求",
    "verdicts": "其中本站的评判",
    "shipped": "其中随程序附带的评判",
    "cross_validated": "按需求交叉验证",
    "held_back": "在留出的需求上",
    "folds": "份数",
    "against": "与哪一版比较",
    "before": "原来那版",
    "after": "新的一版",
    "left_out": "没有采用的评判",
    "log_loss": "对数损失（越小越好）",
    "brier": "布赖尔分（越小越好）",
    "brier_skill": "布赖尔技巧分（高于 0 才有用）",
    "calibration_error": "校准误差（越小越好）",
    "ndcg": "nDCG@10（越大越好）",
    "auc": "AUC（越大越好）",
    "precision": "判为较强相关及以上时的准确率",
    "coverage": "应判为较强相关及以上的找出率",
}


@dataclass(frozen=True, slots=True)
class Weight:
    """One feature as the ranker weighs it: `effect` in points for each `step` more, `bar` (0-100) over its range."""

    feature: Feature
    direction: str
    step: str
    effect: str
    bar: int
    is_gain: bool


@dataclass(frozen=True, slots=True)
class Band:
    """One level and the probabilities (0-1) it stands for, from `least` to below `most`; None at the ends."""

    level: Level
    least: float | None
    most: float | None
    is_working_point: bool


@bp.get("/scoring")
@rule(Action.BROWSE)
def explained() -> str:
    """What is measured, how much each part weighs, what the levels mean, and where the model comes from."""
    ranker = service().scoring.ranker()
    return render_template(
        "scoring/explained.html",
        ranker=ranker,
        families=_families(ranker),
        bands=bands(ranker.thresholds),
        base_probability=confidence.probability(ranker.base),
        facts=facts_in_words(ranker.facts),
        fits_model=ranker.model_id == service().engine.model_id(),
    )


def _families(ranker: Ranker) -> dict[str, list[Weight]]:
    """Return the features of each family with their weights, in the order of `FEATURES`."""
    reaches = [
        abs(coefficient) * (feature.high - feature.low)
        for feature, coefficient in zip(FEATURES, ranker.coefficients, strict=True)
    ]
    found: dict[Family, list[Weight]] = {}
    for feature, coefficient, reach in zip(FEATURES, ranker.coefficients, reaches, strict=True):
        weight = _weight(feature, coefficient, reach / (max(reaches) or 1.0))
        found.setdefault(feature.family, []).append(weight)
    return {FAMILY_NAMES[family]: weights for family, weights in found.items()}


def _weight(feature: Feature, coefficient: float, share: float) -> Weight:
    step = (feature.high - feature.low) / _STEPS
    direction = "不计" if coefficient == 0 else "越大越好" if coefficient > 0 else "越小越好"
    effect = confidence.points_in_words(coefficient * step, decimals=1)
    return Weight(feature, direction, f"{step:.2g}", effect, round(100 * share), coefficient > 0)


def bands(thresholds: Mapping[Level, float]) -> list[Band]:
    """Return the levels from the best down with the probabilities between which they lie."""
    found, most = [], None
    for level in LEVEL_NAMES:
        least = thresholds.get(level)
        found.append(Band(level, least, most, level == TRUSTED_LEVEL))
        most = least
    return found


def facts_in_words(facts: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    """Return what a ranker tells of its origin as (name, value); what has no Chinese name keeps its own."""
    found = []
    for key, value in facts.items():
        name = f"{above}{FACT_NAMES.get(key, key)}"
        if isinstance(value, Mapping):
            found += facts_in_words(value, f"{name}：")
        elif isinstance(value, list):
            found.append((name, "、".join(map(_figure, value))))
        else:
            found.append((name, _figure(value)))
    return found


def _figure(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
