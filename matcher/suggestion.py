"""A suggested pair, who gets it, and what may become of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from matcher.controlled_lists import technical_fields
from matcher.errors import IllegalTransitionError
from matcher.models import Level

STATES = {"new": "新建议", "taken": "已领取", "dismissed": "已排除"}
OPEN = ("new", "taken")
REASONS = {
    "not_related": "技术上对不上",
    "maturity": "成熟度不够",
    "terms": "预算、期限等条件不合",
    "already_known": "双方已经认识，或已有合作方",
    "outdated": "需求或成果已过时",
    "duplicate": "与另一条建议重复",
    "judged": "评判为弱相关或无相关",
    "other": "其他",
}
# What a person chooses from: the reason of a verdict comes with the verdict.
CHOSEN_REASONS = {code: words for code, words in REASONS.items() if code != "judged"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One need with one achievement, suggested once. `owner` is the broker who was given it or took it, if any."""

    id: int
    public_id: str
    need_id: int
    achievement_id: int
    level: Level
    probability: float
    rank: int
    ranker_version: str
    made_at: datetime
    state: str
    owner_id: int | None
    owner: str
    decided_at: datetime | None
    decided_by: str
    reason: str
    note: str
    verdict_id: int | None

    @property
    def is_open(self) -> bool:
        """True until it is dismissed."""
        return self.state in OPEN

    @property
    def day(self) -> str:
        """The day it was made (UTC): the queue shows newer days first, of a day the strongest first."""
        return f"{self.made_at:%Y-%m-%d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilters:
    """Which suggestions a queue shows.

    `whose`: "" all that one may take, "mine", "everyone" (given to nobody), "others" (others have them).
    """

    least_level: int = 3
    field: str = ""
    region: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRule:
    """Of which fields and regions (none: of all) a broker is given suggestions, below `cap` open pairs."""

    account_id: int
    account: str = ""
    fields: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    cap: int = 20
    version: int = 0

    def fits(self, field: str, region: str) -> bool:
        """Return whether a need of this field and region is one for the broker."""
        return (not self.fields or any(field in technical_fields().within(each) for each in self.fields)) and (
            not self.regions or any(_lies_in(region, each) for each in self.regions)
        )


def chosen(rules: Sequence[AssignmentRule], counts: Mapping[int, int], field: str, region: str) -> int | None:
    """Return the account that a new suggestion is given to: fewest open pairs first, ties by account, none at its cap.

    None when no rule fits: then it is for everyone.
    """
    able = [rule for rule in rules if rule.fits(field, region) and counts.get(rule.account_id, 0) < rule.cap]
    best = min(able, key=lambda rule: (counts.get(rule.account_id, 0), rule.account_id), default=None)
    return None if best is None else best.account_id


def check_owned(found: Suggestion, account_id: int, wanted: str) -> None:
    """Raises: IllegalTransitionError when somebody else has the suggestion, or it is dismissed."""
    if not found.is_open:
        raise IllegalTransitionError(
            f"不能{wanted}：{found.decided_by}已把它排除（{REASONS.get(found.reason, found.reason)}），可以先恢复它"
        )
    if found.owner_id not in (None, account_id):
        raise IllegalTransitionError(f"不能{wanted}：这条建议现在由{found.owner}负责，可以请对方转交给您")


def _lies_in(region: str, place: str) -> bool:
    """Return whether a division lies in another: GB/T 2260 nests in pairs of digits."""
    end = "00"
    while place.endswith(end):
        place = place.removesuffix(end)
    return bool(place) and region.startswith(place)
