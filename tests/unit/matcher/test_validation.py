"""Rules of input: each names its field, says what is wrong and what to do."""

from typing import Any

import pytest

from matcher.errors import InvalidInputError
from matcher.validation import MOST_INDICATORS, MOST_KEYWORDS, MOST_YUAN, check_record
from tests.support.records import achievement, need


def problems_of(check: Any, value: Any) -> dict[str, str]:
    try:
        check(value)
    except InvalidInputError as error:
        assert str(error) == "；".join(error.problems.values())
        return error.problems
    return {}


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"title": ""}, "title", "请填写标题"),
        ({"title": " \n\t　"}, "title", "请填写标题"),
        ({"title": "长" * 301}, "title", "共 301 字，最多 300 字"),
        ({"description": "长" * 50_001}, "description", "最多 50000 字"),
        ({"organisation": "长" * 201}, "organisation", "最多 200 字"),
        ({"external_id": "x" * 201}, "external_id", "最多 200 字"),
        ({"description": "a\x00b"}, "description", "空字符（NUL）"),
        ({"region": "\ud800"}, "region", "残缺的字符"),
        ({"keywords": ("词",) * (MOST_KEYWORDS + 1)}, "keywords", f"共 {MOST_KEYWORDS + 1} 项"),
        ({"keywords": ("长" * 501,)}, "keywords", "超过 500 字"),
        ({"keywords": ("\x00",)}, "keywords", "无法显示的字符"),
        ({"indicators": ("行",) * (MOST_INDICATORS + 1)}, "indicators", f"最多 {MOST_INDICATORS} 项"),
        ({"indicators": ("\udfff",)}, "indicators", "无法显示的字符"),
        ({"maturity": 0}, "maturity", "“0”不在 1 到 9 之间"),
        ({"maturity": 10}, "maturity", "“10”不在 1 到 9 之间"),
        ({"modes": ("transfer", "买断")}, "modes", "“买断”不是合作方式；可选：技术开发（委托）"),
        ({"budget_yuan": -1}, "budget_yuan", "核对单位（万元）"),
        ({"budget_yuan": MOST_YUAN + 1}, "budget_yuan", "1 亿万元"),
    ],
)
def test_one_broken_rule_is_named_with_its_field(given: dict[str, Any], field: str, words: str) -> None:
    problems = problems_of(check_record, need(**given))
    assert problems.keys() == {field}
    assert words in problems[field]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"title": "长" * 300, "description": "长" * 50_000, "external_id": "x" * 200},
        {"keywords": ("长" * 500,) * MOST_KEYWORDS, "indicators": ("行",) * MOST_INDICATORS},
        {"maturity": 1},
        {"maturity": 9},
        {"modes": ("transfer", "licence", "service", "consulting")},
        {"title": "<script>'; drop table need; --"},
        {"title": "\u202e\ufffe😀"},
        {"field": "自己的领域", "region": "长三角"},
    ],
)
def test_what_keeps_the_rules_passes(given: dict[str, Any]) -> None:
    assert problems_of(check_record, need(**given)) == {}


def test_all_broken_rules_are_named_at_once() -> None:
    problems = problems_of(check_record, need("", maturity=0, modes=("x",), budget_yuan=-1))
    assert problems.keys() == {"title", "maturity", "modes", "budget_yuan"}


@pytest.mark.parametrize("yuan", [0, 1, MOST_YUAN])
def test_amounts_at_the_limits_pass(yuan: int) -> None:
    assert problems_of(check_record, need(budget_yuan=yuan)) == {}
    assert problems_of(check_record, achievement(asking_price_yuan=yuan)) == {}


def test_an_achievement_has_a_price() -> None:
    assert problems_of(check_record, achievement(asking_price_yuan=-5)).keys() == {"asking_price_yuan"}
