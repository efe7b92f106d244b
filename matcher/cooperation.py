"""A cooperation record (产学研合作备案) with all its parts, as frozen values."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

Part = TypeVar("Part", "Party", "Payment", "Milestone", "Outcome")

KINDS = {
    "project": "产学研合作项目",
    "alliance": "校企联盟",
    "platform": "共建平台",
    "paired": "对口合作",
}
ROLES = {"a": "甲方", "b": "乙方", "c": "丙方"}
DIRECTIONS = {"absorb": "吸纳", "export": "输出", "local": "区内"}
MILESTONE_STATES = {"planned": "计划中", "done": "已完成", "missed": "未按期"}
OUTCOME_KINDS = {
    "problem": "解决的技术难题",
    "product": "新产品",
    "patent": "专利",
    "standard": "标准",
    "paper": "论文",
    "output_value": "新增产值",
    "employment": "就业",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One who signed. `role` is one of ROLES, several may share one; the name is kept as it stands in the agreement."""

    role: str
    name: str
    credit_code: str = ""
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment that was agreed, and what was paid of it."""

    due_on: date | None = None
    amount_yuan: int | None = None
    paid_on: date | None = None
    paid_yuan: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Something to be reached; `state` is one of MILESTONE_STATES."""

    title: str
    due_on: date | None = None
    state: str = "planned"
    done_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came out of it (绩效产出). `kind` is one of OUTCOME_KINDS; added output has an amount, others a count."""

    kind: str
    title: str
    count: int | None = None
    amount_yuan: int | None = None
    obtained_on: date | None = None
    evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooperation:
    """A recorded agreement. `id` is 0 until stored; its random id for addresses is kept with those of all rows.

    `need_version` and `achievement_version` say which version of the linked record was agreed upon, None where it is
    not known or none is linked. `reason` tells why it was last returned, terminated or revoked. `filing_number` is ""
    until filed.
    """

    id: int = 0
    kind: str = "project"
    paired_region: str = ""
    title: str
    parties: tuple[Party, ...] = ()
    need_id: int | None = None
    need_version: int | None = None
    achievement_id: int | None = None
    achievement_version: int | None = None
    engagement_id: int | None = None
    contract_type: str = ""
    amount_yuan: int | None = None
    technology_amount_yuan: int | None = None
    direction: str = ""
    registration_number: str = ""
    registered_on: date | None = None
    signed_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    region: str = ""
    payments: tuple[Payment, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    ip_ownership: str = ""
    expected_results: str = ""
    note: str = ""
    state: str = "draft"
    reason: str = ""
    filing_number: str = ""
    filed_on: date | None = None
    version: int = 1
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def party_ids(self) -> frozenset[int]:
        """The organisations of ours among the parties."""
        return frozenset(each.organisation_id for each in self.parties if each.organisation_id is not None)

    def names_of(self, role: str) -> str:
        """Return the names of the parties in a role, joined."""
        return "、".join(each.name for each in self.parties if each.role == role)


@dataclass(frozen=True, slots=True, kw_only=True)
class CooperationEvent:
    """One line of a cooperation's history. `changes` maps a field to its values before and after."""

    id: int
    cooperation_id: int
    at: datetime
    actor: str
    action: str
    changes: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What a filed cooperation was before a change: `number` counts from 1, `old` is the whole record of that time."""

    id: int
    cooperation_id: int
    number: int
    old: Cooperation
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CooperationFilters:
    """Which cooperations a list holds; empty admits all. `region` admits what lies inside it, `year` is of signing.

    `text` is part of the title, a party's name or the filing number, `party` part of a party's name; `party_id` is an
    organisation among the parties.
    """

    state: str = ""
    kind: str = ""
    contract_type: str = ""
    direction: str = ""
    region: str = ""
    year: int | None = None
    text: str = ""
    party: str = ""
    party_id: int | None = None


# The repeated parts of a record by the name of their field.
PARTS: dict[str, Any] = {"parties": Party, "payments": Payment, "milestones": Milestone, "outcomes": Outcome}
