"""The nouns of the service as frozen values. Nothing here knows of SQL, Flask or vectors."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Generic, Literal, TypeVar

T = TypeVar("T")

Kind = Literal["need", "achievement"]
KINDS: tuple[Kind, Kind] = ("need", "achievement")
Status = Literal["draft", "published", "matched", "closed"]
Level = Literal[1, 2, 3, 4]
LEVEL_NAMES: dict[Level, str] = {4: "强相关", 3: "较强相关", 2: "弱相关", 1: "无相关"}
# From here on a match is worth a call; a list without such a match is an honest "none".
TRUSTED_LEVEL: Level = 3
# Achievements answer needs for technology; the other kinds are listed and searched.
NEED_KINDS = {"technology": "技术", "talent": "人才", "finance": "融资", "platform": "平台", "scenario": "场景"}
MATCHED_KIND = "technology"
FLAGS = {"chokepoint": "卡脖子技术", "common_key": "共性关键技术"}


def counterpart(kind: Kind) -> Kind:
    """Return the other side of a match."""
    return "achievement" if kind == "need" else "need"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """An enterprise, university, institute, service agency or government body. `id` is 0 until stored.

    One that asked to be admitted is pending.
    """

    id: int = 0
    external_id: str = ""
    name: str
    kind: str = ""
    credit_code: str = ""
    region: str = ""
    contact: str = ""
    is_demo: bool = False
    is_pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What needs and achievements have in common. `id` is 0 until stored; empty text means not given.

    `summary` and the title are for everybody. `visibility` says who reads the rest: "public", "members", "brokers", or
    "named" for the organisations `named_ids`. Unless it `shows_organisation`, only they learn whose it is.
    Published, it holds through the day `valid_until`; one that is closed has a `close_reason`.
    `on_behalf_by` names who posted it for its organisation, until that takes it over.
    """

    id: int = 0
    external_id: str = ""
    organisation_id: int | None = None
    organisation: str = ""
    organisation_kind: str = ""
    title: str
    description: str = ""
    indicators: tuple[str, ...] = ()
    field: str = ""
    keywords: tuple[str, ...] = ()
    maturity: int | None = None
    modes: tuple[str, ...] = ()
    region: str = ""
    summary: str = ""
    visibility: str = "public"
    named_ids: tuple[int, ...] = ()
    shows_organisation: bool = False
    status: Status = "draft"
    valid_until: date | None = None
    close_reason: str = ""
    on_behalf_by: str = ""
    is_demo: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need(Posting):
    """What an enterprise asks for. `maturity` is the least one wanted.

    `need_kind` is one of NEED_KINDS.
    `conditions` are what a solution has to work under, `present_state` is what there is and what was tried,
    `decision_owner` the post (no name) of who decides.
    """

    kind: ClassVar[Kind] = "need"
    need_kind: str = MATCHED_KIND
    is_chokepoint: bool = False
    is_common_key: bool = False
    conditions: str = ""
    present_state: str = ""
    decision_owner: str = ""
    budget_yuan: int | None = None
    deadline: date | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """What marks it as pressing, by the names of FLAGS."""
        return tuple(name for name in FLAGS if getattr(self, f"is_{name}"))

    @property
    def is_matched(self) -> bool:
        """True for a need that achievements can answer."""
        return self.need_kind == MATCHED_KIND


@dataclass(frozen=True, slots=True, kw_only=True)
class Achievement(Posting):
    """What a university or institute offers. `maturity` is the one reached."""

    kind: ClassVar[Kind] = "achievement"
    ip_kind: str = ""
    ip_number: str = ""
    asking_price_yuan: int | None = None
    team: str = ""


Record = Need | Achievement


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which published records may answer; an empty filter admits all.

    `field` takes a code (a first-level code admits its second level) or a free word; `region` takes a
    six-digit code and admits what lies inside it; `maturity` is the least one; an empty `status` admits any.
    `need_kind` and `flag` (one of FLAGS) say nothing of achievements.
    """

    field: str = ""
    region: str = ""
    maturity: int | None = None
    mode: str = ""
    organisation_kind: str = ""
    organisation_id: int | None = None
    need_kind: str = ""
    flag: str = ""
    status: Status | Literal[""] = "published"

    @property
    def narrows(self) -> bool:
        """True when a filter other than the status is set."""
        placed = (self.field, self.region, self.maturity, self.mode, self.organisation_kind, self.organisation_id)
        return any((*placed, self.need_kind, self.flag))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One answer of retrieval, and of the ranker where a record asked.

    With a ranker, `score` is the log-odds of `probability` (0-1), that a broker would judge the pair 较强相关 or
    better, `level` what that stands for, `features` and `contributions` one number a feature of
    `matcher.features`. A free text is no record: then these are None and empty, and scores rank only.
    `dense_score` is a cosine of centred vectors, `lexical_score` a BM25 sum (0 when no term is shared),
    `score` else their fusion. `relative` runs from 0 (last of the pool) to 100 (first).
    """

    item_id: int
    score: float
    dense_score: float
    lexical_score: float
    relative: int
    probability: float | None = None
    level: Level | None = None
    features: tuple[float, ...] = ()
    contributions: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a judge was shown of a match: its rank (None when it stood in no list) and what the ranker made of it.

    `versions` are those of need and achievement, None where that is not known; a verdict keeps them itself.
    """

    rank: int | None
    probability: float
    level: Level
    ranker: str
    versions: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A person's level for a match of two versions. What is not known is None; one taken back has `undone_at`."""

    id: int = 0
    need_id: int
    achievement_id: int
    level: Level
    judge: str
    at: datetime | None = None
    shown: Shown | None = None
    undone_at: datetime | None = None
    need_version: int | None = None
    achievement_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One page of a list. `number` counts from 1."""

    items: tuple[T, ...]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // self.size))
