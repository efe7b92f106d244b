"""Who may do what: the table, and what is derived from it."""

import pytest

from matcher.policy import (
    CONDITIONS,
    NOTHING,
    TABLE,
    VISITOR,
    Action,
    Reach,
    Role,
    Subject,
    Viewer,
    condition_of,
    may,
    own,
    reach,
    sight,
    somebody_may,
    subject_of,
)
from tests.support.records import achievement, need

FIRM = Viewer(roles=frozenset({Role.ACCOUNT, Role.ENTERPRISE}), account_id=1, organisation_id=7)
OWNER = Viewer(roles=FIRM.roles | {Role.OWNER}, account_id=2, organisation_id=7)
BROKER = Viewer(roles=frozenset({Role.ACCOUNT, Role.BROKER}), account_id=3, organisation_id=9)
ADMINISTRATOR = Viewer(roles=frozenset({Role.ACCOUNT, Role.ADMINISTRATOR}), account_id=4)


def test_what_stands_in_no_row_is_denied() -> None:
    assert all(reach(role, Action.READ, "no such condition") is Reach.NONE for role in Role)
    assert not may(FIRM, Action.READ, NOTHING)
    assert not may(Viewer(roles=frozenset()), Action.BROWSE)


def test_no_two_rows_say_something_on_the_same() -> None:
    keys = [(row.action, row.condition) for row in TABLE]
    assert len(set(keys)) == len(keys)
    assert {row.condition for row in TABLE} <= {"", *CONDITIONS}


def test_the_administrator_may_do_all_that_is_not_between_two_parties() -> None:
    closed = {row.action for row in TABLE if row.reaches[Role.ADMINISTRATOR] is Reach.NONE}
    between = {Action.EXPRESS_INTEREST, Action.FORWARD_INTEREST, Action.ANSWER_INTEREST, Action.PURSUE_INTEREST}
    between |= {Action.PROPOSE_REWRITE, Action.ANSWER_REWRITE, Action.JOIN_NEED}
    assert closed == between | {Action.READ_ANNEX, Action.KEEP_ANNEX, Action.READ_CONTACT, Action.START_ENGAGEMENT}
    assert all(row.reaches[Role.ADMINISTRATOR] in (Reach.NONE, Reach.ALL) for row in TABLE)


def test_a_visitor_changes_nothing() -> None:
    allowed = {row.action for row in TABLE if row.reaches[Role.VISITOR] is not Reach.NONE}
    assert allowed == {Action.BROWSE, Action.SEE, Action.READ, Action.SIGN_IN}


def test_what_was_opened_to_an_organisation_is_read_by_it_alone() -> None:
    opened = subject_of(need(organisation_id=8, visibility="named", named_ids=(7,), status="published"))
    other = Viewer(roles=frozenset({Role.UNIVERSITY}), organisation_id=9)
    assert may(FIRM, Action.READ, opened) and not may(other, Action.READ, opened)
    assert not may(FIRM, Action.EDIT, opened)
    assert may(FIRM, Action.READ_CONTACT, Subject(granted_ids=frozenset({7})))
    assert not may(ADMINISTRATOR, Action.READ_CONTACT, Subject(granted_ids=frozenset({7})))


@pytest.mark.parametrize("action", [Action.EDIT, Action.PUBLISH, Action.DELETE])
def test_members_change_what_is_their_organisations(action: Action) -> None:
    mine, theirs = subject_of(need(organisation_id=7)), subject_of(need(organisation_id=8))
    assert may(FIRM, action, mine) and not may(FIRM, action, theirs)
    assert not may(FIRM, action, subject_of(need())) and not may(BROKER, action, mine)
    assert may(ADMINISTRATOR, action, theirs)


def test_firms_post_needs_and_universities_achievements() -> None:
    university = Viewer(roles=frozenset({Role.UNIVERSITY}), organisation_id=5)
    assert may(FIRM, Action.POST_NEED, own(FIRM)) and not may(FIRM, Action.POST_ACHIEVEMENT, own(FIRM))
    assert may(university, Action.POST_ACHIEVEMENT, own(university))
    assert not may(Viewer(roles=FIRM.roles), Action.POST_NEED, own(Viewer(roles=FIRM.roles)))


def test_brokers_judge_and_owners_manage_people_of_their_own() -> None:
    assert may(BROKER, Action.JUDGE) and not may(FIRM, Action.JUDGE)
    assert may(OWNER, Action.MANAGE_PEOPLE, own(OWNER)) and not may(FIRM, Action.MANAGE_PEOPLE, own(FIRM))
    assert not may(OWNER, Action.MANAGE_PEOPLE, own(BROKER))


@pytest.mark.parametrize(
    ("given", "condition"),
    [
        ({}, "public"),
        ({"visibility": "brokers"}, "brokers"),
        ({"visibility": "odd"}, "named"),
        ({"visibility": "members", "status": "draft"}, "draft"),
        ({"visibility": "members", "status": "closed"}, "closed"),
        ({"visibility": "named", "status": "closed"}, "kept"),
        ({"visibility": "named", "status": "matched"}, "kept"),
    ],
)
def test_the_condition_of_a_record(given: dict[str, str], condition: str) -> None:
    assert condition_of(achievement(**given)) == condition


def test_sight_is_what_may_be_read() -> None:
    assert sight(VISITOR).everywhere == {"public"} and sight(VISITOR).own == frozenset()
    assert sight(ADMINISTRATOR).everywhere == CONDITIONS.keys()
    for viewer in (VISITOR, FIRM, OWNER, BROKER, ADMINISTRATOR):
        seen = sight(viewer)
        for name in CONDITIONS:
            assert may(viewer, Action.READ, Subject(frozenset({99}), name)) == (name in seen.everywhere)
            mine = Subject(frozenset({7}), name)
            assert may(viewer, Action.READ, mine) == (
                name in seen.everywhere or (name in seen.own and seen.organisation_id == 7)
            )


def test_parties_of_a_cooperation_read_it() -> None:
    assert may(FIRM, Action.READ_COOPERATION, Subject(frozenset({7, 8})))
    assert not may(FIRM, Action.READ_COOPERATION, Subject(frozenset({8})))


def test_signing_in_helps_with_what_somebody_may_do() -> None:
    assert all(somebody_may(action) for action in Action)
