"""Who qualifies for which reward, what is missing, and files of rules that are refused in words."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.errors import MatcherError
from matcher.reward_rules import read_rules
from matcher.rewards import CONDITIONS, Claim, Deal, Result, Rule, claims, total_yuan, totals

TODAY = date(2026, 11, 25)
KINDS, OUTCOMES = ("project", "alliance"), ("problem", "product", "patent", "standard", "paper")
SHIPPED = read_rules("", KINDS, OUTCOMES)
DEAL = Deal(
    id=1,
    title="杨木防霉",
    parties="甲、乙",
    region="130407",
    kind="project",
    signed_on=date(2026, 3, 1),
    starts_on=date(2026, 4, 1),
    has_agreement=True,
)
RULE = Rule(id="x", name="规则", region="13", requires=("signed",), amount_yuan=100, per="outcome")
PROVEN, UNPROVEN = Result("专利", "patent", True), Result("新品", "product", False)


def claim(rule: Rule, deal: Deal) -> Claim:
    (found,) = claims([rule], [deal], TODAY)
    return found


def test_a_signed_and_started_cooperation_in_feixiang_gets_ten_thousand() -> None:
    first, second = claims(SHIPPED, [DEAL], TODAY)
    assert (first.amount_yuan, first.missing, first.year) == (10_000, (), 2026)
    assert (second.amount_yuan, second.missing) == (0, ("还没有登记成果",))


def test_each_proven_result_gets_fifty_thousand() -> None:
    _, second = claims(SHIPPED, [replace(DEAL, results=(PROVEN, UNPROVEN, PROVEN))], TODAY)
    assert (second.count, second.amount_yuan) == (2, 100_000)
    assert second.missing == ("成果“新品”没有证明材料",)


def test_a_draft_gets_nothing_before_it_is_submitted() -> None:
    first, _ = claims(SHIPPED, [replace(DEAL, is_submitted=False)], TODAY)
    assert (first.amount_yuan, first.missing) == (0, ("还是草稿，请先提交备案",))


def test_elsewhere_there_is_no_rule() -> None:
    assert claims(SHIPPED, [replace(DEAL, region="130400"), replace(DEAL, region="肥乡")], TODAY) == ()


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("signed", {"signed_on": None}),
        ("signed", {"signed_on": date(2026, 11, 26)}),
        ("started", {"starts_on": None}),
        ("started", {"starts_on": date(2026, 11, 26)}),
        ("agreement", {"has_agreement": False}),
        ("filed", {"is_filed": False}),
        ("registered", {"registration_number": ""}),
        ("completed", {"is_completed": False}),
    ],
)
def test_each_condition_says_what_is_missing(name: str, lacking: dict[str, object]) -> None:
    whole = replace(DEAL, is_filed=True, is_completed=True, registration_number="1")
    rule = replace(RULE, per="record", requires=tuple(CONDITIONS))
    assert (claim(rule, whole).amount_yuan, claim(rule, whole).missing) == (100, ())
    found = claim(rule, replace(whole, **lacking))  # type: ignore[arg-type]
    assert (found.amount_yuan, found.missing) == (0, (CONDITIONS[name][1],))


def test_a_result_counts_only_when_the_rule_asks_for_its_kind() -> None:
    deal = replace(DEAL, results=(PROVEN, replace(UNPROVEN, has_evidence=True)))
    assert claim(RULE, deal).amount_yuan == 200
    assert claim(replace(RULE, outcome_kinds=("patent",)), deal).amount_yuan == 100
    assert claim(replace(RULE, cap_yuan=150), deal).amount_yuan == 150


def test_what_ended_or_is_of_another_kind_or_time_gets_nothing() -> None:
    for deal in (
        replace(DEAL, is_over=True),
        replace(DEAL, kind="alliance"),
        replace(DEAL, signed_on=date(2024, 1, 1)),
    ):
        rule = replace(RULE, kinds=("project",), signed_from=date(2025, 1, 1), signed_until=date(2026, 12, 31))
        assert claims([rule], [deal], TODAY) == ()
    assert claim(rule, replace(DEAL, signed_on=None)).missing[0] == CONDITIONS["signed"][1]


def test_sums_are_by_place_and_year() -> None:
    deals = [replace(DEAL, id=1), replace(DEAL, id=2), replace(DEAL, id=3, signed_on=date(2025, 1, 1))]
    found = claims(SHIPPED, [*deals, replace(DEAL, id=4, has_agreement=False)], TODAY)
    assert totals(found) == (("130407", 2026, 2, 20_000), ("130407", 2025, 1, 10_000))


DEALS = st.builds(
    Deal,
    id=st.integers(1, 99),
    title=st.just("合作"),
    parties=st.just("甲"),
    region=st.sampled_from(["130407", "130400", "", "13"]),
    is_over=st.booleans(),
    signed_on=st.none() | st.dates(),
    starts_on=st.none() | st.dates(),
    has_agreement=st.booleans(),
    results=st.lists(st.sampled_from([PROVEN, UNPROVEN]), max_size=4).map(tuple),
)


@given(st.lists(DEALS, max_size=5), st.none() | st.integers(1, 200_000))
def test_money_comes_only_with_nothing_unmet_and_never_above_the_cap(deals: list[Deal], cap: int | None) -> None:
    found = claims([replace(rule, cap_yuan=cap) for rule in SHIPPED], deals, TODAY)
    for each in found:
        unmet = {CONDITIONS[name][1] for name in each.rule.requires} & set(each.missing)
        assert not (each.amount_yuan and unmet) and (cap is None or each.amount_yuan <= cap)
        assert each.amount_yuan or each.missing
    assert total_yuan(found) == sum(amount for *_, amount in totals(found))


GOOD = {"id": '"a"', "name": '"甲"', "region": '"13"', "requires": "[]", "amount_yuan": "1"}


def written(path: Path, **changed: str) -> str:
    lines = "\n".join(f"{name} = {value}" for name, value in (GOOD | changed).items() if value)
    path.write_text(f"[[rule]]\n{lines}\n", encoding="utf-8")
    return str(path)


def test_other_districts_write_a_file(tmp_path: Path) -> None:
    path = written(
        tmp_path / "r.toml",
        requires='["signed", "registered"]',
        per='"outcome"',
        cap_yuan="5",
        kinds='["project"]',
        signed_from="2026-01-01",
    )
    (rule,) = read_rules(path, KINDS, OUTCOMES)
    assert rule.requires == ("signed", "registered") and rule.signed_from == date(2026, 1, 1) and rule.cap_yuan == 5


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"region": '"1304075"'}, "region"),
        ({"region": "13"}, "region"),
        ({"requires": '["rich"]'}, "requires"),
        ({"requires": '"signed"'}, "requires"),
        ({"requires": "[[1]]"}, "requires"),
        ({"amount_yuan": "0"}, "amount_yuan"),
        ({"amount_yuan": "true"}, "amount_yuan"),
        ({"amount_yuan": "1.5"}, "amount_yuan"),
        ({"cap_yuan": "-1"}, "cap_yuan"),
        ({"per": '"month"'}, "per"),
        ({"per": "[]"}, "per"),
        ({"kinds": '["x"]'}, "kinds"),
        ({"outcome_kinds": '["x"]'}, "outcome_kinds"),
        ({"signed_from": '"2026-01-01"'}, "signed_from"),
        ({"signed_until": "2026-01-01T00:00:00"}, "signed_until"),
        ({"name": '" "'}, "name"),
        ({"name": ""}, "缺少 name"),
        ({"id": '"A b"'}, "id"),
        ({"bonus": "1"}, "bonus"),
    ],
)
def test_a_bad_rule_is_named_with_its_field(tmp_path: Path, changed: dict[str, str], says: str) -> None:
    with pytest.raises(MatcherError) as caught:
        read_rules(written(tmp_path / "r.toml", **changed), KINDS, OUTCOMES)
    assert "第 1 条规则" in str(caught.value) and says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[rule", "不是 TOML"),
        ("rule = 3", "[[rule]]"),
        ("rule = [3]", "[[rule]]"),
        ("[other]\n", "[[rule]]"),
        ("[[rule]]\n" + "\n".join(f"{k} = {v}" for k, v in GOOD.items()) + "\n", None),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, text: str, says: str | None) -> None:
    path = tmp_path / "r.toml"
    path.write_text(text * (1 if says else 2), encoding="utf-8")
    with pytest.raises(MatcherError, match=r"不止一次" if says is None else None) as caught:
        read_rules(str(path), KINDS, OUTCOMES)
    assert says is None or says in str(caught.value)


def test_a_file_that_is_not_there_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(MatcherError, match="MATCHER_REWARDS"):
        read_rules(str(tmp_path / "none.toml"), KINDS, OUTCOMES)
