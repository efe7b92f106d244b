"""The data that the registration of a technology contract (技术合同登记) asks for, as an Excel file."""

from collections.abc import Iterator, Sequence

from matcher.controlled_lists import cooperation_modes, technical_fields
from matcher.cooperation import DIRECTIONS, KINDS, MILESTONE_STATES, OUTCOME_KINDS, ROLES, Cooperation, Outcome
from matcher.models import Record
from matcher.sheets import MOST_LINES, Column, Table, Value, in_rows
from matcher.workflow import COOPERATION_STATES
from web.frame import KIND_NAMES, region_name

TITLE = "技术合同登记数据表"
_DAY = 12
_YUAN = 16
_CONTENT = 60


def tables(cooperation: Cooperation, linked: Sequence[Record] = ()) -> tuple[Table, ...]:
    """Return a sheet for the contract and one for each of its repeated parts; amounts are whole yuan."""
    return (
        Table(
            "合同", (Column("项目", 26), Column("内容", _CONTENT)), _whole(_contract(cooperation, linked)), MOST_LINES
        ),
        _parties(cooperation),
        _payments(cooperation),
        _milestones(cooperation),
        _outcomes(cooperation),
    )


def _contract(cooperation: Cooperation, linked: Sequence[Record]) -> list[tuple[str, Value]]:
    fields = [technical_fields().full_name(record.field) for record in linked if record.field]
    return [
        ("合同名称", cooperation.title),
        ("合同类型", cooperation_modes().name(cooperation.contract_type)),
        ("合同登记编号", cooperation.registration_number),
        ("合同登记日期", cooperation.registered_on),
        ("合同签订日期", cooperation.signed_on),
        ("合同开始日期", cooperation.starts_on),
        ("合同结束日期", cooperation.ends_on),
        ("合同金额（元）", cooperation.amount_yuan),
        ("其中技术交易额（元）", cooperation.technology_amount_yuan),
        ("技术流向", DIRECTIONS.get(cooperation.direction, cooperation.direction)),
        ("地区", region_name(cooperation.region)),
        ("地区代码", cooperation.region),
        ("技术领域", "；".join(dict.fromkeys(fields))),
        ("知识产权归属", cooperation.ip_ownership),
        ("预期成果", cooperation.expected_results),
        ("备案类别", KINDS.get(cooperation.kind, cooperation.kind)),
        ("对口地区", region_name(cooperation.paired_region)),
        ("备案编号", cooperation.filing_number),
        ("备案日期", cooperation.filed_on),
        ("状态", COOPERATION_STATES.get(cooperation.state, cooperation.state)),
        ("退回、终止或撤销原因", cooperation.reason),
        ("备注", cooperation.note),
        *((f"关联{KIND_NAMES[record.kind]}", record.title) for record in linked),
    ]


def _whole(rows: list[tuple[str, Value]]) -> Iterator[tuple[Value, ...]]:
    """Yield the rows; what no row can show whole goes on in the next ones."""
    for name, value in rows:
        parts: list[Value] = [*in_rows(value, _CONTENT)] if isinstance(value, str) else [value]
        yield from ((name if number == 0 else f"{name}（续）", part) for number, part in enumerate(parts))


def _parties(cooperation: Cooperation) -> Table:
    columns = (Column("角色", 8), Column("单位名称", 36), Column("统一社会信用代码", 24))
    rows = [(ROLES.get(each.role, each.role), each.name, each.credit_code) for each in cooperation.parties]
    return Table("当事人", columns, rows, MOST_LINES)


def _payments(cooperation: Cooperation) -> Table:
    columns = (Column("期次", 8), Column("约定日期", _DAY), Column("约定金额（元）", _YUAN), Column("实付日期", _DAY))
    rows = [
        (number, each.due_on, each.amount_yuan, each.paid_on, each.paid_yuan)
        for number, each in enumerate(cooperation.payments, 1)
    ]
    return Table("付款", (*columns, Column("实付金额（元）", _YUAN)), rows, MOST_LINES)


def _milestones(cooperation: Cooperation) -> Table:
    columns = (Column("内容", 48), Column("约定日期", _DAY), Column("状态", 10), Column("完成日期", _DAY))
    rows = [
        (each.title, each.due_on, MILESTONE_STATES.get(each.state, each.state), each.done_on)
        for each in cooperation.milestones
    ]
    return Table("进度节点", columns, rows, MOST_LINES)


def _outcomes(cooperation: Cooperation) -> Table:
    columns = (Column("类别", 16), Column("内容", 40), Column("数量", 8), Column("金额（元）", _YUAN))
    rows = [(OUTCOME_KINDS.get(each.kind, each.kind), each.title, *_gained(each)) for each in cooperation.outcomes]
    return Table("绩效产出", (*columns, Column("取得日期", _DAY), Column("证明材料", 32)), rows, MOST_LINES)


def _gained(outcome: Outcome) -> tuple[Value, ...]:
    return (outcome.count, outcome.amount_yuan, outcome.obtained_on, outcome.evidence)
