"""What people are told of: the kinds with their names, and how each is mailed unless somebody chose otherwise. Pure.

A kind that is not in the table still shows, under `OTHER`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MailMode = Literal["no", "at_once", "daily", "weekly"]
MAIL_MODES: dict[MailMode, str] = {"no": "不寄", "at_once": "立即", "daily": "每天汇总", "weekly": "每周汇总"}


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """The name of a kind, how it is mailed by default, and whether brokers alone are told of such things."""

    name: str
    mail: MailMode
    brokers_only: bool = False


OTHER = "other"
KINDS: dict[str, NoticeKind] = {
    "strong_match": NoticeKind("新的高匹配度记录", "weekly"),
    "interest_expressed": NoticeKind("合作意向待转交", "daily", brokers_only=True),
    "interest_forwarded": NoticeKind("收到合作意向", "at_once"),
    "interest_answered": NoticeKind("合作意向有答复", "at_once"),
    "interest_reminder": NoticeKind("合作意向催办", "at_once"),
    "interest_expiring": NoticeKind("合作意向即将过期", "daily"),
    "suggested": NoticeKind("新的匹配建议", "daily", brokers_only=True),
    "filed": NoticeKind("合作备案已通过", "daily"),
    "returned": NoticeKind("合作备案被退回", "at_once"),
    "revoked": NoticeKind("合作备案被撤销", "at_once"),
    "rewrite_proposed": NoticeKind("收到改写建议", "at_once"),
    "rewrite_answered": NoticeKind("改写建议有答复", "daily"),
    "posted_on_behalf": NoticeKind("代本单位发布的记录", "at_once"),
    "need_joined": NoticeKind("有单位加入本单位的需求", "daily"),
    "record_expiring": NoticeKind("需求或成果即将到期", "daily"),
    "record_expired": NoticeKind("需求或成果已到期", "daily"),
    "engagement_assigned": NoticeKind("对接交给我经办", "at_once", brokers_only=True),
    "engagement_moved": NoticeKind("对接进展", "daily"),
    "engagement_due": NoticeKind("对接到期", "daily"),
    "meeting": NoticeKind("会议安排", "at_once"),
    "membership": NoticeKind("单位成员和注册审核", "at_once"),
    OTHER: NoticeKind("其他消息", "daily"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice as one account has it. `public_id` is of this account alone; `about` and `about_id` say of what."""

    public_id: str
    kind: str
    words: str
    about: str
    about_id: int
    created_at: datetime
    read_at: datetime | None = None

    @property
    def kind_name(self) -> str:
        """The name of its kind."""
        return KINDS[known_kind(self.kind)].name


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """What somebody wants of one kind: whether it stands in the inbox, and when it is mailed."""

    kind: str
    in_app: bool
    mail: MailMode


def known_kind(kind: str) -> str:
    """Return the kind as preferences know it: itself, or OTHER."""
    return kind if kind in KINDS else OTHER


def usual(kind: str) -> Preference:
    """Return what happens with a kind when nobody chose otherwise."""
    return Preference(kind=known_kind(kind), in_app=True, mail=KINDS[known_kind(kind)].mail)
