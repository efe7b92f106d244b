"""How the log of an engagement reads."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from matcher.engagement import EngagementEvent

_ACTIONS = {
    "started": "开始对接",
    "linked interest": "关联合作意向",
    "moved": "推进",
    "planned": "安排下一步",
    "noted": "记录",
    "taken": "领取",
    "handed over": "转交",
    "recorded": "记录为合作备案",
    "meeting added": "约定会议",
    "meeting changed": "改动会议",
    "meeting cancelled": "取消会议",
}
LABELS = {
    "state": "进展",
    "waits_for": "现在等谁",
    "next_step": "下一步",
    "due_on": "期限",
    "reason": "终止的原因",
    "broker": "经办人",
    "meeting": "时间",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log in words: changes as (label, before, after)."""

    at: datetime
    actor: str
    action: str
    changes: tuple[tuple[str, str, str], ...]
    note: str
    is_shared: bool


def entries(events: Iterable[EngagementEvent]) -> tuple[Entry, ...]:
    """Return the log as it is shown."""
    return tuple(
        Entry(
            each.at,
            each.actor,
            _ACTIONS.get(each.action, each.action),
            tuple((LABELS.get(name, name), *pair) for name, pair in each.changes.items()),
            each.note,
            each.is_shared,
        )
        for each in events
    )
