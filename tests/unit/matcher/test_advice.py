"""What is advised when nothing fits: derived from the record and from the filters in force, never made up."""

from dataclasses import fields, replace

import pytest

from matcher.advice import advise, chosen
from matcher.models import Filters
from tests.support.examples import WOOD_ACHIEVEMENT, WOOD_NEED
from tests.support.records import need

FULL = replace(
    WOOD_NEED, description=WOOD_NEED.description + "现用的药剂两周后就失效，返工一次要停线两天，客户已经退过货。"
)


def actions(*given) -> list[str]:  # type: ignore[no-untyped-def]
    return [each.action for each in advise(*given)]


def test_a_bare_need_is_told_what_to_add_and_nothing_of_filters() -> None:
    found = advise(need("电池"), Filters(), {})
    assert [each.field for each in found] == [
        "description",
        "indicators",
        "field",
        "keywords",
        "maturity",
        "region",
        "modes",
    ]
    assert {each.part for each in found} == {"record"}
    assert "补充技术指标" in [each.action for each in found]
    assert all(each.reason for each in found)


def test_a_record_that_says_everything_gets_no_advice() -> None:
    assert advise(FULL, Filters(), {}) == ()
    assert "补充技术指标" not in actions(WOOD_ACHIEVEMENT, Filters(), {})


def test_the_filter_that_gains_most_comes_first_and_says_how_much() -> None:
    found = advise(FULL, Filters(field="4", region="340000", maturity=8), {"region": 2, "maturity": 5})
    assert [(each.part, each.action) for each in found] == [
        ("filter", "降低成熟度要求"),
        ("filter", "放宽地区"),
        ("filter", "放宽技术领域"),
    ]
    assert "5 项" in found[0].reason and "2 项" in found[1].reason and "没有" in found[2].reason


@pytest.mark.parametrize("name", [item.name for item in fields(Filters) if item.name != "status"])
def test_every_filter_can_be_relaxed(name: str) -> None:
    filters = replace(Filters(), **{name: 7 if name in ("maturity", "organisation_id") else "4"})
    assert filters.narrows and chosen(filters) == (name,)
    assert len(advise(FULL, filters, {})) == 1
