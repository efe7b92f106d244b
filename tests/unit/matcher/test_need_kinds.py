"""Kinds of need and the marks of pressing ones: what is matched, found, filtered, read from files."""

import pytest

from matcher.errors import InvalidInputError
from matcher.models import FLAGS, NEED_KINDS, Filters, Need
from matcher.row_parsing import parse_row
from matcher.service import Service
from tests.support.records import achievement, assert_consistent, need

OTHER_KINDS = [name for name in NEED_KINDS if name != "technology"]


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_only_technology_is_matched_in_either_direction(service: Service, kind: str) -> None:
    offered = service.postings.post(achievement("锂离子电池"), "李")
    asked = service.postings.post(need("锂离子电池"), "李")
    other = service.postings.post(need("锂离子电池人选", need_kind=kind), "李")
    assert [each.need.id for each in service.matching.matches("achievement", offered.id).matches] == [asked.id]
    assert [each.item_id for each in service.matching.candidates("achievement", offered.id, 9)] == [asked.id]
    assert service.matching.matches("need", other.id).matches == ()
    assert service.matching.candidates("need", other.id, 9) == ()
    assert_consistent(service)


def test_the_other_kinds_are_searched(service: Service) -> None:
    other = service.postings.post(need("锂离子电池博士", need_kind="talent"), "李")
    found = service.matching.search("need", "锂离子电池博士")
    assert [record.id for record, _ in found] == [other.id]


def test_a_need_that_becomes_another_kind_leaves_the_matches(service: Service) -> None:
    offered = service.postings.post(achievement("锂离子电池"), "李")
    asked = service.postings.post(need("锂离子电池"), "李")
    assert service.matching.candidates("achievement", offered.id, 9)
    service.store.db.execute("select 1")
    service.postings.edit(Need(id=asked.id, title=asked.title, need_kind="finance"), "李")
    assert service.matching.candidates("achievement", offered.id, 9) == ()


def test_lists_are_filtered_and_counted_by_kind_and_mark(service: Service) -> None:
    for kind in NEED_KINDS:
        service.postings.post(need(kind, need_kind=kind, is_chokepoint=kind in ("technology", "platform")), "李")
    service.postings.post(achievement(), "李")
    for kind in NEED_KINDS:
        assert [each.title for each in service.postings.listing("need", Filters(need_kind=kind)).items] == [kind]
    found = service.postings.listing("need", Filters(flag="chokepoint")).items
    assert {each.title for each in found} == {"technology", "platform"}
    assert service.postings.count("need", Filters(flag="common_key")) == 0
    assert service.postings.count("achievement", Filters(flag="chokepoint", need_kind="talent")) == 1
    facets = service.postings.facets("need", Filters(need_kind="platform"))
    assert facets["need_kind"] == dict.fromkeys(NEED_KINDS, 1) and facets["flag"] == {"chokepoint": 1}
    assert "flag" not in service.postings.facets("achievement", Filters())


def test_an_unknown_kind_is_refused(service: Service) -> None:
    with pytest.raises(InvalidInputError, match="“别的”不是需求类型；可选：技术、人才"):
        service.postings.post(need(need_kind="别的"), "李")


@pytest.mark.parametrize(
    ("row", "kind", "flags"),
    [
        ({}, "technology", ()),
        ({"need_kind": "人才需求", "chokepoint": "是"}, "talent", ("chokepoint",)),
        ({"need_kind": "scenario", "common_key": True, "chokepoint": "否"}, "scenario", ("common_key",)),
        ({"need_kind": "", "chokepoint": 1, "common_key": "√"}, "technology", tuple(FLAGS)),
    ],
)
def test_a_row_says_kind_and_marks(row: dict[str, object], kind: str, flags: tuple[str, ...]) -> None:
    record, problems = parse_row("need", 2, {"title": "甲", **row})
    assert not problems and isinstance(record, Need)
    assert (record.need_kind, record.flags) == (kind, flags)


def test_a_row_with_another_word_is_told() -> None:
    for row, reason in (({"need_kind": "宇宙"}, "不是需求类型"), ({"chokepoint": "也许"}, "应为“是”或“否”")):
        record, (problem,) = parse_row("need", 2, {"title": "甲", **row})
        assert record is None and problem.field == next(iter(row)) and reason in problem.reason
