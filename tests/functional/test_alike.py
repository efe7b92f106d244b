"""Needs alike: told while one is typed, of those that may be read; joined instead of posted twice."""

from dataclasses import replace

import pytest
from flask import Flask

from matcher.errors import IllegalTransitionError
from matcher.service import Service
from tests.support.examples import BATTERY_NEED
from tests.support.people import member, sign_in
from tests.support.visitor import FormReader, Visitor


def firm(app: Flask, service: Service, login: str, name: str, role: str = "enterprise") -> Visitor:
    return Visitor(sign_in(app.test_client(), service, member(service, login, name, role)))  # type: ignore[arg-type]


def told(who: Visitor, title: str, description: str = "") -> str:
    who.open("/needs/new")
    form = next(form for form in FormReader(who.page.text).forms if "csrf_token" in form.values)
    typed = {"csrf_token": form.values["csrf_token"], "title": title, "description": description}
    answer = who.client.post("/needs/similar", data=typed)
    assert answer.status_code == 200
    return answer.text


def test_what_is_alike_is_told_while_typing_and_joined(app: Flask, service: Service) -> None:
    other = firm(app, service, "other", "旁人厂")
    assert 'hx-post="/needs/similar"' in other.open("/needs/new")
    page = told(other, "防爆锂离子电池研发", "井下用的锂离子电池针刺后容易起火")
    assert 'href="/needs/2"' in page and 'action="/needs/2/join"' in page and "/needs/1" not in page
    other.open("/needs/2")
    assert "另有 1 家单位有同样需求。" in other.follow("本单位也有这个需求")
    owner = firm(app, service, "own", BATTERY_NEED.organisation)
    broker = firm(app, service, "broker", "丙经纪", "broker")
    for each, named in ((owner, True), (broker, True), (Visitor(app.test_client()), False)):
        page = each.open("/needs/2")
        assert "另有 1 家单位有同样需求" in page and ("旁人厂" in page) is named
    ((words,),) = service.store.db.execute("select words from notice where kind = 'need_joined'").fetchall()
    assert words == f"旁人厂有同样的需求，加入了“{BATTERY_NEED.title}”"
    other.open("/needs/2")
    assert "家单位有同样需求" not in other.follow("退出")


def test_a_need_in_other_words_is_told_once_more_than_a_title_is_typed(app: Flask, service: Service) -> None:
    other = firm(app, service, "other", "旁人厂")
    title = "集成板材装柜途中发霉变蓝"
    typed = "梅雨季仓库里的板面几天就起黑点、发蓝，开柜整包报废，想要低毒、不变色的防霉处理，成本不能太高。"
    assert 'href="/needs/1"' in told(other, title, typed)
    assert 'href="/needs/1"' not in told(other, title)


@pytest.mark.parametrize("title", ["", "防爆", "羽绒清洗废水的回用与减排方案"])
def test_what_is_short_or_new_finds_nothing(app: Flask, service: Service, title: str) -> None:
    assert "已有相近的需求" not in told(firm(app, service, "other", "旁人厂"), title)


def test_what_may_not_be_read_is_not_told(app: Flask, service: Service) -> None:
    service.postings.edit(replace(service.postings.get("need", 2), visibility="brokers"), "李")
    other = firm(app, service, "other", "旁人厂")
    assert told(other, BATTERY_NEED.title, BATTERY_NEED.description).strip() == ""
    page = other.open("/needs/2")
    assert "本单位也有这个需求" not in page


def test_joining_twice_counts_once_and_ones_own_is_refused(app: Flask, service: Service) -> None:
    other = firm(app, service, "other", "旁人厂")
    own_id = service.joining.organisation(replace(service.joining.known(1), name="旁人厂")).id
    for _ in range(2):
        service.alike.join(2, own_id, "李")
    assert service.alike.joined(2) == {own_id: "旁人厂"}
    with pytest.raises(IllegalTransitionError, match="不能加入"):
        service.alike.join(2, service.postings.get("need", 2).organisation_id or 0, "李")
    other.open("/needs/2")
    service.postings.delete("need", 2, "李")
    assert service.alike.joined(2) == {}
