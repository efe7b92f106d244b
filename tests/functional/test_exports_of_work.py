"""Interests, suggestions and rewards as files: what their lists hold for whoever asks, and nothing computed."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher.cooperation import Cooperation, Party
from matcher.interest import Questions
from matcher.models import Organisation
from matcher.people import MemberRole
from matcher.service import Service
from tests.functional.test_exports import table
from tests.support.examples import WOOD_ACHIEVEMENT, WOOD_NEED
from tests.support.people import member, sign_in
from tests.support.suggested import suggest

FORMULA = '=HYPERLINK("http://evil.example")'
QUESTIONS = Questions(why=FORMULA, offer="产线一条", expectation="先做小试", contact="13800000000")


def seen_by(app: Flask, service: Service, login: str, place: str, role: MemberRole) -> FlaskClient:
    return sign_in(app.test_client(), service, member(service, login, place, role))


@pytest.fixture
def interest(service: Service) -> str:
    """The interest of a firm in the wood achievement, whose owner is not shown to others."""
    hidden = replace(WOOD_ACHIEVEMENT, id=1, visibility="brokers", summary="防霉", shows_organisation=False)
    service.postings.edit(hidden, "测试")
    place = service.joining.organisation(Organisation(name=WOOD_NEED.organisation)).id
    return service.interests.express("achievement", 1, place, QUESTIONS, "王")


def test_interests_as_their_list_shows_them(app: Flask, service: Service, client: FlaskClient, interest: str) -> None:
    [row] = table(client, "/interests/export")
    assert (row["标题"], row["提出单位"]) == (WOOD_ACHIEVEMENT.title, WOOD_NEED.organisation)
    assert row["状态"] == "等待经纪人转交"
    assert row["为什么感兴趣"] == f"'{FORMULA}" and "13800000000" not in row.values()
    page = client.get("/interests?waiting=yes").text
    assert "/interests/export?waiting=yes" in page and "Achievement(" not in page
    owner = seen_by(app, service, "lili", WOOD_ACHIEVEMENT.organisation, "university")
    assert table(owner, "/interests/export") == []
    service.interests.forward(interest, service.joining.organisation(Organisation(name="丙经纪")).id, "经纪人")
    service.interests.decline(interest, "terms", "太贵", "李")
    assert table(client, "/interests/export?waiting=yes") == []
    [row] = table(owner, "/interests/export")
    assert (row["谢绝的原因"], row["补充说明"]) == ("费用、权属等条件谈不拢", "太贵")
    assert table(seen_by(app, service, "ding", "丁厂", "enterprise"), "/interests/export") == []


def test_who_asks_reads_no_owner_that_is_hidden(app: Flask, service: Service, interest: str) -> None:
    asker = seen_by(app, service, "wang", WOOD_NEED.organisation, "enterprise")
    assert [row["发布单位"] for row in table(asker, "/interests/export")] == [None]
    service.interests.forward(interest, service.joining.organisation(Organisation(name="丙经纪")).id, "经纪人")
    service.interests.accept(interest, "李工", "李")
    assert [row["发布单位"] for row in table(asker, "/interests/export")] == [WOOD_ACHIEVEMENT.organisation]


def test_a_queue_of_the_desk_as_it_is_filtered(app: Flask, service: Service, client: FlaskClient) -> None:
    found = suggest(service)
    broker = seen_by(app, service, "broker", "经纪公司", "broker")
    rows = table(broker, "/desk/export?level=1&field=4")
    wood = [each for each in found if each.need_id == 1]
    assert len(rows) == len(wood) > 0 and {row["技术需求"] for row in rows} == {WOOD_NEED.title}
    assert rows[0]["关联度"] and rows[0]["把握"].endswith("%") and rows[0]["网址"].startswith("http://localhost/desk/")
    assert "/desk/export?level=1&amp;field=4" in broker.get("/desk?level=1&field=4").text
    service.desk.dismiss(wood[0].public_id, 0, "other", FORMULA, "李")
    [row] = table(broker, "/desk/export?queue=dismissed")
    assert row["排除的原因"] == f"其他：{FORMULA}" and row["状态"] == "已排除"


def test_rewards_of_ones_own_records(app: Flask, service: Service, client: FlaskClient) -> None:
    parties = (Party(role="a", name=WOOD_NEED.organisation), Party(role="b", name=FORMULA))
    given = {"region": "130407", "contract_type": "transfer", "signed_on": date(2026, 3, 1), "parties": parties}
    service.cooperations.record(Cooperation(title=FORMULA, **given), "测试")
    rows = table(client, "/rewards/export?rule=feixiang-cooperation")
    assert [row["合作名称"] for row in rows] == [f"'{FORMULA}"] and "没有填写开始日期" in rows[0]["缺什么"]
    assert rows[0]["签订日期"].date() == date(2026, 3, 1) and rows[0]["金额（万元）"] == 0
    assert len(table(client, "/rewards/export")) == 2 and table(client, "/rewards/export?shown=due") == []
    assert "/rewards/export?year=2026" in client.get("/rewards?year=2026").text
    assert len(table(seen_by(app, service, "wang", WOOD_NEED.organisation, "enterprise"), "/rewards/export")) == 2
    assert table(seen_by(app, service, "ding", "丁厂", "enterprise"), "/rewards/export") == []
