"""Signing in and up, people of an organisation, administration, and what each role gets from each kind of page."""

import re
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher.demo_people import DEMO_PEOPLE, seed_people
from matcher.models import Need
from matcher.people import MemberRole
from matcher.service import Service
from tests.support.people import PASSWORD, administrator, member, sign_in
from tests.support.visitor import Visitor

pytestmark = pytest.mark.wide

FIRM, OTHER_FIRM, UNIVERSITY, BROKERS = "甲木业有限公司", "乙建材有限公司", "丙大学", "丁技术服务有限公司"
NEW_PASSWORD = "三条绿色的小船靠岸了"


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(app.test_client())


def signed_in(app: Flask, service: Service, login: str, organisation: str, role: MemberRole) -> Visitor:
    """Return a member's browser; the member owns the organisation."""
    return Visitor(sign_in(app.test_client(), service, member(service, login, organisation, role, is_owner=True)))


def draft_of(service: Service, organisation: str) -> int:
    """Return the id of a new draft of the organisation."""
    return service.postings.post(Need(title=f"{organisation}的保密难题", organisation=organisation), "测试").id


def type_in(visitor: Visitor, login: str, password: str, status: int = 303) -> str:
    visitor.open("/sign-in")
    return visitor.press("登录", status, login=login, password=password)


def test_signing_in_and_out(stranger: Visitor, service: Service) -> None:
    member(service, "wang", FIRM, "enterprise")
    assert type_in(stranger, "WANG ", PASSWORD) == "/"
    page = stranger.open("/account")
    assert FIRM in page and "正在代表" in page
    stranger.press("退出")
    assert "登录" in stranger.open("/")
    assert stranger.client.get("/account").status_code == 303


def test_an_unknown_login_and_a_wrong_password_look_alike(stranger: Visitor, service: Service) -> None:
    member(service, "wang", FIRM, "enterprise")
    wrong = type_in(stranger, "wang", "不对的密码一二三四", 401)
    unknown = type_in(stranger, "nobody", "不对的密码一二三四", 401)
    told = re.compile(r'id="error-summary">([^<]+)')
    assert told.findall(wrong) == told.findall(unknown) != []


def test_guessing_ends_for_the_guesser_alone(app: Flask, service: Service) -> None:
    member(service, "wang", FIRM, "enterprise")
    guesser = Visitor(app.test_client())
    for _ in range(8):
        type_in(guesser, "wang", "错", 401)
    type_in(guesser, "wang", PASSWORD, 429)
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert type_in(Visitor(elsewhere), "wang", PASSWORD) == "/"


def test_a_session_from_before_is_worth_nothing_after_signing_in(app: Flask, service: Service) -> None:
    account = member(service, "wang", FIRM, "enterprise")
    planted = service.signing_in.begin(administrator(service), "127.0.0.1", "attacker")
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["account"] = planted
    type_in(Visitor(client), "wang", PASSWORD)
    with client.session_transaction() as cookie:
        assert cookie["account"] != planted
    assert service.signing_in.session(planted) is None
    assert [each.account.id for each in service.signing_in.sessions(account.id)] == [account.id]


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(stranger: Visitor, service: Service, wanted: str) -> None:
    member(service, "wang", FIRM, "enterprise")
    stranger.open("/sign-in")
    place = stranger.press("登录", login="wang", password=PASSWORD, next=wanted)
    assert not urlsplit(place).netloc and place == "/"


def test_a_page_that_needs_an_account_comes_after_signing_in(stranger: Visitor, service: Service) -> None:
    member(service, "wang", FIRM, "enterprise")
    answer = stranger.client.get("/needs/new")
    assert answer.status_code == 303
    stranger.open(answer.location)
    assert stranger.press("登录", login="wang", password=PASSWORD) == "/needs/new"


def test_signing_up_waits_for_the_administrator(stranger: Visitor, visitor: Visitor, service: Service) -> None:
    stranger.open("/sign-up")
    typed = {"login": "lisi", "name": "李四", "organisation": FIRM, "role": "enterprise"}
    problem = stranger.press("提交注册", 400, **typed, password="1234567890", again="1234567890")
    assert 'value="李四"' in problem and "1234567890" not in problem
    stranger.press("提交注册", **typed, password=NEW_PASSWORD, again=NEW_PASSWORD)
    assert "等待审核" in stranger.open("/account")
    assert stranger.client.get("/needs/new").status_code == 403
    assert "李四" in visitor.open("/administration")
    visitor.press("批准李四")
    stranger.open("/needs/new")
    (found,) = [each for each in service.accounts.listing("lisi").items if each.login == "lisi"]
    assert service.signing_in.memberships(found.id)[0].is_owner


def test_an_invitation_works_once(app: Flask, service: Service, stranger: Visitor) -> None:
    owner = signed_in(app, service, "wang", FIRM, "enterprise")
    place = service.signing_in.memberships(service.accounts.by_login("wang").id)[0].organisation_id
    owner.open(f"/organisations/{place}")
    page = owner.press("生成邀请链接", 200, role="enterprise")
    (link,) = set(re.findall(r"/invitation/[\w-]+", page))
    stranger.open(link)
    stranger.press("加入", login="zhao", name="赵六", password=NEW_PASSWORD, again=NEW_PASSWORD)
    assert FIRM in stranger.open("/account")
    assert app.test_client().get(link).status_code in (404, 410)
    assert "赵六" in owner.open(f"/organisations/{place}")


