"""Who may do what: one table. What it does not allow is denied. Pure."""

from dataclasses import dataclass
from enum import Enum, StrEnum

from matcher.models import Record


class Role(StrEnum):
    """What somebody is while acting for one organisation; one person may be several of them at once."""

    VISITOR = "访客"
    ACCOUNT = "已登录"
    ENTERPRISE = "企业成员"
    UNIVERSITY = "高校院所成员"
    BROKER = "技术经纪人"
    OWNER = "单位负责人"
    ADMINISTRATOR = "管理员"


class Reach(StrEnum):
    """How far a permission goes: nowhere, to what the organisation owns, or was let into as well, to what the person
    carries, everywhere."""

    NONE = "–"
    OWN = "本单位"
    GRANTED = "本单位和获准单位"
    ASSIGNED = "本人经办"
    ALL = "可以"


class Action(Enum):
    """What can be done, with its words."""

    BROWSE = "浏览首页、帮助、列表和搜索"
    SEE = "查看需求和成果的公开摘要及匹配"
    READ = "查看需求和成果的全文"
    READ_ANNEX = "阅读保密附件"
    KEEP_ANNEX = "填写保密附件，准许和收回阅读"
    POST_NEED = "发布技术需求"
    POST_ACHIEVEMENT = "发布科技成果"
    POST_ON_BEHALF = "代单位发布需求和成果"
    EDIT = "修改需求和成果"
    PROPOSE_REWRITE = "对需求提出改写建议"
    READ_REWRITE = "查看改写建议"
    ANSWER_REWRITE = "采纳或不采纳改写建议"
    JOIN_NEED = "加入已有的需求"
    PUBLISH = "发布、撤回、标为已对接"
    DELETE = "删除需求和成果"
    IMPORT = "批量导入"
    JUDGE = "评判匹配，查看评判"
    USE_DESK = "使用工作台：领取、转交、退回、排除匹配建议"
    ASSIGN = "设置他人的分配规则"
    SEE_JOBS = "查看后台任务"
    RUN_JOBS = "启动、停止后台任务"
    EXPRESS_INTEREST = "表达合作意向"
    READ_INTEREST = "查看合作意向"
    FORWARD_INTEREST = "转交合作意向"
    ANSWER_INTEREST = "答复收到的合作意向"
    PURSUE_INTEREST = "催办、撤回发出的合作意向"
    READ_CONTACT = "查看双方联系方式"
    START_ENGAGEMENT = "开始对接，领取无人经办的对接"
    READ_ENGAGEMENT = "查看对接"
    READ_BROKER_NOTES = "查看经纪人的内部记录"
    WORK_ENGAGEMENT = "推进、转交对接，约会议"
    READ_COOPERATION = "查看合作备案"
    RECORD = "记录、提交、变更合作备案"
    FILE = "备案、退回、撤销合作备案"
    SEE_REWARDS = "查看奖励测算"
    SEE_RANKERS = "查看排序模型的版本"
    TRAIN = "训练和更换排序模型"
    SIGN_IN = "登录、注册、接受邀请"
    OWN_ACCOUNT = "管理自己的账号和登录"
    OWN_INBOX = "查看自己的消息，设置通知"
    SEE_PEOPLE = "查看单位人员"
    MANAGE_PEOPLE = "管理单位人员、发出邀请"
    MAKE_BROKER = "给予技术经纪人身份"
    ADMINISTER = "审核注册、管理账号和单位"
    READ_AUDIT = "查看操作记录"
    WATCH = "查看运行指标"


READING = frozenset(
    {Action.BROWSE, Action.SEE, Action.READ, Action.READ_INTEREST, Action.READ_CONTACT, Action.READ_COOPERATION}
    | {Action.READ_ENGAGEMENT, Action.READ_BROKER_NOTES, Action.READ_REWRITE}
    | {Action.SEE_REWARDS, Action.SEE_RANKERS, Action.SEE_JOBS, Action.SEE_PEOPLE, Action.READ_AUDIT, Action.WATCH}
)
# What can be done to a record by somebody who sees no more of it than its summary.
ON_SUMMARY = frozenset({Action.SEE, Action.READ_ANNEX, Action.EXPRESS_INTEREST})

