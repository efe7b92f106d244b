"""What stands in an exported list of interests: what the list and the page of each show to whoever asks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import url_for

from matcher.interest import REASONS, STATES, Interest
from matcher.models import Record
from matcher.policy import Action, may
from web.addresses import outer
from web.current import seen, service, viewer
from web.exporting import Field, local
from web.frame import KIND_NAMES
from web.subjects import asker_of


@dataclass(frozen=True, slots=True)
class Row:
    """One interest with what the viewer may read of its record."""

    interest: Interest
    record: Record

    @property
    def owner(self) -> str:
        """Whose record it is: while nothing is agreed, who asks knows that only where the record says it."""
        asks = may(viewer(), Action.PURSUE_INTEREST, asker_of(self.interest))
        is_told = not asks or self.interest.state == "accepted" or self.record.organisation
        return self.interest.owner if is_told else ""


FIELDS: tuple[Field[Row], ...] = (
    Field("标题", lambda row: row.record.title, 36),
    Field("类型", lambda row: KIND_NAMES[row.interest.kind], 12),
    Field("状态", lambda row: STATES[row.interest.state], 16),
    Field("提出单位", lambda row: row.interest.organisation, 28),
    Field("发布单位", lambda row: row.owner, 28),
    Field("为什么感兴趣", lambda row: row.interest.questions.why, 36),
    Field("我们能做什么", lambda row: row.interest.questions.offer, 36),
    Field("希望对方做什么", lambda row: row.interest.questions.expectation, 36),
    Field("谢绝的原因", lambda row: REASONS.get(row.interest.reason, "") if _is_declined(row) else "", 24),
    Field("补充说明", lambda row: row.interest.note if _is_declined(row) else "", 24),
    Field("提出时间", lambda row: local(row.interest.created_at), 18),
    Field("有效期到", lambda row: local(row.interest.expires_at) if row.interest.is_open else None, 18),
    Field("最近催办", lambda row: local(row.interest.reminded_at) if row.interest.is_open else None, 18),
    Field("最近一步", lambda row: local(row.interest.decided_at), 18),
    Field("网址", lambda row: outer(url_for("interests.detail", public_id=row.interest.public_id)), 40),
)


def rows(found: Iterable[Interest]) -> Iterator[Row]:
    """Yield the interests with what the viewer may read of their records."""
    return (Row(each, seen(service().postings.get(each.kind, each.item_id))) for each in found)


def _is_declined(row: Row) -> bool:
    return row.interest.state == "declined"
