"""An expression of interest: its states, its parts, the reasons for a refusal. Pure."""

from dataclasses import dataclass
from datetime import datetime

from matcher.models import Kind

STATES = {
    "new": "等待经纪人转交",
    "forwarded": "等待对方答复",
    "accepted": "双方同意",
    "declined": "已谢绝",
    "withdrawn": "已撤回",
    "expired": "已过期",
}
OPEN = ("new", "forwarded")

REASONS = {
    "too_early": "成熟度不够，为时过早",
    "benefit_unclear": "看不清能带来什么好处",
    "not_our_field": "不是我们的领域",
    "already_solved": "问题已经解决，或已有合作方",
    "terms": "费用、权属等条件谈不拢",
    "capacity": "眼下没有人力或经费",
    "description_unclear": "说明不清楚，无法判断",
    "other": "其他",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What somebody interested answers, and how to be reached once both sides agree."""

    why: str
    offer: str
    expectation: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """One organisation's interest in a record of another. `contact` is of who asks, `owner_contact` of the owner.

    `state` is the one that holds now: what ran out unanswered is expired.
    """

    id: int
    public_id: str
    kind: Kind
    item_id: int
    organisation_id: int
    organisation: str
    owner_id: int
    owner: str
    broker_id: int | None
    asked_by: str
    questions: Questions
    owner_contact: str
    state: str
    reason: str
    note: str
    created_at: datetime
    expires_at: datetime
    reminded_at: datetime | None
    decided_at: datetime | None
    decided_by: str

    @property
    def is_passed_on(self) -> bool:
        """True once a broker has forwarded it: before, and when it was taken back, its owner knows nothing of it."""
        return self.broker_id is not None and self.state != "withdrawn"

    @property
    def is_open(self) -> bool:
        """True while somebody still has to answer."""
        return self.state in OPEN
