"""The lists: key facts of their sources, and that names and codes lead to each other."""

import pytest

from matcher.controlled_lists import (
    ControlledList,
    Entry,
    cooperation_modes,
    maturity_levels,
    organisation_kinds,
    regions,
    technical_fields,
)

LISTS = (technical_fields, regions, cooperation_modes, maturity_levels, organisation_kinds)


def test_regions_are_those_of_the_end_of_2024() -> None:
    # 34 provinces, 333 prefectures and 2,846 counties: matcher/lists/SOURCES.md.
    levels = [
        "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"
        for code in (entry.code for entry in regions().entries)
    ]
    assert [levels.count(level) for level in ("province", "prefecture", "county")] == [34, 333, 2846]
    assert len(regions().children()) == 34


@pytest.mark.parametrize(
    ("code", "full_name"),
    [
        ("341504", "安徽省 · 六安市 · 叶集区"),
        ("341500", "安徽省 · 六安市"),
        ("340000", "安徽省"),
        ("110105", "北京市 · 朝阳区"),
        ("653228", "新疆维吾尔自治区 · 和田地区 · 和康县"),
        ("710000", "台湾省"),
        ("429004", "湖北省 · 仙桃市"),
    ],
)
def test_divisions_nest(code: str, full_name: str) -> None:
    assert regions().full_name(code) == full_name
    assert len(regions().lineage(code)) == full_name.count("·") + 1


def test_every_division_lies_in_the_one_its_code_says() -> None:
    for entry in regions().entries:
        if entry.parent:
            prefix = entry.parent.rstrip("0")
            assert entry.code.startswith(prefix[:2] if len(prefix) <= 2 else prefix[:4]), entry


def test_fields_have_two_levels() -> None:
    # The eight of the annex, before them what does not fit into any.
    top = [entry for entry in technical_fields().children() if entry.code != "0"]
    assert [entry.code for entry in top] == [str(number) for number in range(1, 9)]
    assert technical_fields().name("1") == "电子信息"
    assert all(technical_fields().children(entry.code) for entry in top)
    assert technical_fields().within("4")[0] == "4"
    assert set(technical_fields().lineage("4.5")) == {"4", "4.5"}
    assert len(technical_fields().entries) == 61


def test_contract_kinds_are_those_of_the_civil_code() -> None:
    names = [entry.name for entry in cooperation_modes().entries]
    assert [name[:4] for name in names] == ["技术开发", "技术开发", "技术转让", "技术许可", "技术咨询", "技术服务"]


def test_readiness_levels_run_from_1_to_9() -> None:
    assert [entry.code for entry in maturity_levels().entries] == [str(level) for level in range(1, 10)]


def test_organisation_kinds() -> None:
    assert organisation_kinds().name("university") == "高校"


@pytest.mark.parametrize("read", LISTS)
def test_codes_are_unique_and_parents_known(read: object) -> None:
    found: ControlledList = read()  # type: ignore[operator]
    codes = [entry.code for entry in found.entries]
    assert len(set(codes)) == len(codes)
    assert all(entry.parent in found for entry in found.entries if entry.parent)
    assert all(entry.name.strip() == entry.name != "" for entry in found.entries)
    assert all(found.name(found.code(entry.name)) == entry.name for entry in found.entries)


@pytest.mark.parametrize("read", LISTS)
def test_unknown_codes_stand_for_themselves(read: object) -> None:
    found: ControlledList = read()  # type: ignore[operator]
    for text in ("", "没有这个", "999999"):
        assert (found.name(text), found.full_name(text), found.code(text)) == (text, text, text)
        assert found.lineage(text) == ()
    assert found.within("没有这个") == ("没有这个",)
    assert "没有这个" not in found


def test_the_first_of_two_equal_names_is_meant() -> None:
    found = ControlledList((Entry("1", "甲"), Entry("2", "甲"), Entry("3", "乙", "2")))
    assert found.code("甲") == "1"
    assert found.codes_named("甲") == ("1", "2")
    assert found.codes_named("甲乙") == ("3",)
    assert found.within("2") == ("2", "3")
