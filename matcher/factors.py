"""The parts of a match's score: what each family of features adds, exactly, and what the records say about it. Pure."""

from collections.abc import Callable, Sequence

from matcher.answers import Factor
from matcher.controlled_lists import cooperation_modes, regions, technical_fields
from matcher.features import FAMILY_NAMES, FEATURES, Family
from matcher.models import Achievement, Need

_MOST_LABELS = 2
_NEED_FACTS = {
    "indicators": "技术指标",
    "field": "技术领域",
    "maturity": "成熟度",
    "region": "地区",
    "modes": "合作方式",
    "budget_yuan": "预算",
}
_ACHIEVEMENT_FACTS = {name: label for name, label in _NEED_FACTS.items() if name != "budget_yuan"} | {
    "asking_price_yuan": "报价"
}


def factors(need: Need, achievement: Achievement, contributions: Sequence[float]) -> tuple[Factor, ...]:
    """Return the families of features, the one that adds or takes away most first.

    `contributions` holds what each of `FEATURES` adds to the log-odds; those of a family are summed.
    """
    parts: dict[Family, dict[str, float]] = {}
    for feature, part in zip(FEATURES, contributions, strict=True):
        parts.setdefault(feature.family, {})[feature.label] = part
    found = [
        Factor(
            name=FAMILY_NAMES[family],
            contribution=sum(labelled.values()),
            words=_COMPARISONS[family](need, achievement) if family in _COMPARISONS else _heaviest(labelled),
        )
        for family, labelled in parts.items()
    ]
    return tuple(sorted(found, key=lambda factor: -abs(factor.contribution)))


def missing(need: Need, achievement: Achievement) -> tuple[str, ...]:
    """Return what the two records do not say, in words (需求未填技术指标)."""
    return (
        *(f"需求未填{label}" for name, label in _NEED_FACTS.items() if _is_empty(getattr(need, name))),
        *(f"成果未填{label}" for name, label in _ACHIEVEMENT_FACTS.items() if _is_empty(getattr(achievement, name))),
    )


def _is_empty(value: object) -> bool:
    return value is None or value == "" or value == ()


def _heaviest(labelled: dict[str, float]) -> str:
    ranked = sorted(labelled, key=lambda label: -abs(labelled[label]))[:_MOST_LABELS]
    return f"主要看{'、'.join(ranked)}"


def _unsaid(wanted: object, offered: object, need_label: str, achievement_label: str = "") -> str:
    """Return which side does not say the thing; "" when both do."""
    sides = (
        f"需求未填{need_label}" if _is_empty(wanted) else "",
        f"成果未填{achievement_label or need_label}" if _is_empty(offered) else "",
    )
    return "，".join(filter(None, sides))


def _compare_fields(need: Need, achievement: Achievement) -> str:
    wanted, offered, known = need.field, achievement.field, technical_fields()
    if unsaid := _unsaid(wanted, offered, "技术领域"):
        return unsaid
    if wanted not in known or offered not in known:
        return "有一方的领域不在国家目录内，没有比较"
    if wanted == offered:
        return f"相同：{known.name(wanted)}"
    shared = set(known.lineage(wanted)) & set(known.lineage(offered))
    return f"同属{known.name(min(shared))}" if shared else "不同"


def _compare_maturity(need: Need, achievement: Achievement) -> str:
    wanted, reached = need.maturity, achievement.maturity
    if wanted is None or reached is None:
        return _unsaid(wanted, reached, "成熟度")
    return f"成果 {reached} 级，{'达到' if reached >= wanted else '低于'}需求的 {wanted} 级"


def _compare_regions(need: Need, achievement: Achievement) -> str:
    wanted, offered, known = need.region, achievement.region, regions()
    if unsaid := _unsaid(wanted, offered, "地区"):
        return unsaid
    if wanted not in known or offered not in known:
        return "有一方的地区不在行政区划表内，没有比较"
    shared = set(known.lineage(wanted)) & set(known.lineage(offered))
    return f"同在{known.name(max(shared, key=lambda code: len(code.rstrip('0'))))}" if shared else "不同省份"


def _compare_modes(need: Need, achievement: Achievement) -> str:
    if unsaid := _unsaid(need.modes, achievement.modes, "合作方式"):
        return unsaid
    shared = [cooperation_modes().name(mode) for mode in need.modes if mode in achievement.modes]
    return f"都接受{'、'.join(shared)}" if shared else "没有共同的合作方式"


def _compare_money(need: Need, achievement: Achievement) -> str:
    budget, price = need.budget_yuan, achievement.asking_price_yuan
    if budget is None or price is None:
        return _unsaid(budget, price, "预算", "报价")
    return f"预算 {budget / 10_000:,g} 万元，报价 {price / 10_000:,g} 万元"


def _tell_freshness(_: Need, achievement: Achievement) -> str:
    at = achievement.updated_at
    return f"成果更新于 {at.year} 年 {at.month} 月" if at else ""


_COMPARISONS: dict[Family, Callable[[Need, Achievement], str]] = {
    "field": _compare_fields,
    "maturity": _compare_maturity,
    "region": _compare_regions,
    "mode": _compare_modes,
    "budget": _compare_money,
    "freshness": _tell_freshness,
}
# The families that compare one fact of both sides; all others weigh the texts.
COMPARED = frozenset(FAMILY_NAMES[family] for family in _COMPARISONS)
