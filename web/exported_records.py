"""What stands in an exported list of needs or achievements: what their pages show."""

from typing import Any

from flask import url_for

from matcher.controlled_lists import cooperation_modes, organisation_kinds, technical_fields
from matcher.models import FLAGS, NEED_KINDS, Kind, Record
from matcher.policy import VISIBILITIES
from matcher.workflow import POSTING_STATUSES
from web.addresses import outer
from web.exporting import Field, local, wan
from web.frame import BLUEPRINTS, region_name

_FIRST: tuple[Field[Any], ...] = (
    Field("标题", lambda record: record.title, 36),
    Field("状态", lambda record: POSTING_STATUSES[record.status], 10),
    Field("单位", lambda record: record.organisation, 28),
    Field("单位类型", lambda record: organisation_kinds().name(record.organisation_kind), 10),
    Field("技术领域", lambda record: technical_fields().full_name(record.field), 28),
    Field("成熟度", lambda record: record.maturity, 8),
    Field("地区", lambda record: region_name(record.region), 18),
    Field("合作方式", lambda record: "、".join(cooperation_modes().name(mode) for mode in record.modes), 24),
)
_LAST: tuple[Field[Any], ...] = (
    Field("关键词", lambda record: "；".join(record.keywords), 24),
    Field("技术指标", lambda record: "\n".join(record.indicators), 36),
    Field("描述", lambda record: record.description, 60),
    Field("公开摘要", lambda record: record.summary, 36),
    Field("谁能看全文", lambda record: VISIBILITIES.get(record.visibility, ""), 16),
    Field("有效期至", lambda record: record.valid_until, 12),
    Field("代为发布", lambda record: record.on_behalf_by, 18),
    Field("演示数据", lambda record: "是" if record.is_demo else "", 10),
    Field("更新时间", lambda record: local(record.updated_at), 18),
    Field("网址", lambda record: outer(_address(record)), 40),
)
_OF_NEED: tuple[Field[Any], ...] = (
    Field("需求类别", lambda need: NEED_KINDS[need.need_kind], 10),
    Field("标记", lambda need: "、".join(FLAGS[name] for name in need.flags), 18),
    Field("工况和约束", lambda need: need.conditions, 30),
    Field("现状", lambda need: need.present_state, 30),
    Field("决策负责人", lambda need: need.decision_owner, 16),
    Field("预算（万元）", lambda need: wan(need.budget_yuan)),
    Field("截止日期", lambda need: need.deadline, 12),
)
_OF_ACHIEVEMENT: tuple[Field[Any], ...] = (
    Field("报价（万元）", lambda achievement: wan(achievement.asking_price_yuan)),
    Field("知识产权类型", lambda achievement: achievement.ip_kind),
    Field("知识产权编号", lambda achievement: achievement.ip_number, 22),
    Field("团队", lambda achievement: achievement.team, 20),
)
FIELDS: dict[Kind, tuple[Field[Any], ...]] = {
    "need": (*_FIRST, *_OF_NEED, *_LAST),
    "achievement": (*_FIRST, *_OF_ACHIEVEMENT, *_LAST),
}


def _address(record: Record) -> str:
    return url_for(f"{BLUEPRINTS[record.kind]}.detail", item_id=record.id)
