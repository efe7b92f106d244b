"""Whatever is asked of engagements in whatever order, they go only where `workflow` lets them."""

from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.engagement import END_REASONS, EngagementFilters, Progress
from matcher.errors import IllegalTransitionError, InvalidInputError
from matcher.policy import Viewer
from matcher.service import Service
from matcher.workflow import ENGAGEMENT_STATES, check_engagement_step, next_engagement_states
from tests.conftest import OpenService
from tests.support.people import sign_in
from tests.support.records import achievement, need
from web import create_app

STATES = st.sampled_from([*ENGAGEMENT_STATES, "", "filed"])
BROKER = Viewer(name="王")


def started(service: Service) -> str:
    sides = (service.postings.post(each, "测试").id for each in (need(), achievement()))
    return service.engagements.start(*sides, BROKER).public_id


@given(st.lists(STATES, max_size=12))
def test_the_table_leads_from_every_state_only_to_known_ones(states: list[str]) -> None:
    for state in ENGAGEMENT_STATES:
        assert set(next_engagement_states(state)) <= set(ENGAGEMENT_STATES) - {state}
        for wanted in states:
            if wanted not in next_engagement_states(state):
                with pytest.raises(IllegalTransitionError):
                    check_engagement_step(state, wanted)


@pytest.mark.wide
@given(steps=st.lists(st.tuples(st.sampled_from(["progress", "move"]), STATES, st.booleans()), max_size=10))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_route_leads_where_the_table_does_not(
    steps: list[tuple[str, str, bool]], open_service: OpenService, tmp_path: Path
) -> None:
    service = open_service()
    app: Flask = create_app(service=service)
    app.config["WTF_CSRF_ENABLED"] = False
    client, public_id = sign_in(app.test_client(), service), started(service)
    for route, state, says_why in steps:
        before = service.engagements.get(public_id)
        data = {"state": state, "version": str(before.version), "waits_for": "broker"}
        answer = client.post(f"/engagements/{public_id}/{route}", data=data | ({"reason": "terms"} if says_why else {}))
        after = service.engagements.get(public_id)
        assert answer.status_code < 500
        assert after.state == before.state or after.state in next_engagement_states(before.state)
        assert answer.status_code != 303 or state == after.state
        assert after.state != "ended" or after.reason in END_REASONS
    history = service.engagements.history(service.engagements.get(public_id), True)
    newest_first = [each.changes["state"] for each in history if "state" in each.changes]
    assert all(later[0] == earlier[1] for later, earlier in pairwise(newest_first))


def test_the_service_refuses_what_the_table_does_not_hold(open_service: OpenService) -> None:
    service = open_service()
    public_id = started(service)
    for state, error in (("signed", IllegalTransitionError), ("nothing", InvalidInputError)):
        with pytest.raises(error):
            service.engagements.bring_on(public_id, 1, Progress(state=state, waits_for="broker"), "", "王")
    assert service.engagements.listing(EngagementFilters(state="contacting")).total == 1
