"""A need or an achievement as a Word sheet, to be printed and passed on: what its reader sees on the page."""

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import Response, url_for

from matcher.controlled_lists import cooperation_modes, organisation_kinds, technical_fields
from matcher.models import FLAGS, NEED_KINDS, Kind, Record
from matcher.paper import Paper, Row, pairs, wide
from matcher.policy import Action, may, subject_of
from matcher.workflow import POSTING_STATUSES
from web.addresses import outer
from web.current import seen, service, viewer
from web.frame import BLUEPRINTS, KIND_NAMES, SITE_NAME, day, maturity_name, money, region_name
from web.word_files import word_answer

_UNITS_MM = (17,) * 10


def sheet(kind: Kind, item_id: int) -> Response:
    """The sheet of a record, as much of it as the viewer may read. Raises: NotFoundError."""
    record = service().postings.get(kind, item_id)
    is_whole = may(viewer(), Action.READ, subject_of(record))
    name = KIND_NAMES[kind]
    return word_answer(paper(seen(record), is_whole), f"{name}信息表-{record.title[:40]}")


def paper(record: Record, is_whole: bool) -> Paper:
    """Return the sheet; of a record seen in summary only what was given, lest a blank pass for nothing known."""
    short, long = _short(record), _long(record)
    if not is_whole:
        short, long = ([item for item in items if item[1]] for items in (short, long))
    rows: list[Row] = [wide("名称", record.title), *pairs(short), *(wide(*item) for item in long)]
    return Paper(
        title=f"{KIND_NAMES[record.kind]}信息表",
        left=f"状态：{POSTING_STATUSES[record.status]}",
        right=f"更新日期：{day(record.updated_at)}",
        columns_mm=_UNITS_MM,
        rows=tuple(rows),
        notes=_notes(record, is_whole),
    )


def _short(record: Record) -> list[tuple[str, str]]:
    return [
        ("单位", record.organisation),
        ("单位类型", organisation_kinds().name(record.organisation_kind)),
        ("技术领域", technical_fields().full_name(record.field)),
        ("技术成熟度", maturity_name(record.maturity)),
        ("合作方式", "、".join(cooperation_modes().name(mode) for mode in record.modes)),
        ("地区", region_name(record.region)),
        *_own(record),
        ("有效期至", day(record.valid_until)),
        ("代为发布", record.on_behalf_by),
    ]


def _own(record: Record) -> Sequence[tuple[str, str]]:
    """Return what only one kind of record has."""
    if record.kind == "need":
        return [
            ("需求类别", NEED_KINDS[record.need_kind]),
            ("标记", "、".join(FLAGS[name] for name in record.flags)),
            ("预算", money(record.budget_yuan)),
            ("截止日期", day(record.deadline)),
            ("决策负责人", record.decision_owner),
        ]
    rights = " ".join(filter(None, (record.ip_kind, record.ip_number)))
    return [("报价", money(record.asking_price_yuan)), ("知识产权", rights), ("团队", record.team)]


def _long(record: Record) -> list[tuple[str, str]]:
    numbered = [f"{number}. {text}" for number, text in enumerate(record.indicators, 1)]
    summary = record.summary if record.summary != record.description else ""
    return [
        ("关键词", "；".join(record.keywords)),
        ("描述", record.description),
        ("技术指标", "\n".join(numbered)),
        *([("工况和约束", record.conditions), ("现状", record.present_state)] if record.kind == "need" else []),
        *([("公开摘要", summary)] if summary else []),
    ]


def _notes(record: Record, is_whole: bool) -> tuple[str, ...]:
    address = outer(url_for(f"{BLUEPRINTS[record.kind]}.detail", item_id=record.id))
    told = [f"{day(datetime.now(UTC))}由“{SITE_NAME}”生成，最新内容见 {address}"]
    if not is_whole:
        told.append("本表只含公开摘要；全文由发布单位选择的对象阅读。")
    if record.is_demo:
        told.append("演示用的虚构数据。")
    return tuple(told)
