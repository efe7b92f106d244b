"""The history of a cooperation in words: who did what, and each field before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from matcher.controlled_lists import cooperation_modes
from matcher.cooperation import DIRECTIONS, KINDS, Cooperation, CooperationEvent
from matcher.cooperation_words import kept_texts
from matcher.workflow import COOPERATION_STATES
from web.frame import day, money, region_name

FIELD_LABELS = {
    "kind": "备案类别",
    "paired_region": "对口地区",
    "title": "合作名称",
    "region": "地区",
    "parties": "合作各方",
    "contract_type": "技术合同类型",
    "amount_yuan": "合同金额",
    "technology_amount_yuan": "其中技术交易额",
    "direction": "技术流向",
    "registration_number": "登记编号",
    "registered_on": "登记日期",
    "signed_on": "签订日期",
    "starts_on": "开始日期",
    "ends_on": "结束日期",
    "payments": "付款",
    "ip_ownership": "知识产权归属",
    "milestones": "节点",
    "outcomes": "绩效产出",
    "expected_results": "预期成果",
    "note": "备注",
    "party_a": "甲方",
    "party_b": "乙方",
    "state": "状态",
    "reason": "原因",
    "filing_number": "备案编号",
    "filed_on": "备案日期",
    "amendment": "变更原因",
    "need_id": "关联需求",
    "need_version": "需求版本",
    "achievement_id": "关联成果",
    "achievement_version": "成果版本",
    "engagement_id": "对接",
    "file": "文件",
}
# What steps and numbers say of a record, not its content.
LABELS_OF_FILING = ("状态", "原因", "备案编号", "备案日期")
_ACTIONS = {
    "recorded": "记录",
    "edited": "修改",
    "submitted": "提交",
    "filed": "备案",
    "returned": "退回",
    "revoked": "撤销",
    "moved": "更改状态",
    "amended": "变更",
    "reported": "填报进展",
    "file added": "上传文件",
    "file removed": "移除文件",
    "file restored": "恢复文件",
}
_AMOUNTS = ("amount_yuan", "technology_amount_yuan")
_DATES = ("signed_on", "starts_on", "ends_on", "registered_on", "filed_on")
_NUMBERS = ("need_id", "achievement_id", "engagement_id")


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; an empty text means that it was not given."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. The first one holds everything that was recorded."""

    at: datetime
    actor: str
    action: str
    is_first: bool
    changes: tuple[Change, ...]


def entries(events: Sequence[CooperationEvent]) -> tuple[Entry, ...]:
    """Return the timeline of `events`, in their order."""
    return tuple(
        Entry(
            at=event.at,
            actor=event.actor,
            action=_ACTIONS.get(event.action, event.action),
            is_first=event.action == "recorded",
            changes=_changes(event),
        )
        for event in events
    )


def _changes(event: CooperationEvent) -> tuple[Change, ...]:
    order = {name: place for place, name in enumerate(FIELD_LABELS)}
    names = sorted(event.changes, key=lambda name: order.get(name, len(order)))
    return tuple(
        Change(FIELD_LABELS.get(name, name), *(shown(name, text) for text in event.changes[name])) for name in names
    )


def shown(name: str, text: str) -> str:
    """Return a value, written as histories keep it, as people read it; empty when it was not given."""
    if not text:
        return ""
    if name in _AMOUNTS:
        return money(int(text))
    if name in _DATES:
        return day(date.fromisoformat(text))
    if name in _NUMBERS:
        return f"编号 {text}"
    if name == "contract_type":
        return cooperation_modes().name(text)  # A history keeps the name, a record the code.
    if name in ("region", "paired_region"):
        return region_name(text)
    # The first records were "signed": they have come to be submitted.
    names = {"state": COOPERATION_STATES | {"signed": "已签约"}, "kind": KINDS, "direction": DIRECTIONS}
    return names.get(name, {}).get(text, text)


def differences(before: Cooperation, after: Cooperation) -> tuple[Change, ...]:
    """Return what two versions of a record do not have in common, in the order of the form."""
    old, new = kept_texts(before), kept_texts(after)
    return tuple(
        Change(label, shown(name, old[name]), shown(name, new[name]))
        for name, label in FIELD_LABELS.items()
        if name in old and old[name] != new[name]
    )
