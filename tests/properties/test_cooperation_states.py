"""Random sequences of everything that can be asked of a cooperation record."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.cooperation import Cooperation
from matcher.errors import IllegalTransitionError, InvalidInputError, StaleEditError
from matcher.service import Service
from matcher.settings import Settings
from matcher.workflow import AMENDED_STATES, BUREAU_STATES, COOPERATION_STATES, next_cooperation_states
from tests.conftest import CHEAP_PASSWORDS
from tests.support.cooperations import agreement, complete
from tests.support.hash_encoder import HashEncoder

STATES = (*COOPERATION_STATES, "signed")
STEPS = st.one_of(
    st.tuples(st.just("move"), st.sampled_from(STATES), st.sampled_from(("", "因为"))),
    st.tuples(st.just("decide"), st.sampled_from(STATES), st.sampled_from(("", "因为"))),
    st.tuples(st.sampled_from(("edit", "amend", "report", "stale")), st.just(""), st.just("因为")),
)
# A legal way right through, to be mixed with: random steps alone seldom come far.
WAYS = st.sampled_from(
    (
        [("move", "submitted", ""), ("decide", "filed", ""), ("move", "performing", "")],
        [
            *[("move", "submitted", ""), ("decide", "filed", ""), ("amend", "", "因为"), ("report", "", "")],
            *[("move", "performing", ""), ("amend", "", "因为"), ("move", "completed", ""), ("report", "", "")],
        ],
        [("move", "submitted", ""), ("decide", "draft", "因为"), ("move", "submitted", ""), ("decide", "filed", "")],
    )
)


@pytest.fixture
def service(home: Path) -> Iterator[Service]:
    service = Service(Settings(home=home, **CHEAP_PASSWORDS), HashEncoder())
    yield service
    service.close()


def ask(service: Service, seen: Cooperation, step: tuple[str, str, str]) -> None:
    """Ask the service for a step upon the record as somebody saw it."""
    does, state, reason = step
    changed = replace(seen, note=f"{seen.note}。", outcomes=())
    if does == "move":
        service.cooperations.move(seen.id, state, "李", reason)
    elif does == "decide":
        service.cooperations.decide(seen.id, state, seen.version, "管", reason)
    elif does == "edit":
        service.cooperations.edit(changed, "李")
    elif does == "amend":
        service.cooperations.amend(changed, reason, "李")
    elif does == "report":
        service.cooperations.report(changed, "李")
    else:
        service.cooperations.edit(replace(changed, version=seen.version - 1), "李")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.booleans(), WAYS, st.lists(STEPS, max_size=8), st.integers(0, 8))
def test_no_illegal_state_is_reached(
    service: Service, is_complete: bool, way: list[tuple[str, str, str]], others: list[tuple[str, str, str]], at: int
) -> None:
    stored = service.cooperations.record(complete() if is_complete else agreement(), "李")
    for step in [*way[:at], *others, *way[at:]]:
        before = service.cooperations.get(stored.id)
        events = service.cooperations.history(stored.id)
        try:
            ask(service, before, step)
        except (IllegalTransitionError, InvalidInputError, StaleEditError):
            assert service.cooperations.get(stored.id) == before
            assert service.cooperations.history(stored.id) == events
            continue
        check(before, service.cooperations.get(stored.id), step)
        # What was written stays as it was, and nothing happens without a line.
        assert service.cooperations.history(stored.id)[-len(events) :] == events
    check_history(service, stored.id)


def check(before: Cooperation, after: Cooperation, step: tuple[str, str, str]) -> None:
    does, wanted, _ = step
    if does in ("move", "decide"):
        assert after.state == wanted and wanted in next_cooperation_states(before.state)
        assert (does == "decide") is (wanted in BUREAU_STATES)
    else:
        assert after.state == before.state
        assert does != "stale"
        assert (before.state == "draft") if does == "edit" else (before.state in AMENDED_STATES)
    is_filed = after.state not in ("draft", "submitted")
    assert bool(after.filing_number) is bool(after.filed_on) is is_filed


def check_history(service: Service, cooperation_id: int) -> None:
    """The states of the history follow each other, and each amendment left an old version."""
    events = service.cooperations.history(cooperation_id)[::-1]
    states = ["draft", *(event.changes["state"][1] for event in events[1:] if "state" in event.changes)]
    assert all(after in next_cooperation_states(before) for before, after in pairwise(states))
    assert states[-1] == service.cooperations.get(cooperation_id).state
    amended = [event for event in events if event.action == "amended"]
    assert len(service.cooperations.amendments(cooperation_id)) == len(amended)
