"""What a record still lacks to be matched well. Pure; nothing here is required to store it."""

import re
from dataclasses import dataclass

from matcher.models import Need, Record

_SHORTEST_DESCRIPTION = 60
_UNITS = "元|万|亿|吨|公斤|千克|克|米|升|小时|分钟|秒|天|日|周|月|年|次|级|倍|度|个|条|件|台|目|折|人|遍"
_UNIT = rf"(?:[%％‰℃°Ωμµ]|[A-Za-z]|{_UNITS})"
_WORDS = "不超过|不高于|不大于|不低于|不小于|不少于|小于|大于|低于|高于|少于|多于|至少|最多|达到|控制在"
_BEFORE, _AFTER = rf"(?:[<>≤≥＜＞=＝±~～]|{_WORDS})", "(?:以内|以上|以下)"
_SHARE = "[百千]分之[一二三四五六七八九十百零点两]+"
_MEASURABLE = re.compile(rf"\d[\d.,]*\s*(?:{_UNIT}|{_AFTER})|{_BEFORE}\s*\d|{_SHARE}")


@dataclass(frozen=True, slots=True)
class Gap:
    """A field that is missing or thin: its name in the model, what pages call it, why it would help, an example."""

    field: str
    name: str
    reason: str
    example: str


def is_measurable(text: str) -> bool:
    """Return whether a text holds a number with a unit or a bound, so that reaching it can be measured."""
    return _MEASURABLE.search(text) is not None


def gaps(record: Record) -> tuple[Gap, ...]:
    """Return what `record` lacks, the most helpful first."""
    if isinstance(record, Need):
        return _open((*_problem(record), *_circumstances(record), *_frame(record), *_shared(record)))
    return _open((*_offer(record), *_shared(record)))


_Check = tuple[bool, Gap]


def _open(checks: tuple[_Check, ...]) -> tuple[Gap, ...]:
    return tuple(gap for lacks, gap in checks if lacks)


def _lacks_measures(record: Record) -> bool:
    return not any(is_measurable(each) for each in record.indicators)


def _problem(need: Need) -> tuple[_Check, ...]:
    """What is to be solved, at what, how well."""
    numbers = "写了指标，但没有数字和单位；" if need.indicators else ""
    return (
        (
            len(need.description) < _SHORTEST_DESCRIPTION,
            Gap(
                "description",
                "要解决的问题",
                "匹配主要看这里写了什么，太短就比不出高下",
                "库里垛子中间的板面三五天就起黑点，喷的药水管不到十天",
            ),
        ),
        (
            not need.keywords,
            Gap("keywords", "对象（产品、材料、设备）", "让用词不同的双方也能对上", "杨木集成材；防霉剂"),
        ),
        (
            _lacks_measures(need),
            Gap("indicators", "可量化指标", f"{numbers}对方据此判断能不能做到", "霉变面积≤5%（28 天）"),
        ),
    )


def _circumstances(need: Need) -> tuple[_Check, ...]:
    """Under which conditions, and from where."""
    return (
        (
            not need.conditions,
            Gap(
                "conditions",
                "工况与约束",
                "在别处行得通的办法，常常败在温度、介质、节拍这些条件上",
                "40 英尺柜，35 天海运，相对湿度 90%",
            ),
        ),
        (
            not need.present_state,
            Gap("present_state", "现状与已试过的办法", "对方不必再推荐您已经试过的", "试过两种季铵盐药剂，板面发黄"),
        ),
    )


def _frame(need: Need) -> tuple[_Check, ...]:
    """With what means, by when, in which way, and who says yes."""
    return (
        (need.budget_yuan is None, Gap("budget_yuan", "预算", "对方据此看做到哪一步划算", "50 万元，可分期")),
        (need.deadline is None, Gap("deadline", "希望完成的日期", "来不及的成果可以先放下", "2027-06-30")),
        (not need.modes, Gap("modes", "合作方式", "备案时据此选合同类型", "技术开发（委托）")),
        (
            not need.decision_owner,
            Gap(
                "decision_owner",
                "决策负责人的职务",
                "经纪人据此知道和谁谈得定，不写姓名，看不到全文的人看不到",
                "分管技术的副总经理",
            ),
        ),
    )


def _offer(record: Record) -> tuple[_Check, ...]:
    numbers = "写了指标，但没有数字和单位；" if record.indicators else ""
    return (
        (
            len(record.description) < _SHORTEST_DESCRIPTION,
            Gap(
                "description",
                "详细描述",
                "匹配主要看这里写了什么",
                "在两家板材厂连续试用一年，霉变面积由 23% 降到 2% 以下",
            ),
        ),
        (
            _lacks_measures(record),
            Gap("indicators", "可量化指标", f"{numbers}对方据此判断够不够用", "循环 2000 次容量保持率 85%"),
        ),
        (not record.keywords, Gap("keywords", "关键词", "让用词不同的双方也能对上", "木材防霉；微乳液")),
        (not record.modes, Gap("modes", "合作方式", "备案时据此选合同类型", "技术转让、技术许可")),
    )


def _shared(record: Record) -> tuple[_Check, ...]:
    return (
        (not record.field, Gap("field", "技术领域", "按领域筛选的人才找得到", "新材料 / 高分子材料")),
        (record.maturity is None, Gap("maturity", "技术成熟度", "说明离实际使用还有多远", "7 级")),
        (not record.region, Gap("region", "地区", "便于就近对接", "安徽省合肥市")),
        (not record.organisation, Gap("organisation", "单位名称", "对方需要知道和谁合作", "单位的全称")),
    )
