"""The inbox over HTTP: what the use cases tell whom, reading it, marking it, choosing what is told."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, url_for

from matcher.accounts import NewAccount
from matcher.interest import Questions
from matcher.people import Account, MemberRole
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import interests, notices
from matcher.store.rows import time_text
from tests.support.examples import WOOD_NEED
from tests.support.people import PASSWORD, member, sign_in
from tests.support.visitor import Visitor
from web import create_app
from web.mail_links import links

pytestmark = pytest.mark.wide

FIRM, UNIVERSITY, BROKERS = WOOD_NEED.organisation, "云麓林业大学", "丙经纪"
QUESTIONS = Questions(why="我们的理由", offer="一", expectation="二", contact="秘密电话")


class People:
    """A firm, a university and a broker, each in a browser of their own."""

    def __init__(self, app: Flask, service: Service) -> None:
        self.app, self.service = app, service
        self.firm = self.enter("firm", FIRM, "enterprise")
        self.university = self.enter("university", UNIVERSITY, "university")
        self.broker = self.enter("broker", BROKERS, "broker")

    def enter(self, login: str, organisation: str, role: MemberRole) -> Visitor:
        account = member(self.service, login, organisation, role)
        return Visitor(sign_in(self.app.test_client(), self.service, account))

    def express(self) -> str:
        """Return the interest of the university in the firm's need."""
        place = self.service.postings.organisation_ids([UNIVERSITY])[UNIVERSITY]
        return self.service.interests.express("need", 1, place or 0, QUESTIONS, "测试")


@pytest.fixture
def people(app: Flask, service: Service) -> People:
    return People(app, service)


def lines(visitor: Visitor, address: str = "/inbox") -> list[str]:
    """Return the words of the notices that a page lists."""
    return re.findall(r'row-title"><a href="/inbox/\w+">(.+?)</a>', visitor.open(address))


def bell(visitor: Visitor) -> int:
    found = re.search(r'title="未读消息">(\d+)', visitor.open("/help"))
    return int(found[1]) if found else 0


def test_an_interest_is_told_to_whoever_is_next(people: People) -> None:
    made = people.express()
    assert bell(people.broker) == 1 and bell(people.firm) == 0 == bell(people.university)
    people.broker.open(f"/interests/{made}")
    people.broker.press("转交对方")
    (forwarded,) = lines(people.firm)
    assert WOOD_NEED.title in forwarded and "请答复" in forwarded
    people.firm.open(f"/interests/{made}")
    people.firm.press("同意，互相开放联系方式", owner_contact="王工")
    (answered,) = lines(people.university)
    assert "得到同意" in answered
    assert [line for line in lines(people.broker) if "得到同意" in line]
    for visitor in (people.firm, people.university, people.broker):
        page = visitor.open("/inbox")
        assert "我们的理由" not in page and "秘密电话" not in page


def test_reminders_and_expiry_are_told_to_whoever_has_to_answer(people: People) -> None:
    service, made = people.service, people.express()
    number = service.interests.get(made).id

    def shift(**days: float) -> None:
        with service.store.transaction() as db:
            moved = {name: time_text(datetime.now(UTC) + timedelta(days=each)) for name, each in days.items()}
            interests.change(db, number, **moved)

    shift(created_at=-5)
    service.interests.remind(made, "测试")
    assert ["催办" in line for line in lines(people.broker)] == [True, False]
    assert service.interests.tell_expiring() == 0
    shift(expires_at=2)
    assert (service.interests.tell_expiring(), service.interests.tell_expiring()) == (1, 0)
    assert "快要过期" in lines(people.broker)[0]
    service.interests.forward(made, service.postings.organisation_ids([BROKERS])[BROKERS], "测试")
    assert service.interests.tell_expiring() == 0
    shift(expires_at=1)
    assert service.interests.tell_expiring() == 1
    assert ["快要过期" in line for line in lines(people.firm)] == [True, False]


def test_following_a_notice_marks_it_read(people: People) -> None:
    made = people.express()
    page = people.broker.open("/inbox")
    (address,) = re.findall(r'row-title"><a href="(/inbox/\w+)">', page)
    answer = people.broker.client.get(address)
    assert answer.status_code == 303 and answer.location == f"/interests/{made}"
    assert bell(people.broker) == 0 and lines(people.broker, "/inbox?unread=yes") == []
    people.broker.open("/inbox")
    people.broker.follow(f"标为未读：{lines(people.broker)[0]}")
    assert bell(people.broker) == 1
    people.broker.open("/inbox")
    people.broker.follow("全部标为已读")
    assert bell(people.broker) == 0
    people.firm.open(address, 404)


@pytest.mark.parametrize(
    ("about", "address"),
    [
        (("need", 1), "/needs/1"),
        (("achievement", 1), "/achievements/1"),
        (("need", 999), "/needs/gone"),
    ],
)
def test_a_notice_leads_to_what_it_is_about(people: People, about: tuple[notices.About, int], address: str) -> None:
    tell(people, about)
    (at,) = re.findall(r'row-title"><a href="(/inbox/\w+)">', people.firm.open("/inbox"))
    assert people.firm.client.get(at).location == address


