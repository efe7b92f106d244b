"""What stands in an exported queue of suggestions."""

from flask import url_for

from matcher.controlled_lists import technical_fields
from matcher.models import LEVEL_NAMES
from matcher.suggestion import REASONS, STATES
from web.addresses import outer
from web.confidence import percent
from web.desk_lists import Row
from web.exporting import Field, local
from web.frame import region_name

FIELDS: tuple[Field[Row], ...] = (
    Field("技术需求", lambda row: row.need.title, 36),
    Field("需求单位", lambda row: row.need.organisation, 28),
    Field("科技成果", lambda row: row.achievement.title, 36),
    Field("成果单位", lambda row: row.achievement.organisation, 28),
    Field("关联度", lambda row: LEVEL_NAMES[row.suggestion.level], 12),
    Field("把握", lambda row: percent(row.suggestion.probability), 10),
    Field("需求的技术领域", lambda row: technical_fields().full_name(row.need.field), 28),
    Field("需求的地区", lambda row: region_name(row.need.region), 18),
    Field("状态", lambda row: STATES[row.suggestion.state], 10),
    Field("分给或领取人", lambda row: row.suggestion.owner, 14),
    Field("排除的原因", lambda row: _reason(row), 24),
    Field("建议时间", lambda row: local(row.suggestion.made_at), 18),
    Field("网址", lambda row: outer(url_for("desk.detail", public_id=row.suggestion.public_id)), 40),
)


def _reason(row: Row) -> str:
    if row.suggestion.state != "dismissed":
        return ""
    return "：".join(filter(None, (REASONS.get(row.suggestion.reason, ""), row.suggestion.note)))
