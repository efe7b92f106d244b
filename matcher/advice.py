"""What may bring a better counterpart when there is none to trust. Pure."""

from collections.abc import Mapping

from matcher.answers import Advice
from matcher.completeness import gaps
from matcher.models import Filters, Record

_ADDITIONS = {
    "description": ("补充详细描述", "匹配主要看这里写了什么；写得太短，含义和术语都比不出高下"),
    "indicators": ("补充技术指标", "材料、单位和数值是最能说明问题的用词"),
    "field": ("填写技术领域", "领域一致的一方会因此排到前面"),
    "keywords": ("补充关键词", "用词不同的双方也能因此对上"),
    "maturity": ("填写技术成熟度", "达到要求的一方会因此排到前面"),
    "region": ("填写地区", "就近的一方会因此排到前面"),
    "modes": ("选择合作方式", "合作方式相合的一方会因此排到前面"),
}
_RELAXATIONS = {
    "field": "放宽技术领域",
    "region": "放宽地区",
    "maturity": "降低成熟度要求",
    "mode": "放宽合作方式",
    "organisation_kind": "不限单位类型",
    "organisation_id": "不限单位",
    "need_kind": "不限需求类型",
    "flag": "不限重点标记",
}


def chosen(filters: Filters) -> tuple[str, ...]:
    """Return the names of the filters in force, as `Filters` calls them."""
    return tuple(name for name in _RELAXATIONS if getattr(filters, name))


def advise(record: Record, filters: Filters, gains: Mapping[str, int]) -> tuple[Advice, ...]:
    """Return what would help: filters to relax, the one that gains most first, then what the record lacks.

    `gains` holds for each filter in force how many matches of trust there would be without it.
    """
    relaxed = sorted(chosen(filters), key=lambda name: -gains.get(name, 0))
    lacking = {gap.field for gap in gaps(record)}
    return (
        *(Advice("filter", name, _RELAXATIONS[name], _gain(gains.get(name, 0))) for name in relaxed),
        *(Advice("record", name, *_ADDITIONS[name]) for name in _ADDITIONS if name in lacking),
    )


def _gain(count: int) -> str:
    if count == 0:
        return "只放宽这一项，目前也没有更合适的"
    return f"放宽后有 {count} 项达到较强相关"
