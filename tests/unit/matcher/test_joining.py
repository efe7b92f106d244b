"""Belonging to organisations: asking, admitting, inviting, managing."""

import pytest

from matcher.accounts import NewAccount
from matcher.errors import IllegalTransitionError, InvalidInputError, LinkError, NotFoundError
from matcher.models import Organisation
from matcher.people import Account
from matcher.policy import Role, Viewer
from matcher.service import Service
from tests.support.records import need

PASSWORD = "一只蓝色的水杯在桌上"
FIRM = "青桐坞家居制造有限公司"


def new(login: str, name: str = "王敏") -> NewAccount:
    return NewAccount(login, name, PASSWORD)


def viewer(service: Service, login: str) -> Viewer:
    """Return who somebody is after signing in."""
    session = service.signing_in.session(service.signing_in.sign_in(login, PASSWORD, "192.0.2.1"))
    assert session
    return service.signing_in.viewer(session)


@pytest.fixture
def owner(service: Service) -> Account:
    """The first person of a firm with one record."""
    service.postings.post(need(organisation=FIRM), "测试")
    account = service.joining.sign_up(new("wang"), FIRM, "enterprise")
    service.joining.admit(account.public_id, firm(service), "管理员")
    return account


def firm(service: Service) -> int:
    return service.joining.organisation(Organisation(name=FIRM)).id


def test_somebody_who_waits_has_no_rights(service: Service) -> None:
    service.joining.sign_up(new("wang"), "新来的公司", "enterprise")
    assert viewer(service, "wang").roles == {Role.ACCOUNT}
    (waiting,) = service.joining.waiting()
    assert waiting.organisation_is_pending and waiting.state == "pending"
    assert service.postings.organisation_names() == () and service.postings.organisation_count() == 0


def test_the_first_to_be_admitted_owns_the_organisation_and_the_next_does_not(service: Service, owner: Account) -> None:
    second = service.joining.sign_up(new("li.li", "李"), FIRM, "enterprise")
    service.joining.admit(second.public_id, firm(service), "管理员")
    assert viewer(service, "wang").roles == {Role.ACCOUNT, Role.ENTERPRISE, Role.OWNER}
    found = viewer(service, "li.li")
    assert found.roles == {Role.ACCOUNT, Role.ENTERPRISE} and found.organisation == FIRM
    assert service.postings.get("need", 1).organisation_id == found.organisation_id


def test_a_new_organisation_is_known_once_somebody_is_admitted(service: Service) -> None:
    account = service.joining.sign_up(new("wang"), "新来的大学", "university")
    (waiting,) = service.joining.waiting()
    service.joining.admit(account.public_id, waiting.organisation_id, "管理员")
    assert service.postings.organisation_names() == ("新来的大学",)
    assert Role.UNIVERSITY in viewer(service, "wang").roles


def test_who_is_refused_is_forgotten_with_the_new_organisation(service: Service, owner: Account) -> None:
    for login, organisation in (("li.li", "新来的公司"), ("zhang", FIRM)):
        service.joining.sign_up(new(login), organisation, "broker")
    for waiting in service.joining.waiting():
        service.joining.refuse(waiting.account.public_id, waiting.organisation_id, "管理员")
    assert [each.login for each in service.accounts.listing().items] == ["wang"]
    assert service.store.db.execute("select name from organisation").fetchall() == [(FIRM,)]
    with pytest.raises(IllegalTransitionError):
        service.joining.refuse(owner.public_id, firm(service), "管理员")


