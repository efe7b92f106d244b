"""What stands in an exported list of cooperations."""

from collections.abc import Callable
from typing import Any

from flask import url_for

from matcher.controlled_lists import cooperation_modes
from matcher.cooperation import DIRECTIONS, KINDS, OUTCOME_KINDS, ROLES, Cooperation
from matcher.workflow import COOPERATION_STATES
from web.addresses import outer
from web.exporting import Field, local, wan
from web.frame import region_name

Of = Callable[[Cooperation], Any]


def _parties(role: str) -> Of:
    return lambda each: each.names_of(role)


def _codes(role: str) -> Of:
    return lambda each: "、".join(party.credit_code for party in each.parties if party.role == role)


def _paid(each: Cooperation) -> int | None:
    paid = [payment.paid_yuan for payment in each.payments if payment.paid_yuan is not None]
    return sum(paid) if paid else None


def _milestones(each: Cooperation) -> str:
    done = sum(milestone.state == "done" for milestone in each.milestones)
    return f"{done} / {len(each.milestones)} 完成" if each.milestones else ""


def _outcomes(each: Cooperation) -> str:
    return "\n".join(f"{OUTCOME_KINDS.get(one.kind, one.kind)}：{one.title}" for one in each.outcomes)


FIELDS: tuple[Field[Cooperation], ...] = (
    Field("备案编号", lambda each: each.filing_number, 26),
    Field("状态", lambda each: COOPERATION_STATES.get(each.state, each.state), 10),
    Field("备案日期", lambda each: each.filed_on, 12),
    Field("合作名称", lambda each: each.title, 36),
    Field("备案类别", lambda each: KINDS.get(each.kind, each.kind), 16),
    Field("对口地区", lambda each: region_name(each.paired_region), 16),
    *(
        field
        for role, name in ROLES.items()
        for field in (Field(name, _parties(role), 30), Field(f"{name}信用代码", _codes(role), 22))
    ),
    Field("合同类型", lambda each: cooperation_modes().name(each.contract_type), 16),
    Field("合同金额（万元）", lambda each: wan(each.amount_yuan), 16),
    Field("技术交易额（万元）", lambda each: wan(each.technology_amount_yuan), 18),
    Field("技术流向", lambda each: DIRECTIONS.get(each.direction, each.direction), 10),
    Field("合同登记编号", lambda each: each.registration_number, 20),
    Field("登记日期", lambda each: each.registered_on, 12),
    Field("签订日期", lambda each: each.signed_on, 12),
    Field("开始日期", lambda each: each.starts_on, 12),
    Field("结束日期", lambda each: each.ends_on, 12),
    Field("地区", lambda each: region_name(each.region), 20),
    Field("已付金额（万元）", lambda each: wan(_paid(each)), 16),
    Field("进度节点", _milestones, 14),
    Field("绩效产出", _outcomes, 36),
    Field("预期成果", lambda each: each.expected_results, 36),
    Field("知识产权归属", lambda each: each.ip_ownership, 28),
    Field("备注", lambda each: each.note, 28),
    Field("退回、终止或撤销原因", lambda each: each.reason, 24),
    Field("更新时间", lambda each: local(each.updated_at), 18),
    Field("网址", lambda each: outer(url_for("cooperations.detail", cooperation_id=each.id)), 40),
)
