"""The history of a cooperation in words: who did what, and each field before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from matcher.controlled_lists import cooperation_modes
from matcher.models import CooperationEvent
from matcher.workflow import COOPERATION_STATES
from web.frame import day, money, region_name

FIELD_LABELS = {
    "title": "合作名称",
    "contract_type": "技术合同类型",
    "party_a": "甲方",
    "party_b": "乙方",
    "region": "地区",
    "amount_yuan": "合同金额",
    "signed_on": "签订日期",
    "starts_on": "开始日期",
    "ends_on": "结束日期",
    "expected_results": "预期成果",
    "note": "备注",
    "state": "状态",
    "need_id": "关联需求",
    "achievement_id": "关联成果",
}
_ACTIONS = {"recorded": "记录备案", "edited": "修改", "moved": "更改状态"}


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
    if name == "amount_yuan":
        return money(int(text))
    if name in ("signed_on", "starts_on", "ends_on"):
        return day(date.fromisoformat(text))
    if name in ("need_id", "achievement_id"):
        return f"编号 {text}"
    if name == "contract_type":
        return cooperation_modes().name(text)  # A history keeps the name, a record the code.
    return {"state": COOPERATION_STATES.get(text, text), "region": region_name(text)}.get(name, text)
