"""Which state may follow which: the whole table, so that a change is seen."""

from itertools import product

import pytest

from matcher.errors import IllegalTransitionError
from matcher.workflow import (
    COOPERATION_STATES,
    POSTING_STATUSES,
    check_cooperation_step,
    check_posting_step,
    next_cooperation_states,
    next_posting_statuses,
)

POSTING_STEPS = {
    ("draft", "published"),
    ("published", "matched"),
    ("published", "closed"),
    ("matched", "published"),
    ("matched", "closed"),
    ("closed", "published"),
}
COOPERATION_STEPS = {
    ("draft", "submitted"),
    ("submitted", "filed"),
    ("submitted", "draft"),
    ("filed", "performing"),
    ("filed", "terminated"),
    ("filed", "revoked"),
    ("performing", "completed"),
    ("performing", "terminated"),
    ("performing", "revoked"),
}


@pytest.mark.parametrize(("state", "wanted"), [*product(POSTING_STATUSES, repeat=2)])
def test_posting_steps(state: str, wanted: str) -> None:
    assert (wanted in next_posting_statuses(state)) is ((state, wanted) in POSTING_STEPS)
    if (state, wanted) in POSTING_STEPS:
        check_posting_step(state, wanted)
    else:
        with pytest.raises(IllegalTransitionError, match=POSTING_STATUSES[wanted]):
            check_posting_step(state, wanted)


@pytest.mark.parametrize(("state", "wanted"), [*product(COOPERATION_STATES, repeat=2)])
def test_cooperation_steps(state: str, wanted: str) -> None:
    assert (wanted in next_cooperation_states(state)) is ((state, wanted) in COOPERATION_STEPS)
    if (state, wanted) in COOPERATION_STEPS:
        check_cooperation_step(state, wanted)
    else:
        with pytest.raises(IllegalTransitionError, match=COOPERATION_STATES[wanted]):
            check_cooperation_step(state, wanted)


def test_a_refusal_names_the_way_out() -> None:
    with pytest.raises(IllegalTransitionError) as refused:
        check_cooperation_step("submitted", "completed")
    assert str(refused.value) == "当前状态“已提交”不能改为“已完成”；可以改为：已备案、草稿"
    with pytest.raises(IllegalTransitionError, match="无（已是最终状态）"):
        check_cooperation_step("completed", "filed")


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(IllegalTransitionError, match="nonsense"):
        check_posting_step("draft", "nonsense")
