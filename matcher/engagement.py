"""An engagement: a match that a broker carries to a contract. What it consists of, in values. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from matcher.interest import REASONS

WaitsFor = Literal["broker", "enterprise", "university"]
WAITS_FOR: dict[WaitsFor, str] = {"broker": "经纪人", "enterprise": "需求方", "university": "成果方"}
# Why an engagement ended: what an owner may say to an interest, and that nobody answered.
END_REASONS = {**REASONS, "no_answer": "多次联系没有回音"}
ENDED, SIGNED = "ended", "signed"
SETTLED = (SIGNED, ENDED)
# Before a broker has written to anybody, neither side knows of it.
UNTOLD = "suggested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """A need and an achievement between which somebody mediates. Without `broker_id` nobody has taken it.

    `version` counts the changes; whoever changes it says which version they saw.
    """

    id: int
    public_id: str
    need_id: int
    achievement_id: int
    need_title: str
    achievement_title: str
    need_owner_id: int | None
    achievement_owner_id: int | None
    state: str
    waits_for: WaitsFor
    next_step: str
    due_on: date | None
    reason: str
    broker_id: int | None
    broker: str
    broker_organisation_id: int | None
    interest_id: int | None
    cooperation_id: int | None
    version: int
    created_at: datetime
    updated_at: datetime
    is_demo: bool

    @property
    def title(self) -> str:
        """Both sides in one line."""
        return f"{self.need_title} × {self.achievement_title}"

    @property
    def is_open(self) -> bool:
        """True until it was signed or ended."""
        return self.state not in SETTLED

    @property
    def owner_ids(self) -> frozenset[int]:
        """The organisations on its two sides."""
        return frozenset(each for each in (self.need_owner_id, self.achievement_owner_id) if each is not None)

    def is_overdue(self, today: date) -> bool:
        """Return whether its next step should have been done before `today`."""
        return self.is_open and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a broker says of an engagement at once: where it stands, whose turn it is, what is next and until when."""

    state: str
    waits_for: WaitsFor
    next_step: str = ""
    due_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementEvent:
    """One line of the log: `changes` maps a field to the texts before and after; `number` counts within the engagement.

    What is not `is_shared` is for brokers and the bureau alone.
    """

    number: int
    at: datetime
    actor: str
    action: str
    changes: dict[str, tuple[str, str]]
    note: str
    is_shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A date of an engagement; `sequence` counts its changes, as calendars want it."""

    id: int = 0
    public_id: str = ""
    engagement_id: int = 0
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    attendees: str = ""
    sequence: int = 0
    cancelled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementFilters:
    """What a list is narrowed to; empty values narrow nothing. `broker_id` 0 means those that nobody has taken."""

    state: str = ""
    queue: str = ""
    broker_id: int | None = None
    owner_id: int | None = None
    field: str = ""
    region: str = ""
    text: str = ""


QUEUES = {"mine": "等我处理", "others": "等对方", "overdue": "已逾期", "open": "全部在办"}
SORTS = {"due": "期限", "newest": "最近更新", "oldest": "最早开始"}
