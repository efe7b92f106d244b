"""One row of a file to one record, with every problem named by line, field, value and reason. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from matcher.controlled_lists import cooperation_modes, organisation_kinds, regions, technical_fields
from matcher.errors import InvalidInputError
from matcher.models import MATCHED_KIND, NEED_KINDS, Achievement, Kind, Need, Record
from matcher.validation import check_record

_COLUMN_NAMES = {
    "编号": "id",
    "标题": "title",
    "名称": "title",
    "描述": "description",
    "简介": "description",
    "关键词": "keywords",
    "单位": "organisation",
    "技术领域": "field",
    "行政区划": "region",
    "地区": "region",
    "技术成熟度": "maturity",
    "技术指标": "indicators",
    "需求类型": "need_kind",
    "卡脖子": "chokepoint",
    "共性关键技术": "common_key",
    "工况与约束": "conditions",
    "现状": "present_state",
    "决策负责人": "decision_owner",
}
_KEYWORD_MARKS = re.compile(r"[;；,，、\n]")
_LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be stored. `field` is empty when the whole row is meant."""

    line: int
    field: str
    value: str
    reason: str


def known_column(name: str) -> str:
    """Return the field a column heading means; unknown headings come back as they are."""
    return _COLUMN_NAMES.get(name.strip(), name.strip().lower())


def parse_row(kind: Kind, line: int, row: Mapping[str, Any]) -> tuple[Record | None, list[RowProblem]]:
    """Return the published record that a row describes, or None and what is wrong with the row."""
    values: dict[str, Any] = {}
    problems = []
    for column, (name, read) in _COLUMNS[kind].items():
        if column in row:
            try:
                values[name] = read(row[column])
            except ValueError as error:
                problems.append(RowProblem(line, column, _shown(row[column]), str(error)))
    if not problems:
        model = Need if kind == "need" else Achievement
        record: Record = model(**{"title": "", **values}, status="published")
        try:
            check_record(record)
            return record, []
        except InvalidInputError as error:
            columns = {name: column for column, (name, _) in _COLUMNS[kind].items()}
            for name, reason in error.problems.items():
                column = columns.get(name, name)
                problems.append(RowProblem(line, column, _shown(row.get(column, "")), _printable(reason)))
    return None, problems


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("应为文字")
    return str(value).strip()


def _items(value: Any) -> tuple[str, ...]:
    """Return the items of a list, or of a text split at ; ； , ， 、 and line ends; blanks and repeats go."""
    parts = value if isinstance(value, list) else _KEYWORD_MARKS.split(_text(value))
    return tuple(dict.fromkeys(text for part in parts if (text := _text(part))))


def _lines(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else _text(value).split("\n")
    return tuple(text for part in parts if (text := _text(part)))


def _whole_number(value: Any) -> int | None:
    text = _text(value)
    if not text:
        return None
    if not re.fullmatch(r"\d{1,15}(\.0+)?", text):
        raise ValueError("应为整数，或留空")
    return int(text.split(".")[0])


def _maturity(value: Any) -> int | None:
    text = _text(value)
    if not text:
        return None
    found = re.fullmatch(r"(?:TRL)?\s*-?\s*([1-9])(?:\.0+)?\s*级?", text, re.IGNORECASE)
    if found is None:
        raise ValueError("技术成熟度应为 1 到 9 的整数，或留空")
    return int(found.group(1))


def _date(value: Any) -> date | None:
    text = _text(value)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError("日期应写成 2026-12-31，或留空") from None


def _field(value: Any) -> str:
    return technical_fields().code(_text(value))


def _region(value: Any) -> str:
    return regions().code(_text(value))


def _modes(value: Any) -> tuple[str, ...]:
    return tuple(cooperation_modes().code(item) for item in _items(value))


def _need_kind(value: Any) -> str:
    text = _text(value).removesuffix("需求")
    return next((code for code, name in NEED_KINDS.items() if text == name), text or MATCHED_KIND)


def _yes_or_no(value: Any) -> bool:
    text = str(value).strip().lower() if value is not None else ""
    if text in ("是", "yes", "true", "1", "y", "√"):
        return True
    if text in ("", "否", "no", "false", "0", "n"):
        return False
    raise ValueError("应为“是”或“否”，或留空")


def _organisation_kind(value: Any) -> str:
    return organisation_kinds().code(_text(value))


def _shown(value: Any) -> str:
    text = _printable(str(value))
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def _printable(text: str) -> str:
    """Return `text` with half characters (JSON may hold them) as question marks: no terminal could print them."""
    return text.encode("utf-8", "replace").decode()


_Reader = Callable[[Any], Any]
_SHARED: dict[str, tuple[str, _Reader]] = {
    "id": ("external_id", _text),
    "title": ("title", _text),
    "description": ("description", _text),
    "keywords": ("keywords", _items),
    "organisation": ("organisation", _text),
    "organisation_kind": ("organisation_kind", _organisation_kind),
    "field": ("field", _field),
    "region": ("region", _region),
    "maturity": ("maturity", _maturity),
    "indicators": ("indicators", _lines),
    "modes": ("modes", _modes),
}
_COLUMNS: dict[Kind, dict[str, tuple[str, _Reader]]] = {
    "need": _SHARED
    | {
        "budget_yuan": ("budget_yuan", _whole_number),
        "deadline": ("deadline", _date),
        "need_kind": ("need_kind", _need_kind),
        "chokepoint": ("is_chokepoint", _yes_or_no),
        "common_key": ("is_common_key", _yes_or_no),
        "conditions": ("conditions", _text),
        "present_state": ("present_state", _text),
        "decision_owner": ("decision_owner", _text),
    },
    "achievement": _SHARED
    | {
        "ip_kind": ("ip_kind", _text),
        "ip_number": ("ip_number", _text),
        "asking_price_yuan": ("asking_price_yuan", _whole_number),
        "team": ("team", _text),
    },
}