# Who reads a published record in full.
VISIBILITIES = {"public": "所有人", "members": "登录的成员单位", "brokers": "技术经纪人", "named": "指定的单位"}
# The conditions that a need or achievement can be in: its status, and while it is published, its visibility.
ANY = ""
CONDITIONS = {
    "public": "公开发布",
    "members": "只对成员发布",
    "brokers": "只对经纪人发布",
    "named": "只对指定单位发布",
    "matched": "已对接",
    "closed": "已撤回",
    "kept": "已对接或撤回，此前只对指定单位发布",
    "draft": "草稿",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: an action on what is in `condition`, and how far it goes for each role."""

    action: Action
    condition: str
    reaches: dict[Role, Reach]


def _row(action: Action, condition: str, *cells: Reach) -> Row:
    return Row(action, condition, dict(zip(Role, cells, strict=True)))


_NO, _OWN, _GRA, _ASS, _ALL = Reach.NONE, Reach.OWN, Reach.GRANTED, Reach.ASSIGNED, Reach.ALL

# fmt: off
TABLE: tuple[Row, ...] = (
    #                                       visitor account enterpr. universi. broker owner administrator
    _row(Action.BROWSE,           ANY,       _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL),
    _row(Action.SEE,              "public",  _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL),
    _row(Action.SEE,              "members", _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL),
    _row(Action.SEE,              "brokers", _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL),
    _row(Action.SEE,              "named",   _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL),
    _row(Action.SEE,              "matched", _NO,    _NO,    _OWN,   _OWN,   _ALL,   _OWN,   _ALL),
    _row(Action.SEE,              "closed",  _NO,    _NO,    _OWN,   _OWN,   _ALL,   _OWN,   _ALL),
    _row(Action.SEE,              "kept",    _NO,    _NO,    _OWN,   _OWN,   _NO,    _OWN,   _ALL),
    _row(Action.SEE,              "draft",   _NO,    _NO,    _OWN,   _OWN,   _NO,    _OWN,   _ALL),
    _row(Action.READ,             "public",  _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL),
    _row(Action.READ,             "members", _NO,    _NO,    _ALL,   _ALL,   _ALL,   _OWN,   _ALL),
    _row(Action.READ,             "brokers", _NO,    _NO,    _OWN,   _OWN,   _ALL,   _OWN,   _ALL),
    _row(Action.READ,             "named",   _NO,    _NO,    _GRA,   _GRA,   _GRA,   _OWN,   _ALL),
    _row(Action.READ,             "matched", _NO,    _NO,    _OWN,   _OWN,   _ALL,   _OWN,   _ALL),
    _row(Action.READ,             "closed",  _NO,    _NO,    _OWN,   _OWN,   _ALL,   _OWN,   _ALL),
    _row(Action.READ,             "kept",    _NO,    _NO,    _OWN,   _OWN,   _NO,    _OWN,   _ALL),
    _row(Action.READ,             "draft",   _NO,    _NO,    _OWN,   _OWN,   _NO,    _OWN,   _ALL),
    _row(Action.READ_ANNEX,       ANY,       _NO,    _NO,    _GRA,   _GRA,   _GRA,   _OWN,   _NO),
    _row(Action.KEEP_ANNEX,       ANY,       _NO,    _NO,    _OWN,   _OWN,   _NO,    _OWN,   _NO),
    _row(Action.POST_NEED,        ANY,       _NO,    _NO,    _OWN,   _NO,    _NO,    _NO,    _ALL),
    _row(Action.POST_ACHIEVEMENT, ANY,       _NO,    _NO,    _NO,    _OWN,   _NO,    _NO,    _ALL),
    _row(Action.POST_ON_BEHALF,   ANY,       _NO,    _NO,    _NO,    _NO,    _ALL,   _NO,    _ALL),
    _row(Action.EDIT,             ANY,       _NO,    _NO,    _OWN,   _OWN,   _NO,    _OWN,   _ALL),
    _row(Action.PROPOSE_REWRITE,  ANY,       _NO,    _NO,    _NO,    _NO,    _ALL,   _NO,    _NO),
    _row(Action.READ_REWRITE,     ANY,       _NO,    _NO,    _OWN,   _OWN,   _OWN,   _OWN,   _ALL),
    _row(Action.ANSWER_REWRITE,   ANY,       _NO,    _NO,    _OWN,   _OWN,   _NO,    _OWN,   _NO),
    _row(Action.JOIN_NEED,        ANY,       _NO,    _NO,    _ALL,   _NO,    _NO,    _NO,    _NO),
    _row(Action.PUBLISH,          ANY,       _NO,    _NO,    _OWN,   _OWN,   _NO,    _OWN,   _ALL),
    _row(Action.DELETE,           ANY,       _NO,    _NO,    _OWN,   _OWN,   _NO,    _OWN,   _ALL),
    _row(Action.IMPORT,           ANY,       _NO,    _NO,    _NO,    _NO,    _NO,    _NO,    _ALL),
    _row(Action.JUDGE,            ANY,       _NO,    _NO,    _NO,    _NO,    _ALL,   _NO,    _ALL),
    _row(Action.USE_DESK,         ANY,       _NO,    _NO,    _NO,    _NO,    _ALL,   _NO,    _ALL),
    _row(Action.ASSIGN,           ANY,       _NO,    _NO,    _NO,    _NO,    _NO,    _NO,    _ALL),
    _row(Action.SEE_JOBS,         ANY,       _NO,    _NO,    _NO,    _NO,    _ALL,   _NO,    _ALL),
    _row(Action.RUN_JOBS,         ANY,       _NO,    _NO,    _NO,    _NO,    _NO,    _NO,    _ALL),
    _row(Action.EXPRESS_INTEREST, ANY,       _NO,    _NO,    _ALL,   _ALL,   _NO,    _NO,    _NO),
    _row(Action.READ_INTEREST,    ANY,       _NO,    _NO,    _OWN,   _OWN,   _ALL,   _OWN,   _ALL),
    _row(Action.FORWARD_INTEREST, ANY,       _NO,    _NO,    _NO,    _NO,    _ALL,   _NO,    _NO),
    _row(Action.ANSWER_INTEREST,  ANY,       _NO,    _NO,    _OWN,   _OWN,   _NO,    _OWN,   _NO),
    _row(Action.PURSUE_INTEREST,  ANY,       _NO,    _NO,    _OWN,   _OWN,   _NO,    _OWN,   _NO),
    _row(Action.READ_CONTACT,     ANY,       _NO,    _NO,    _GRA,   _GRA,   _GRA,   _GRA,   _NO),
    _row(Action.START_ENGAGEMENT, ANY,       _NO,    _NO,    _NO,    _NO,    _ALL,   _NO,    _NO),
    _row(Action.READ_ENGAGEMENT,  ANY,       _NO,    _NO,    _OWN,   _OWN,   _ALL,   _OWN,   _ALL),
    _row(Action.READ_BROKER_NOTES, ANY,      _NO,    _NO,    _NO,    _NO,    _ALL,   _NO,    _ALL),
    _row(Action.WORK_ENGAGEMENT,  ANY,       _NO,    _NO,    _NO,    _NO,    _ASS,   _NO,    _ALL),
    _row(Action.READ_COOPERATION, ANY,       _NO,    _NO,    _OWN,   _OWN,   _ALL,   _OWN,   _ALL),
    _row(Action.RECORD,           ANY,       _NO,    _NO,    _NO,    _NO,    _ALL,   _NO,    _ALL),
    _row(Action.FILE,             ANY,       _NO,    _NO,    _NO,    _NO,    _NO,    _NO,    _ALL),
    _row(Action.SEE_REWARDS,      ANY,       _NO,    _NO,    _OWN,   _OWN,   _ALL,   _OWN,   _ALL),
    _row(Action.SEE_RANKERS,      ANY,       _NO,    _NO,    _NO,    _NO,    _ALL,   _NO,    _ALL),
    _row(Action.TRAIN,            ANY,       _NO,    _NO,    _NO,    _NO,    _NO,    _NO,    _ALL),
    _row(Action.SIGN_IN,          ANY,       _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL),
    _row(Action.OWN_ACCOUNT,      ANY,       _NO,    _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL),
    _row(Action.OWN_INBOX,        ANY,       _NO,    _ALL,   _ALL,   _ALL,   _ALL,   _ALL,   _ALL),
    _row(Action.SEE_PEOPLE,       ANY,       _NO,    _NO,    _OWN,   _OWN,   _OWN,   _OWN,   _ALL),
    _row(Action.MANAGE_PEOPLE,    ANY,       _NO,    _NO,    _NO,    _NO,    _NO,    _OWN,   _ALL),
    _row(Action.MAKE_BROKER,      ANY,       _NO,    _NO,    _NO,    _NO,    _OWN,   _NO,    _ALL),
    _row(Action.ADMINISTER,       ANY,       _NO,    _NO,    _NO,    _NO,    _NO,    _NO,    _ALL),
    _row(Action.READ_AUDIT,       ANY,       _NO,    _NO,    _NO,    _NO,    _NO,    _NO,    _ALL),
    _row(Action.WATCH,            ANY,       _NO,    _NO,    _NO,    _NO,    _NO,    _NO,    _ALL),
)
# fmt: on


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody who reads or acts, in the organisation acted for. Without an account: a visitor."""

    roles: frozenset[Role] = frozenset({Role.VISITOR})
    account_id: int | None = None
    name: str = ""
    organisation_id: int | None = None
    organisation: str = ""

    @property
    def is_signed_in(self) -> bool:
        """True for somebody with an account."""
        return self.account_id is not None

    @property
    def signature(self) -> str:
        """The name that histories and verdicts keep."""
        place = self.organisation or (Role.ADMINISTRATOR.value if Role.ADMINISTRATOR in self.roles else "")
        return f"{self.name}（{place}）" if place else self.name


VISITOR = Viewer()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted upon: whose it is, its condition, to whom it was opened, and the accounts that carry it."""

    organisation_ids: frozenset[int] = frozenset()
    condition: str = ANY
    granted_ids: frozenset[int] = frozenset()
    assigned_ids: frozenset[int] = frozenset()


NOTHING = Subject()


@dataclass(frozen=True, slots=True)
class Sight:
    """The records that somebody may see or read: by condition all, those of one organisation, those opened to it."""

    everywhere: frozenset[str]
    own: frozenset[str] = frozenset()
    granted: frozenset[str] = frozenset()
    organisation_id: int | None = None


def may(viewer: Viewer, action: Action, subject: Subject = NOTHING) -> bool:
    """Return whether the table lets `viewer` do `action` to `subject`."""
    reaches = {reach(role, action, subject.condition) for role in viewer.roles}
    is_own = viewer.organisation_id in subject.organisation_ids
    is_granted = is_own or viewer.organisation_id in subject.granted_ids
    is_assigned = viewer.account_id in subject.assigned_ids
    lets_in = {Reach.ALL: True, Reach.OWN: is_own, Reach.GRANTED: is_granted, Reach.ASSIGNED: is_assigned}
    return any(lets_in.get(each, False) for each in reaches)


def reach(role: Role, action: Action, condition: str = ANY) -> Reach:
    """Return how far `role` may go; NONE for what stands in no row."""
    rows = [row for row in TABLE if row.action is action and row.condition in (condition, ANY)]
    return rows[0].reaches[role] if rows else Reach.NONE


def somebody_may(action: Action) -> bool:
    """Return whether anybody with an account may do `action` to something, so that signing in can help."""
    return any(row.reaches[role] != Reach.NONE for row in TABLE if row.action is action for role in Role)


def subject_of(record: Record) -> Subject:
    """Return the need or achievement as a subject."""
    return Subject(_ids(record.organisation_id), condition_of(record), frozenset(record.named_ids))


def condition_of(record: Record) -> str:
    """Return the condition of a record."""
    return condition(record.status, record.visibility)


def condition(status: str, visibility: str) -> str:
    """Return the condition of a record of this status; a visibility that is not known is the narrowest."""
    is_wide = visibility in VISIBILITIES and visibility != "named"
    if status == "published":
        return visibility if is_wide else "named"
    return status if is_wide or status == "draft" else "kept"


def own(viewer: Viewer) -> Subject:
    """Return whatever belongs to the organisation that `viewer` acts for."""
    return Subject(_ids(viewer.organisation_id))


def sight(viewer: Viewer, action: Action = Action.READ) -> Sight:
    """Return to which records the table lets `viewer` do `action`."""
    reaches = {name: {reach(role, action, name) for role in viewer.roles} for name in CONDITIONS}
    everywhere, own, granted = (
        frozenset(name for name, found in reaches.items() if wanted & found)
        for wanted in ({Reach.ALL}, {Reach.OWN, Reach.GRANTED}, {Reach.GRANTED})
    )
    return Sight(everywhere, own - everywhere, granted - everywhere, viewer.organisation_id)


def _ids(organisation_id: int | None) -> frozenset[int]:
    return frozenset() if organisation_id is None else frozenset({organisation_id})