def test_changing_a_password_ends_the_other_sessions(app: Flask, service: Service) -> None:
    account = member(service, "wang", FIRM, "enterprise")
    here, there = (Visitor(sign_in(app.test_client(), service, account)) for _ in range(2))
    here.open("/account")
    here.press("更改密码", 400, old="不是它", password=NEW_PASSWORD, again=NEW_PASSWORD)
    here.press("更改密码", old=PASSWORD, password=NEW_PASSWORD, again=NEW_PASSWORD)
    here.open("/account")
    assert there.client.get("/account").status_code == 303


def test_a_locked_account_is_out_at_once(app: Flask, service: Service) -> None:
    account = member(service, "wang", FIRM, "enterprise")
    client = sign_in(app.test_client(), service, account)
    service.accounts.set_locked(account, True, "测试")
    assert client.get("/account").status_code == 303


def test_posts_belong_to_the_organisation_acted_for(app: Flask, service: Service) -> None:
    firm = signed_in(app, service, "wang", FIRM, "enterprise")
    firm.open("/needs/new")
    place = firm.press("存为草稿", title="一个新难题", organisation=OTHER_FIRM)
    stored = service.postings.get("need", int(place.rsplit("/", 1)[1]))
    assert stored.organisation == FIRM


# What each of them gets: a draft of their own firm, a draft of another, a page of another's that changes it.
ROLES = ("visitor", "enterprise", "university", "broker", "administrator")
MATRIX: dict[str, tuple[int, ...]] = {
    #                  visitor enterprise university broker administrator
    "/needs":              (200, 200, 200, 200, 200),
    "/needs/new":          (303, 200, 403, 403, 200),
    "/achievements/new":   (303, 403, 200, 403, 200),
    "/needs/OWN":          (404, 200, 404, 404, 200),
    "/needs/OWN/edit":     (404, 200, 404, 404, 200),
    "/needs/OTHER":        (404, 404, 404, 404, 200),
    "/needs/OTHER/edit":   (404, 404, 404, 404, 200),
    "/needs/OTHER/delete": (404, 404, 404, 404, 200),
    "/judging":            (303, 403, 403, 200, 200),
    "/cooperations":       (303, 200, 200, 200, 200),
    "/cooperations/new":   (303, 403, 403, 200, 200),
    "/rankers":            (303, 403, 403, 200, 200),
    "/account":            (303, 200, 200, 200, 200),
    "/administration":     (303, 403, 403, 403, 200),
    "/policy":             (200, 200, 200, 200, 200),
}  # fmt: skip


@pytest.fixture
def clients(app: Flask, service: Service) -> dict[str, FlaskClient]:
    people: dict[str, tuple[str, MemberRole]] = {
        "enterprise": (FIRM, "enterprise"),
        "university": (UNIVERSITY, "university"),
        "broker": (BROKERS, "broker"),
    }
    made = {role: signed_in(app, service, role, *place).client for role, place in people.items()}
    return made | {"visitor": app.test_client(), "administrator": sign_in(app.test_client(), service)}


def test_each_role_gets_what_the_table_says(service: Service, clients: dict[str, FlaskClient]) -> None:
    places = {"OWN": str(draft_of(service, FIRM)), "OTHER": str(draft_of(service, OTHER_FIRM))}
    got = {}
    for address in MATRIX:
        real = re.sub("OWN|OTHER", lambda found: places[found[0]], address)
        got[address] = tuple(clients[role].get(real).status_code for role in ROLES)
    assert got == MATRIX


def test_drafts_of_others_are_in_no_list(service: Service, clients: dict[str, FlaskClient]) -> None:
    draft_of(service, FIRM)
    draft_of(service, OTHER_FIRM)
    for address in ("/needs?status=draft", "/needs?status=all"):
        seen = {
            role: set(re.findall("(甲木业|乙建材)有限公司的保密难题", clients[role].get(address).text))
            for role in ROLES
        }
        assert seen["administrator"] == {"甲木业", "乙建材"}
        assert seen["enterprise"] == {"甲木业"}
        assert seen["visitor"] == seen["university"] == seen["broker"] == set()


def test_a_post_without_an_account_is_refused(stranger: Visitor, service: Service) -> None:
    stranger.open("/sign-in")
    token = re.search(r'name="csrf_token" value="([^"]+)"', stranger.page.text)
    assert token
    number = draft_of(service, FIRM)
    for address in (f"/needs/{number}/status", f"/needs/{number}/delete"):
        assert stranger.client.post(address, data={"csrf_token": token[1]}).status_code == 404
    assert stranger.client.post("/rankers/train", data={"csrf_token": token[1]}).status_code in (401, 404)
    assert service.postings.get("need", number).status == "draft"


def test_demo_people_are_added_once(service: Service) -> None:
    added = seed_people(service.accounts, service.joining, "测试")
    assert [person for person, _ in added] == list(DEMO_PEOPLE)
    assert seed_people(service.accounts, service.joining, "测试") == []
    assert all(service.accounts.by_login(person.login).is_demo for person in DEMO_PEOPLE)
    person, password = added[0]
    assert service.signing_in.sign_in(person.login, password, "127.0.0.1")
