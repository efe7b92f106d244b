"""What a cooperation record must satisfy, and credit codes."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from matcher.cooperation import Milestone, Outcome, Party, Payment
from matcher.cooperation_rules import MOST_PARTS, check_complete, check_cooperation
from matcher.credit_code import check_digit, credit_code_problem
from matcher.errors import InvalidInputError
from matcher.validation import MOST_YUAN
from tests.support.cooperations import PARTIES, agreement, complete, full

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Published codes: the standard's own example and two of well-known bodies.
SOUND = ("91350100M000100Y43", "91440300708461136T", "12100000400000624D")


def problems_of(check: Any, given: Any) -> dict[str, str]:
    try:
        check(given)
    except InvalidInputError as error:
        return error.problems
    return {}


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"title": " "}, "title", "请填写合作名称"),
        ({"kind": "club"}, "kind", "共建平台"),
        ({"contract_type": "买断"}, "contract_type", "请选择技术合同类型"),
        ({"direction": "sideways"}, "direction", "吸纳、输出、区内"),
        ({"registration_number": "123"}, "registration_number", "16 位"),
        ({"registration_number": "１" * 16}, "registration_number", "16 位"),
        ({"amount_yuan": -1}, "amount_yuan", "万元"),
        ({"amount_yuan": 10_000, "technology_amount_yuan": 10_001}, "technology_amount_yuan", "多于合同金额 1 万元"),
        ({"technology_amount_yuan": 1}, "technology_amount_yuan", "同时填写合同金额"),
        ({"amount_yuan": 1, "payments": (Payment(amount_yuan=2),)}, "payments", "多于合同金额"),
        ({"starts_on": date(2026, 5, 2), "ends_on": date(2026, 5, 1)}, "ends_on", "早于"),
        ({"signed_on": date(2026, 5, 2), "ends_on": date(2026, 5, 1)}, "ends_on", "2026-05-01"),
        ({"signed_on": date(2026, 5, 2), "registered_on": date(2026, 5, 1)}, "registered_on", "早于签订日期"),
        ({"expected_results": "长" * 50_001}, "expected_results", "最多 50000 字"),
        ({"note": "\x00"}, "note", "NUL"),
        ({"region": "长" * 101}, "region", "最多 100 字"),
        ({"parties": (Party(role="a", name=" "),)}, "parties-0-name", "全称"),
        ({"parties": (Party(role="x", name="甲"),)}, "parties-0-role", "丙方"),
        ({"parties": (PARTIES[0], Party(role="b", name="甲厂"))}, "parties-1-name", "两次"),
        (
            {"parties": (Party(role="a", name="甲", credit_code="91350100M000100Y44"),)},
            "parties-0-credit_code",
            "校验位",
        ),
        ({"payments": (Payment(),)}, "payments-0-amount_yuan", "应付金额"),
        ({"payments": (Payment(paid_yuan=1),)}, "payments-0-paid_on", "付款日期"),
        ({"payments": (Payment(amount_yuan=1, paid_on=date(2026, 1, 1)),)}, "payments-0-paid_yuan", "实付金额"),
        ({"milestones": (Milestone(title=""),)}, "milestones-0-title", "节点内容"),
        ({"milestones": (Milestone(title="x", state="soon"),)}, "milestones-0-state", "未按期"),
        ({"milestones": (Milestone(title="x", state="done"),)}, "milestones-0-done_on", "完成日期"),
        ({"milestones": (Milestone(title="x", done_on=date(2026, 1, 1)),)}, "milestones-0-state", "2026-01-01"),
        ({"outcomes": (Outcome(kind="fame", title="x"),)}, "outcomes-0-kind", "新增产值"),
        ({"outcomes": (Outcome(kind="patent", title=""),)}, "outcomes-0-title", "产出名称"),
        ({"outcomes": (Outcome(kind="patent", title="x", count=-1),)}, "outcomes-0-count", "-1"),
        ({"outcomes": (Outcome(kind="patent", title="x"),) * (MOST_PARTS + 1)}, "outcomes", "最多 100 行"),
    ],
)
def test_rules_of_a_cooperation(given: dict[str, Any], field: str, words: str) -> None:
    problems = problems_of(check_cooperation, agreement(**given))
    assert problems.keys() == {field}
    assert words in problems[field]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"parties": (), "contract_type": ""},
        {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 1)},
        {"signed_on": date(2026, 6, 1), "starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 2)},
        {"ends_on": date(2026, 5, 1)},
        {"amount_yuan": 0, "technology_amount_yuan": 0},
        {"amount_yuan": MOST_YUAN},
    ],
)
def test_sound_cooperations_pass(given: dict[str, Any]) -> None:
    assert problems_of(check_cooperation, agreement(**given)) == {}


def test_a_full_one_passes() -> None:
    assert problems_of(check_cooperation, full()) == problems_of(check_complete, full()) == {}


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"parties": ()}, {"parties"}),
        ({"parties": PARTIES[1:]}, {"parties"}),
        ({"contract_type": ""}, {"contract_type"}),
        ({"contract_type": "", "kind": "alliance"}, set()),
        ({"kind": "paired"}, {"paired_region"}),
        ({"kind": "paired", "paired_region": "310112"}, set()),
        ({"region": ""}, {"region"}),
        ({"region": "某园区"}, {"region"}),
        ({"signed_on": None}, {"signed_on"}),
    ],
)
def test_what_is_submitted_is_complete(given: dict[str, Any], fields: set[str]) -> None:
    assert problems_of(check_complete, complete(**given)).keys() == fields


@pytest.mark.parametrize("code", SOUND)
def test_sound_credit_codes(code: str) -> None:
    assert credit_code_problem(code) == ""


@pytest.mark.parametrize(
    ("code", "words"), [("9135", "4 位"), ("O" * 18, "不用 I、O"), (SOUND[0][:-1] + "5", "校验位")]
)
def test_broken_credit_codes(code: str, words: str) -> None:
    assert words in credit_code_problem(code)


@drawn(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_always_shows(first: str, place: int, other: str) -> None:
    code = first + check_digit(first)
    assert credit_code_problem(code) == ""
    changed = code[:place] + other + code[place + 1 :]
    assert (credit_code_problem(changed) == "") is (changed == code)
