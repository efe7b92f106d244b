"""How long a need or achievement holds, and why one is closed. Pure but for the clock."""

from dataclasses import replace
from datetime import timedelta

from matcher.clock import today
from matcher.errors import InvalidInputError
from matcher.models import Kind, Record

EXPIRED = "expired"
CLOSE_REASONS: dict[Kind, dict[str, str]] = {
    "need": {
        "solved_by_match": "通过对接解决",
        "solved_otherwise": "由其他途径解决",
        "not_needed": "不再需要",
        "plan_changed": "计划改变",
        EXPIRED: "到期",
        "other": "其他",
    },
    "achievement": {"transferred": "已经转化", "withdrawn": "不再提供", EXPIRED: "到期", "other": "其他"},
}


def lasting(record: Record, days: int) -> Record:
    """Return the record as it is to be stored: published, it holds for `days` unless it says until when."""
    if record.status != "published" or (record.valid_until and record.valid_until >= today()):
        return record
    return replace(record, valid_until=today() + timedelta(days=days))


def check_chosen(record: Record, current: Record | None) -> None:
    """Raises: InvalidInputError when somebody chose a day that is over."""
    chosen = record.valid_until
    if chosen and chosen < today() and (current is None or chosen != current.valid_until):
        raise InvalidInputError({"valid_until": f"“{chosen}”已经过去，请选今天或以后的日期，或留空"})


def check_reason(kind: Kind, reason: str) -> None:
    """Raises: InvalidInputError when `reason` is none of the list."""
    if reason not in CLOSE_REASONS[kind]:
        raise InvalidInputError({"reason": f"请选择撤回的原因：{'、'.join(CLOSE_REASONS[kind].values())}"})
