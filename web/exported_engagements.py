"""What stands in an exported list of engagements: what its page shows to whoever asks."""

from typing import Any

from flask import url_for

from matcher.engagement import END_REASONS, WAITS_FOR
from matcher.policy import Action, may
from matcher.workflow import ENGAGEMENT_STATES
from web.addresses import outer
from web.current import viewer
from web.exporting import Field, local

_FIRST: tuple[Field[Any], ...] = (
    Field("技术需求", lambda each: each.need_title, 36),
    Field("科技成果", lambda each: each.achievement_title, 36),
    Field("进展", lambda each: ENGAGEMENT_STATES[each.state], 10),
    Field("经办人", lambda each: each.broker, 14),
    Field("等谁", lambda each: WAITS_FOR[each.waits_for] if each.is_open else "", 10),
    Field("期限", lambda each: each.due_on if each.is_open else None, 12),
)
_INNER: tuple[Field[Any], ...] = (Field("下一步", lambda each: each.next_step, 30),)
_LAST: tuple[Field[Any], ...] = (
    Field("终止的原因", lambda each: END_REASONS.get(each.reason, each.reason), 20),
    Field("开始时间", lambda each: local(each.created_at), 18),
    Field("更新时间", lambda each: local(each.updated_at), 18),
    Field("网址", lambda each: outer(url_for("engagements.detail", public_id=each.public_id)), 40),
)


def fields() -> tuple[Field[Any], ...]:
    """Return the columns that the viewer may read."""
    return (*_FIRST, *(_INNER if may(viewer(), Action.READ_BROKER_NOTES) else ()), *_LAST)