def test_what_may_not_be_seen_any_more_looks_like_what_is_not_there(people: People) -> None:
    tell(people, ("achievement", 1))
    people.service.postings.change_status("achievement", 1, "closed", "测试")
    (at,) = re.findall(r'row-title"><a href="(/inbox/\w+)">', people.firm.open("/inbox"))
    hidden, gone = (people.firm.open(address, 404) for address in (people.firm.client.get(at).location, "/needs/gone"))
    assert hidden.split("<main")[1].split("csrf")[0] == gone.split("<main")[1].split("csrf")[0]


@pytest.mark.parametrize("about", [("interest", 999), ("nothing", 1), ("engagement", 999)])
def test_a_notice_of_what_is_gone_or_has_no_page_leads_to_404(people: People, about: tuple[notices.About, int]) -> None:
    tell(people, about)
    (at,) = re.findall(r'row-title"><a href="(/inbox/\w+)">', people.firm.open("/inbox"))
    assert "没有找到" in people.firm.open(at, 404)


def tell(people: People, about: tuple[notices.About, int], words: str = "有一件事", kind: str = "of_tomorrow") -> None:
    with people.service.store.transaction() as db:
        notices.add(db, kind, words, about, account_id=account(people, "firm").id)


def account(people: People, login: str) -> Account:
    return people.service.accounts.by_login(login)


def test_words_are_text_on_the_page(people: People) -> None:
    tell(people, ("need", 1), "<script>alert(1)</script>")
    assert "<script>alert" not in people.firm.open("/inbox")
    assert lines(people.firm) == ["&lt;script&gt;alert(1)&lt;/script&gt;"]


def test_filters_and_pages_stay_in_the_address(people: People) -> None:
    for number in range(45):
        tell(people, ("need", 1), f"第{number}条", "strong_match" if number % 2 else "of_tomorrow")
    page = people.firm.open("/inbox?kind=strong_match&unread=yes&page=2")
    assert "共 22 条" in page and lines(people.firm, "/inbox?kind=strong_match&unread=yes&page=9") == ["第3条", "第1条"]
    people.firm.open("/inbox?kind=strong_match&page=2")
    assert people.firm.press("这一种全部标为已读").endswith("/inbox?kind=strong_match&page=2")
    assert bell(people.firm) == 23
    assert len(lines(people.firm, "/inbox?kind=nonsense&size=x&page=-3")) == 20


def test_an_empty_inbox_says_what_comes_there(people: People) -> None:
    assert "还没有消息" in people.firm.open("/inbox")
    assert "没有未读的消息" in people.firm.open("/inbox?unread=yes")
    assert "没有这种消息" in people.firm.open("/inbox?kind=other")


def test_visitors_are_led_to_sign_in(app: Flask) -> None:
    assert app.test_client().get("/inbox").status_code == 303
    assert "未读消息" not in Visitor(app.test_client()).open("/help")


def test_what_is_told_can_be_chosen(people: People) -> None:
    page = people.firm.open("/inbox/preferences")
    assert "没有设置发信服务器" in page and "待转交" not in page and "<select" not in page
    people.firm.press("保存", **{"in-app-strong_match": None})
    tell(people, ("need", 1), kind="strong_match")
    assert bell(people.firm) == 0
    assert "合作意向待转交" in people.broker.open("/inbox/preferences")


def test_a_choice_that_cannot_be_is_refused_in_words(people: People) -> None:
    people.firm.open("/inbox/preferences")
    assert "“hourly”不是邮件通知的方式" in people.firm.press("保存", 400, **{"mail-strong_match": "hourly"})


def test_signing_up_and_being_admitted_are_told(people: People, visitor: Visitor) -> None:
    service = people.service
    new = service.joining.sign_up(NewAccount("zhao", "赵某", PASSWORD), FIRM, "enterprise")
    assert ["赵某 申请加入" in line for line in lines(visitor)] == [True]
    place = service.postings.organisation_ids([FIRM])[FIRM] or 0
    service.joining.admit(new.public_id, place, "测试")
    zhao = Visitor(sign_in(people.app.test_client(), service, new))
    assert ["申请已通过" in line for line in lines(zhao)] == [True]
    assert lines(people.firm) == []


def test_mails_lead_to_routes_that_exist(app: Flask) -> None:
    with app.test_request_context():
        there = links(Settings(public_url="https://match.example.cn/"))
        assert there.inbox == f"https://match.example.cn{url_for('inbox.listing')}"
        assert there.preferences == f"https://match.example.cn{url_for('inbox.preferences')}"
        assert f"{there.notice}abc" == f"https://match.example.cn{url_for('inbox.follow', public_id='abc')}"


def test_the_choice_of_mails_shows_where_there_is_a_server(service: Service) -> None:
    settings = {"smtp_url": "smtp://127.0.0.1:1", "public_url": "http://localhost"}
    with_mail = Service(Settings(home=service.settings.home, **settings), service.engine.encoder())  # type: ignore[arg-type]
    app = create_app(service=with_mail)
    wang = Visitor(sign_in(app.test_client(), with_mail, member(with_mail, "wang@example.cn", FIRM, "enterprise")))
    page = wang.open("/inbox/preferences")
    assert "wang@example.cn" in page and "每周汇总" in page
    wang.press("保存", **{"mail-strong_match": "no"})
    assert with_mail.inbox.preferences(with_mail.accounts.by_login("wang@example.cn").id)["strong_match"].mail == "no"
    plain = Visitor(sign_in(app.test_client(), with_mail, member(with_mail, "plain", FIRM, "enterprise")))
    assert "不是邮箱地址" in plain.open("/inbox/preferences")
    with_mail.close()
