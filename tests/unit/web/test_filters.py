"""Between the query string and what a list is asked for."""

from dataclasses import replace

import pytest

from matcher.models import Filters
from web.filters import Asked, chips, choices, read, write


@pytest.mark.parametrize(
    "asked",
    [
        Asked(),
        Asked(q="防霉 & <b>", page=3, size=50, sort="title"),
        Asked(filters=Filters(field="4.1", region="341500", maturity=9, mode="licence", organisation_kind="institute")),
        Asked(filters=Filters(field="食品科学", region="长三角", status="draft")),
        Asked(filters=Filters(status="")),
        Asked(size=20, usual_size=30),
        Asked(size=30, usual_size=30),
    ],
)
def test_what_is_written_is_read_back(asked: Asked) -> None:
    query = {name: str(value) for name, value in write(asked).items()}
    assert read(query, asked.usual_size) == asked


def test_a_default_is_not_written() -> None:
    assert write(Asked()) == {}


def test_names_are_taken_for_codes() -> None:
    assert read({"field": "新材料", "region": "合肥市"}).filters == Filters(field="4", region="340100")


def test_each_chip_drops_its_own_filter_and_goes_to_the_first_page() -> None:
    asked = Asked(q="电池", page=4, filters=Filters(field="4", maturity=3, status=""))
    by_name = {chip.name: chip for chip in chips(asked)}
    assert list(by_name) == ["搜索", "技术领域", "成熟度", "状态"]
    assert by_name["成熟度"].without == write(replace(asked, page=1, filters=Filters(field="4", status="")))
    assert by_name["状态"].value == "全部"
    assert "status" not in by_name["状态"].without


def test_choices_offer_what_leaves_something_and_what_is_chosen() -> None:
    facets = {"field": {"4": 3, "食品科学": 1}, "region": {}, "maturity": {"5": 2, "7": 1}, "mode": {"service": 1}}
    offered = choices(facets, Filters(field="4.1", mode="licence"), statuses=False)
    assert [(choice.value, choice.total) for choice in offered["field"]][:3] == [("4", 3), ("4.1", None), ("4.2", None)]
    assert offered["field"][-1].value == "食品科学"
    assert [choice.value for choice in offered["mode"]] == ["licence", "service"]
    assert [choice.total for choice in offered["maturity"]] == [3, 3, 3, 3, 3, 1, 1, 0, 0]
    assert "status" not in offered
