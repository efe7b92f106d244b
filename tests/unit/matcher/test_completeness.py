"""What a record still lacks."""

from dataclasses import replace

import pytest

from matcher.completeness import gaps, is_measurable
from matcher.documents import body_terms, dense_text, text_hash
from matcher.models import Achievement, Need
from tests.support.examples import WOOD_ACHIEVEMENT, WOOD_NEED

FULL_NEED = replace(
    WOOD_NEED,
    description="长" * 60,
    conditions="海运三十五天",
    present_state="试过两种药剂",
    decision_owner="副总经理",
)


def test_a_bare_need_lacks_everything() -> None:
    assert [gap.field for gap in gaps(Need(title="x"))] == [
        *("description", "keywords", "indicators", "conditions", "present_state"),
        *("budget_yuan", "deadline", "modes", "decision_owner"),
        *("field", "maturity", "region", "organisation"),
    ]


def test_a_bare_achievement_lacks_what_it_can_say() -> None:
    assert [gap.field for gap in gaps(Achievement(title="x"))] == [
        *("description", "indicators", "keywords", "modes"),
        *("field", "maturity", "region", "organisation"),
    ]


def test_a_full_record_lacks_only_a_longer_description() -> None:
    assert [gap.field for gap in gaps(replace(FULL_NEED, description="短"))] == ["description"]
    assert gaps(FULL_NEED) == ()
    assert gaps(replace(WOOD_ACHIEVEMENT, description="长" * 60)) == ()


def test_each_gap_says_why_and_gives_an_example() -> None:
    for gap in (*gaps(Need(title="x")), *gaps(Achievement(title="x"))):
        assert gap.name and gap.reason and gap.example


@pytest.mark.parametrize(
    "text",
    *[
        [
            "霉变面积≤5%",
            "处理成本35元/m³",
            "80 ℃恒温",
            "色差 <1.3",
            "不低于 2000 次",
            "pH≥6",
            "百分之五以内",
            "效率提高 3 倍",
        ]
    ],
)
def test_a_number_with_a_unit_or_a_bound_can_be_measured(text: str) -> None:
    assert is_measurable(text)


@pytest.mark.parametrize("text", ["性能优良", "达到国内先进水平", "2 号线", "第3", "ZIF", ""])
def test_words_alone_cannot_be_measured(text: str) -> None:
    assert not is_measurable(text)


def test_indicators_without_numbers_are_a_gap_that_says_so() -> None:
    (gap,) = gaps(replace(FULL_NEED, indicators=("不变色", "低毒")))
    assert gap.field == "indicators" and "没有数字和单位" in gap.reason


def test_circumstances_are_matched_and_who_decides_is_not() -> None:
    assert "海运三十五天" in dense_text(FULL_NEED) and "药剂" in body_terms(FULL_NEED)
    assert text_hash(replace(FULL_NEED, decision_owner="总工程师")) == text_hash(FULL_NEED)


def test_the_text_of_a_record_without_them_is_as_before() -> None:
    before = "\n".join((WOOD_NEED.title, WOOD_NEED.description, *WOOD_NEED.indicators, " ".join(WOOD_NEED.keywords)))
    assert dense_text(WOOD_NEED) == before
