"""How values are written for people."""

from datetime import UTC, date, datetime

import pytest

from matcher.models import Achievement, Need, Page
from web.frame import day, facts, moment, money, page_numbers, region_name


@pytest.mark.parametrize(
    ("yuan", "text"),
    [
        (None, ""),
        (0, "0 万元"),
        (1, "0.0001 万元"),
        (1_205_000, "120.5 万元"),
        (12_005_500, "1,200.55 万元"),
        (10**12, "100,000,000 万元"),
    ],
)
def test_money(yuan: int | None, text: str) -> None:
    assert money(yuan) == text


def test_times_are_those_of_shanghai() -> None:
    late = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)
    assert day(late) == "2026年11月23日"
    assert moment(late) == "2026年11月23日 00:05"
    assert day(date(2026, 1, 2)) == "2026年1月2日"
    assert day(None) == moment(None) == ""


def test_regions_known_unknown_and_half_known() -> None:
    assert region_name("341504") == "安徽省六安市叶集区"
    assert region_name("349999") == "安徽省（349999）"
    assert region_name("999999") == "999999"
    assert region_name("长三角") == "长三角"
    assert region_name("") == ""


def test_facts_leave_out_what_is_not_given() -> None:
    assert facts(Need(title="x")) == facts(Achievement(title="x")) == []
    assert facts(Need(title="x", maturity=6, budget_yuan=0)) == ["成熟度不低于 6 级", "预算 0 万元"]
    assert facts(Achievement(title="x", maturity=6, field="自定")) == ["自定", "成熟度 6 级"]


@pytest.mark.parametrize(
    ("number", "total", "expected"),
    [
        (1, 0, [1]),
        (1, 60, [1, 2, 3]),
        (5, 200, [1, None, 3, 4, 5, 6, 7, None, 10]),
        (10, 200, [1, None, 8, 9, 10]),
    ],
)
def test_page_numbers(number: int, total: int, expected: list[int | None]) -> None:
    assert page_numbers(Page(items=(), total=total, number=number, size=20)) == expected
