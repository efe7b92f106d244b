"""One row to one record."""

from datetime import date
from typing import Any

import pytest

from matcher.models import Achievement, Kind, Need
from matcher.row_parsing import RowProblem, known_column, parse_row


def parsed(kind: Kind = "need", **row: Any) -> Any:
    """Return the record of a sound row."""
    record, problems = parse_row(kind, 2, {"title": "标题", **row})
    assert problems == []
    return record


def problem(kind: Kind = "need", **row: Any) -> RowProblem:
    """Return the one problem of a row."""
    record, problems = parse_row(kind, 7, {"title": "标题", **row})
    assert record is None and len(problems) == 1
    return problems[0]


def test_a_full_need() -> None:
    row = {
        "id": "n-1",
        "title": " 杨木防霉 ",
        "description": "行一\n行二",
        "keywords": "防霉；杨木,板材、防霉",
        "organisation": "青桐坞家居制造有限公司",
        "field": "4.5",
        "region": "341504",
        "maturity": "TRL 7",
        "indicators": "指标，一\n\n 指标二 ",
        "modes": ["技术转让", "licence"],
        "budget_yuan": "505000.0",
        "deadline": "2027-04-30",
        "unknown": "passed over",
    }
    assert parse_row("need", 2, row) == (
        Need(
            external_id="n-1",
            title="杨木防霉",
            description="行一\n行二",
            keywords=("防霉", "杨木", "板材"),
            organisation="青桐坞家居制造有限公司",
            field="4.5",
            region="341504",
            maturity=7,
            indicators=("指标，一", "指标二"),
            modes=("transfer", "licence"),
            budget_yuan=505_000,
            deadline=date(2027, 4, 30),
            status="published",
        ),
        [],
    )


def test_a_full_achievement() -> None:
    row = {
        "title": "t",
        "organisation_kind": "高校",
        "ip_kind": "发明专利",
        "ip_number": 12,
        "asking_price_yuan": 5,
        "team": "组",
    }
    assert parse_row("achievement", 2, row)[0] == Achievement(
        title="t",
        organisation_kind="university",
        ip_kind="发明专利",
        ip_number="12",
        asking_price_yuan=5,
        team="组",
        status="published",
    )


def test_names_become_codes_and_other_words_stay() -> None:
    assert parsed(region="叶集区", field="电子信息").region == "341504"
    assert parsed(region="叶集区", field="电子信息").field == "1"
    assert (parsed(region="长三角").region, parsed(field="量子").field) == ("长三角", "量子")


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_blanks_are_not_given(blank: str | None) -> None:
    found = parsed(description=blank, keywords=blank, maturity=blank, budget_yuan=blank, deadline=blank, modes=blank)
    assert found == Need(title="标题", status="published")


@pytest.mark.parametrize("text", ["7", 7, "7.0", "TRL7", "trl-7", "7级", " TRL 7 级 "])
def test_ways_to_write_readiness(text: Any) -> None:
    assert parsed(maturity=text).maturity == 7


@pytest.mark.parametrize(
    ("row", "field", "value", "reason"),
    [
        ({"maturity": "十"}, "maturity", "十", "技术成熟度应为 1 到 9 的整数，或留空"),
        ({"maturity": "0"}, "maturity", "0", "技术成熟度应为 1 到 9 的整数，或留空"),
        ({"maturity": 7.5}, "maturity", "7.5", "技术成熟度应为 1 到 9 的整数，或留空"),
        ({"maturity": True}, "maturity", "True", "应为文字"),
        ({"budget_yuan": "50万"}, "budget_yuan", "50万", "应为整数，或留空"),
        ({"budget_yuan": -1}, "budget_yuan", "-1", "应为整数，或留空"),
        ({"budget_yuan": 10**15 - 1}, "budget_yuan", "999999999999999", "1 亿万元"),
        ({"deadline": "2027/4/30"}, "deadline", "2027/4/30", "日期应写成 2026-12-31，或留空"),
        ({"deadline": "2027-02-30"}, "deadline", "2027-02-30", "日期应写成 2026-12-31，或留空"),
        ({"title": {"a": 1}}, "title", "{'a': 1}", "应为文字"),
        ({"keywords": [["a"]]}, "keywords", "[['a']]", "应为文字"),
        ({"modes": "买断"}, "modes", "买断", "“买断”不是合作方式"),
        ({"title": ""}, "title", "", "请填写标题"),
        ({"title": "长" * 301}, "title", "长" * 40 + "…", "最多 300 字"),
        ({"id": "x" * 201}, "id", "x" * 40 + "…", "最多 200 字"),
        ({"title": "\ud83d"}, "title", "?", "残缺的字符"),
    ],
)
def test_a_problem_names_line_column_value_and_reason(row: dict[str, Any], field: str, value: str, reason: str) -> None:
    found = problem(**row)
    assert (found.line, found.field, found.value) == (7, field, value)
    assert reason in found.reason


def test_all_problems_of_a_row_are_named() -> None:
    _, problems = parse_row("need", 3, {"title": "t", "maturity": "x", "deadline": "y"})
    assert [each.field for each in problems] == ["maturity", "deadline"]


def test_a_row_without_a_title_is_told_so() -> None:
    assert [each.field for each in parse_row("need", 3, {"description": "x"})[1]] == ["title"]


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("标题", "title"),
        (" 名称 ", "title"),
        ("Title", "title"),
        ("技术领域", "field"),
        ("地区", "region"),
        ("备注", "备注"),
    ],
)
def test_headings(heading: str, column: str) -> None:
    assert known_column(heading) == column
