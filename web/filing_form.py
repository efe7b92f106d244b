"""The paper form of a cooperation record (产学研合作备案表): every field of the record, and room for stamps."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from matcher.controlled_lists import cooperation_modes
from matcher.cooperation import (
    DIRECTIONS,
    KINDS,
    MILESTONE_STATES,
    OUTCOME_KINDS,
    ROLES,
    Cooperation,
    Milestone,
    Outcome,
    Party,
    Payment,
)
from matcher.models import Kind, Record
from matcher.paper import Cell, Paper, Row, head, label, pairs, value, wide
from matcher.workflow import COOPERATION_STATES
from web.frame import KIND_NAMES, SITE_NAME, day, money, region_name

TITLE = "产学研合作备案表"
# A narrow column for the names of parts, then ten equal ones.
_COLUMNS_MM = (10, *(16,) * 10)
_STAMP_MM = 38
_SIGNED = "法定代表人或授权代表（签字）：\n\n（盖章）\n年      月      日"
_DECIDED = "经办人（签字）：                负责人（签字）：\n\n（盖章）\n年      月      日"


def paper(cooperation: Cooperation, linked: Sequence[Record] = ()) -> Paper:
    """Return the form; `linked` are the need and the achievement as its reader may see them."""
    parts: tuple[tuple[str, list[Row]], ...] = (
        ("基本情况", _basics(cooperation, linked)),
        *((name, _parties(cooperation, role)) for role, name in ROLES.items()),
        ("技术合同", _contract(cooperation)),
        ("付款", _payments(cooperation)),
        ("进度节点", _milestones(cooperation)),
        ("绩效产出", _outcomes(cooperation)),
        ("其他", _others(cooperation)),
    )
    grouped = [row for name, rows in parts for row in _grouped(name, rows)]
    return Paper(
        title=TITLE,
        left=f"备案编号：{cooperation.filing_number or '（备案后填写）'}",
        right=_state(cooperation),
        columns_mm=_COLUMNS_MM,
        rows=(*grouped, *_signatures(cooperation)),
        notes=(f"本表由“{SITE_NAME}”按 {day(datetime.now(UTC))}的记录生成。",),
    )


def _grouped(name: str, rows: list[Row]) -> list[Row]:
    """Return the rows with the name of their part at the left, over all of them."""
    return [(Cell(name, 1, len(rows), "label"), *rows[0]), *rows[1:]] if rows else []


def _state(cooperation: Cooperation) -> str:
    filed = f"，{day(cooperation.filed_on)}备案" if cooperation.filed_on else ""
    return f"状态：{COOPERATION_STATES.get(cooperation.state, cooperation.state)}{filed}"


def _basics(cooperation: Cooperation, linked: Sequence[Record]) -> list[Row]:
    versions: dict[Kind, int | None] = {
        "need": cooperation.need_version,
        "achievement": cooperation.achievement_version,
    }
    return [
        wide("合作名称", cooperation.title),
        *pairs(
            [
                ("备案类别", KINDS.get(cooperation.kind, cooperation.kind)),
                ("对口地区", region_name(cooperation.paired_region)),
                ("地区", region_name(cooperation.region)),
                ("技术流向", DIRECTIONS.get(cooperation.direction, cooperation.direction)),
            ]
        ),
        *(wide(KIND_NAMES[record.kind], _versioned(record.title, versions[record.kind])) for record in linked),
    ]


def _versioned(title: str, version: int | None) -> str:
    return title if version is None else f"{title}（第 {version} 版）"


def _parties(cooperation: Cooperation, role: str) -> list[Row]:
    found = [each for each in cooperation.parties if each.role == role]
    if not found and role == "c":
        return []
    blank = Party(role=role, name="")
    return [_party(each) for each in found or [blank]]


def _party(party: Party) -> Row:
    return (label("单位名称"), value(party.name), label("信用\n代码", 1), value(party.credit_code, 4))


def _contract(cooperation: Cooperation) -> list[Row]:
    return [
        *pairs(
            [
                ("合同类型", cooperation_modes().name(cooperation.contract_type)),
                ("签订日期", day(cooperation.signed_on)),
                ("合同金额", money(cooperation.amount_yuan)),
                ("技术交易额", money(cooperation.technology_amount_yuan)),
                ("开始日期", day(cooperation.starts_on)),
                ("结束日期", day(cooperation.ends_on)),
                ("合同登记\n编号", cooperation.registration_number),
                ("登记日期", day(cooperation.registered_on)),
            ]
        ),
        wide("知识产权\n归属", cooperation.ip_ownership),
    ]


def _payments(cooperation: Cooperation) -> list[Row]:
    agreed = [each.amount_yuan for each in cooperation.payments]
    paid = [each.paid_yuan for each in cooperation.payments]
    return [
        (head("期次", 1), head("约定日期"), head("约定金额"), head("实付日期"), head("实付金额", 3)),
        *(_payment(number, each) for number, each in enumerate(cooperation.payments or (Payment(),), 1)),
        (label("合计", 3), _amount(_sum(agreed)), value("", 2), _amount(_sum(paid), 3)),
    ]


def _payment(number: int, payment: Payment) -> Row:
    agreed = (_date(payment.due_on), _amount(payment.amount_yuan))
    ordinal = str(number) if payment != Payment() else ""
    return (value(ordinal, 1), *agreed, _date(payment.paid_on), _amount(payment.paid_yuan, 3))


def _milestones(cooperation: Cooperation) -> list[Row]:
    return [
        (head("内容", 5), head("约定日期"), head("状态", 1), head("完成日期")),
        *([_milestone(each) for each in cooperation.milestones] or [_blank(5, 2, 1, 2)]),
    ]


def _milestone(milestone: Milestone) -> Row:
    state = value(MILESTONE_STATES.get(milestone.state, milestone.state), 1)
    return (value(milestone.title, 5), _date(milestone.due_on), state, _date(milestone.done_on))


def _outcomes(cooperation: Cooperation) -> list[Row]:
    return [
        (head("类别"), head("内容", 3), head("数量", 1), head("金额"), head("取得日期")),
        *([_outcome(each) for each in cooperation.outcomes] or [_blank(2, 3, 1, 2, 2)]),
    ]


def _outcome(outcome: Outcome) -> Row:
    proof = f"\n证明材料：{outcome.evidence}" if outcome.evidence else ""
    return (
        value(OUTCOME_KINDS.get(outcome.kind, outcome.kind), 2),
        value(f"{outcome.title}{proof}", 3),
        Cell("" if outcome.count is None else str(outcome.count), 1, 1, "figure"),
        _amount(outcome.amount_yuan),
        _date(outcome.obtained_on),
    )


def _others(cooperation: Cooperation) -> list[Row]:
    reason = [wide("退回、终止\n或撤销原因", cooperation.reason)] if cooperation.reason else []
    return [wide("预期成果", cooperation.expected_results), wide("备注", cooperation.note), *reason]


def _signatures(cooperation: Cooperation) -> list[Row]:
    third = any(each.role == "c" for each in cooperation.parties)
    return [
        (label("甲方", 1), _stamp(_SIGNED, 5), label("乙方", 1), _stamp(_SIGNED, 4)),
        *([(label("丙方", 1), _stamp(_SIGNED, 10))] if third else []),
        (label("主管部门意见", 1), _stamp(_DECIDED, 10)),
    ]


def _stamp(text: str, columns: int) -> Cell:
    return Cell(text, columns, 1, "stamp", _STAMP_MM)


def _blank(*columns: int) -> Row:
    return tuple(value("", each) for each in columns)


def _date(when: date | None) -> Cell:
    return value(when.isoformat() if when else "", 2)


def _amount(yuan: int | None, columns: int = 2) -> Cell:
    return Cell(money(yuan), columns, 1, "figure")


def _sum(amounts: Sequence[int | None]) -> int | None:
    known = [each for each in amounts if each is not None]
    return sum(known) if known else None
