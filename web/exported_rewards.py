"""What stands in an exported list of rewards."""

from flask import url_for

from matcher.rewards import Claim
from web.addresses import outer
from web.exporting import Field, wan
from web.frame import region_name

FIELDS: tuple[Field[Claim], ...] = (
    Field("合作名称", lambda claim: claim.deal.title, 36),
    Field("合作各方", lambda claim: claim.deal.parties, 36),
    Field("地区", lambda claim: region_name(claim.deal.region), 20),
    Field("签订日期", lambda claim: claim.deal.signed_on, 12),
    Field("规则", lambda claim: claim.rule.name, 28),
    Field("依据", lambda claim: claim.rule.source, 36),
    Field("项数", lambda claim: claim.count, 8),
    Field("金额（万元）", lambda claim: wan(claim.amount_yuan), 14),
    Field("缺什么", lambda claim: "\n".join(claim.missing), 36),
    Field("网址", lambda claim: outer(url_for("cooperations.detail", cooperation_id=claim.deal.id)), 40),
)
