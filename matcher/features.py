"""What is measured of a need with an achievement: one documented number a feature, pure.

A pair's features are the same from both sides and do not depend on filters. What a record does not say is
neutral: the feature then takes the value from which contributions are counted.
"""

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from index.bm25 import gains
from matcher.controlled_lists import regions, technical_fields
from matcher.models import Achievement, Need

Matrix = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.float64]
Family = Literal["meaning", "terms", "need", "field", "maturity", "region", "mode", "budget", "freshness"]

FAMILY_NAMES: dict[Family, str] = {
    "meaning": "含义",
    "terms": "术语",
    "need": "需求的写法",
    "field": "领域",
    "maturity": "成熟度",
    "region": "地区",
    "mode": "合作方式",
    "budget": "预算",
    "freshness": "时间",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One number of a pair: its range, and the value of a pair of which it says nothing."""

    name: str
    label: str
    family: Family
    meaning: str
    low: float
    high: float
    neutral: float = 0.0


FEATURES: tuple[Feature, ...] = (
    Feature(
        name="cosine",
        label="全文含义",
        family="meaning",
        meaning="两段全文的向量有多近（−1 至 1，越大越近）",
        low=-1.0,
        high=1.0,
    ),
    Feature(
        name="title_coverage",
        label="需求标题术语的覆盖",
        family="terms",
        meaning="需求标题里的术语按稀有程度计，成果里出现了多大一份（0 至 1）",
        low=0.0,
        high=1.0,
    ),
    Feature(
        name="title_asked",
        label="成果标题被需求提到",
        family="terms",
        meaning="成果标题里的术语按稀有程度计，需求里提到了多大一份（0 至 1）",
        low=0.0,
        high=1.0,
    ),
    Feature(
        name="bm25",
        label="术语的分量",
        family="terms",
        meaning="成果里共有术语的 BM25 分（取对数 ln(1+分)）",
        low=0.0,
        high=8.0,
    ),
    Feature(
        name="need_manner",
        label="需求的写法",
        family="need",
        meaning="需求更像企业通常发布的产品式需求（正），还是更像围绕一个具体问题写的需求（负）；同一需求的所有成果都一样",
        low=-1.0,
        high=1.0,
    ),
    Feature(
        name="field_agreement",
        label="技术领域一致",
        family="field",
        meaning="同一小类为 1，同一大类为 0.5，不同为 −1，任一方未填为 0",
        low=-1.0,
        high=1.0,
    ),
    Feature(
        name="maturity_gap",
        label="成熟度达到要求",
        family="maturity",
        meaning="成果比需求要求的成熟度高为 1，每低一级减 0.5，最低 −2；任一方未填为 0",
        low=-2.0,
        high=1.0,
    ),
    Feature(
        name="region_closeness",
        label="地区相近",
        family="region",
        meaning="同县区为 1，同市 0.7，同省 0.4，其余或任一方未填为 0",
        low=0.0,
        high=1.0,
    ),
    Feature(
        name="mode_fit",
        label="合作方式相合",
        family="mode",
        meaning="有共同的合作方式为 1，没有为 −1，任一方未填为 0",
        low=-1.0,
        high=1.0,
    ),
    Feature(
        name="budget_fit",
        label="预算够得上报价",
        family="budget",
        meaning="预算不低于报价为 1，低于报价按倍数递减至 −1，任一方未填为 0",
        low=-1.0,
        high=1.0,
    ),
    Feature(
        name="freshness",
        label="成果新近更新",
        family="freshness",
        meaning="成果比需求早更新不到一年为 0，每早一年减 0.2，最低 −1",
        low=-1.0,
        high=0.0,
    ),
)
NAMES: tuple[str, ...] = tuple(feature.name for feature in FEATURES)

# Terms of an achievement, those of the title counted twice.
_USUAL_LENGTH = 150.0
_YEAR_DAYS = 365.25


class NeedSide(NamedTuple):
    """What a need brings: its T different terms; of each, float64 (T,), rarity × count where it is a telling one and
    its rarity where it stands in the title, else 0; the cosine of its vector with the direction from needs written for
    one achievement to needs that firms posted."""

    record: Need
    terms: Sequence[str]
    weights: Numbers
    title_weights: Numbers
    manner: float = 0.0


class AchievementSides(NamedTuple):
    """What n achievements bring to a need: how often each holds each of its terms, (T, n), how many terms each has in
    all, (n,), both with title terms counted twice; those of each title with their rarity; their cosines, (n,)."""

    records: Sequence[Achievement]
    counts: Numbers
    lengths: Numbers
    titles: Sequence[Mapping[str, float]]
    cosines: Numbers


def pair_features(need: NeedSide, others: AchievementSides) -> Matrix:
    """Return float64 (n, F): a row for the need with each achievement, columns in the order of `FEATURES`."""
    likeness = _likeness(need, others)
    facts = np.array([_facts(need.record, other) for other in others.records], dtype=np.float64)
    return np.hstack([likeness, facts.reshape(len(likeness), len(FEATURES) - likeness.shape[1])])


def _likeness(need: NeedSide, others: AchievementSides) -> Matrix:
    """Return float64 (n, 5). Sums run from term to term for all achievements alike: equal ones stay equal."""
    asked = frozenset(need.terms)
    covered = (need.title_weights[:, None] * (others.counts > 0)).sum(axis=0)
    return np.column_stack(
        [
            others.cosines,
            covered / (need.title_weights.sum() or 1.0),
            [_share_found(title, asked) for title in others.titles],
            np.log1p(_bm25(need.weights, others.counts, others.lengths)),
            np.full(len(others.records), need.manner),
        ]
    )


def _share_found(weights: Mapping[str, float], held: Container[str]) -> float:
    total = sum(weights.values())
    return sum(weight for term, weight in weights.items() if term in held) / total if total else 0.0


def _bm25(weights: Numbers, counts: Numbers, lengths: Numbers) -> Numbers:
    """Return the BM25 of each achievement (`index.bm25`), (n,), at least 0.

    `weights` hold rarity × count. Lengths are compared with a fixed one instead of the collection's mean, so that a
    score stays what it is.
    """
    scores: Numbers = gains(weights[:, None], counts, lengths, _USUAL_LENGTH).sum(axis=0)
    return scores


def _facts(need: Need, achievement: Achievement) -> list[float]:
    return [
        field_agreement(need.field, achievement.field),
        maturity_gap(need.maturity, achievement.maturity),
        region_closeness(need.region, achievement.region),
        mode_fit(need.modes, achievement.modes),
        budget_fit(need.budget_yuan, achievement.asking_price_yuan),
        freshness(need.updated_at, achievement.updated_at),
    ]


def field_agreement(wanted: str, offered: str) -> float:
    """Return 1 for the same field, 0.5 for the same first level, -1 for others, 0 when a side is not in the list."""
    known = technical_fields()
    if wanted not in known or offered not in known:
        return 0.0
    if wanted == offered:
        return 1.0
    return 0.5 if known.lineage(wanted)[0] == known.lineage(offered)[0] else -1.0


def maturity_gap(wanted: int | None, reached: int | None) -> float:
    """Return 1 when the level wanted is reached, 0.5 less for each level below, at least -2; 0 when not said."""
    if wanted is None or reached is None:
        return 0.0
    return max(-2.0, 1.0 - 0.5 * max(0, wanted - reached))


def region_closeness(wanted: str, offered: str) -> float:
    """Return 1 in the same district, 0.7 in the same city, 0.4 in the same province, else 0."""
    shared = len(set(regions().lineage(wanted)) & set(regions().lineage(offered)))
    return (0.0, 0.4, 0.7, 1.0)[min(shared, 3)]


def mode_fit(accepted: Sequence[str], offered: Sequence[str]) -> float:
    """Return 1 when a mode of cooperation is shared, -1 when none is, 0 when a side names none."""
    if not accepted or not offered:
        return 0.0
    return 1.0 if set(accepted) & set(offered) else -1.0


def budget_fit(budget_yuan: int | None, price_yuan: int | None) -> float:
    """Return 1 when the budget pays the price, falling with log2(price / budget) to -1; 0 when not said."""
    if budget_yuan is None or price_yuan is None:
        return 0.0
    return float(np.clip(1.0 - math.log2(max(price_yuan, 1) / max(budget_yuan, 1)), -1.0, 1.0))


def freshness(asked_at: datetime | None, offered_at: datetime | None) -> float:
    """Return 0 for an achievement at most a year older than the need, 0.2 less for each further year, at least -1."""
    if asked_at is None or offered_at is None:
        return 0.0
    years = (asked_at - offered_at).days / _YEAR_DAYS
    return max(-1.0, -0.2 * max(0.0, years - 1.0))