@pytest.mark.parametrize(
    ("organisation", "role", "field"),
    [("", "enterprise", "organisation"), ("长" * 201, "enterprise", "organisation"), (FIRM, "administrator", "role")],
)
def test_what_breaks_a_rule_is_told_and_nothing_is_stored(
    service: Service, organisation: str, role: str, field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        service.joining.sign_up(NewAccount("wang", "王", "short"), organisation, role)
    assert {field, "password"} <= caught.value.problems.keys()
    assert service.accounts.listing().total == 0


def test_an_invitation_admits_once(service: Service, owner: Account) -> None:
    token = service.joining.invite(firm(service), "institute", False, owner.name)
    assert [each.role for each in service.joining.invitations(firm(service))] == ["institute"]
    service.joining.accept(token, new("li.li", "李"))
    assert viewer(service, "li.li").roles == {Role.ACCOUNT, Role.UNIVERSITY}
    assert service.joining.invitations(firm(service)) == ()
    for used in (token, "x", ""):
        with pytest.raises(LinkError):
            service.joining.accept(used, new("zhang"))
    assert service.accounts.listing().total == 2


def test_one_person_may_belong_to_several_organisations_and_picks_one(service: Service, owner: Account) -> None:
    other = service.joining.organisation(Organisation(name="云麓林业大学", kind="university"))
    token = service.joining.invite(other.id, "university", True, "管理员")
    service.joining.accept_as(token, owner)
    signed = service.signing_in.sign_in("wang", PASSWORD, "192.0.2.1")
    session = service.signing_in.session(signed)
    assert session and service.signing_in.viewer(session).organisation == FIRM
    service.signing_in.act_for(session, other.id)
    session = service.signing_in.session(signed)
    assert session and service.signing_in.viewer(session).organisation == "云麓林业大学"
    third = service.joining.organisation(Organisation(name="别人的公司"))
    with pytest.raises(NotFoundError):
        service.signing_in.act_for(session, third.id)
    assert [each.organisation for each in service.signing_in.memberships(owner.id)] == [FIRM, "云麓林业大学"]


def test_an_invitation_takes_nothing_from_an_owner(service: Service, owner: Account) -> None:
    service.joining.accept_as(service.joining.invite(firm(service), "enterprise", False, "李"), owner)
    assert Role.OWNER in viewer(service, "wang").roles


def test_a_withdrawn_or_expired_invitation_is_worthless(service: Service, owner: Account) -> None:
    withdrawn, expired = (service.joining.invite(firm(service), "enterprise", False, "王") for _ in range(2))
    link = service.joining.invitation(withdrawn)[0]
    service.joining.withdraw(firm(service) + 1, link.public_id, "别人")
    assert service.joining.invitation(withdrawn)
    service.joining.withdraw(firm(service), link.public_id, "王")
    with service.store.transaction() as db:
        db.execute("update one_time_link set expires_at = '2026-01-01T00:00:00.000000+00:00'")
    for token in (withdrawn, expired):
        with pytest.raises(LinkError):
            service.joining.accept(token, new("li.li"))
    with pytest.raises(InvalidInputError):
        service.joining.invite(firm(service), "administrator", False, "王")


def test_rights_that_are_taken_away_are_gone_at_once(service: Service, owner: Account) -> None:
    token = service.joining.invite(firm(service), "enterprise", True, "王")
    service.joining.accept(token, new("li.li", "李"))
    session = service.signing_in.session(service.signing_in.sign_in("wang", PASSWORD, "192.0.2.1"))
    assert session and Role.OWNER in service.signing_in.viewer(session).roles
    service.joining.change(owner.public_id, firm(service), "broker", False, "李")
    assert service.signing_in.viewer(session).roles == {Role.ACCOUNT, Role.BROKER}
    service.joining.remove(owner.public_id, firm(service), "李")
    assert service.signing_in.viewer(session).roles == {Role.ACCOUNT}


def test_an_organisation_keeps_an_owner(service: Service, owner: Account) -> None:
    waiting = service.joining.sign_up(new("li.li", "李"), FIRM, "enterprise")
    for attempt in (
        lambda: service.joining.change(owner.public_id, firm(service), "enterprise", False, "王"),
        lambda: service.joining.remove(owner.public_id, firm(service), "王"),
        lambda: service.joining.change(waiting.public_id, firm(service), "enterprise", True, "王"),
    ):
        with pytest.raises(IllegalTransitionError):
            attempt()
    with pytest.raises(InvalidInputError):
        service.joining.change(owner.public_id, firm(service), "administrator", True, "王")
    with pytest.raises(NotFoundError):
        service.joining.remove("nobody", firm(service), "王")
