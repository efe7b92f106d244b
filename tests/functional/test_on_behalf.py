"""Posting for a firm: marked, its own, told; published at once only where nobody of the firm could confirm it."""

from dataclasses import replace

import pytest
from flask import Flask

from matcher.service import Service
from tests.support.people import member, sign_in
from tests.support.visitor import Visitor

TYPED = {"title": "井下电池防爆", "description": "针刺后起火", "organisation": "岚川矿用电源有限公司"}
MARK = "由丙经纪代为发布"


@pytest.fixture
def broker(app: Flask, service: Service) -> Visitor:
    return Visitor(sign_in(app.test_client(), service, member(service, "broker", "丙经纪", "broker")))


def firm(app: Flask, service: Service, login: str = "firm", name: str = TYPED["organisation"]) -> Visitor:
    return Visitor(sign_in(app.test_client(), service, member(service, login, name, "enterprise")))


def test_a_firm_with_people_confirms_first(app: Flask, service: Service, broker: Visitor) -> None:
    owner = firm(app, service)
    assert "代单位发布" in broker.open("/needs")
    broker.open("/needs/on-behalf")
    assert "核对后由它发布" in broker.follow("代为发布", **TYPED)
    stored = service.postings.get("need", 3)
    assert (stored.status, stored.on_behalf_by, stored.organisation) == ("draft", "丙经纪", TYPED["organisation"])
    broker.open("/needs/3", 404)
    ((words, told),) = service.store.db.execute("select words, organisation_id from notice").fetchall()
    assert words == "丙经纪代本单位填写了“井下电池防爆”，请核对后发布或修改" and told == stored.organisation_id
    assert MARK in owner.open("/needs/3")
    assert MARK in owner.follow("发布")
    assert MARK in broker.open("/needs/3") and MARK in Visitor(app.test_client()).open("/needs/3")


def test_a_firm_without_people_is_published_at_once(app: Flask, service: Service, broker: Visitor) -> None:
    broker.open("/achievements/on-behalf")
    page = broker.follow("代为发布", **(TYPED | {"organisation": "新来的研究所"}))
    assert MARK in page and "还没有自己的账号" in page
    broker.open("/achievements/4/edit", 403)
    owner = firm(app, service, "late", "新来的研究所")
    owner.open("/achievements/4")
    assert MARK not in owner.follow("接管")
    assert service.postings.get("achievement", 4).on_behalf_by == ""
    assert service.postings.version("achievement", 4) == 1


def test_an_edit_keeps_the_mark(app: Flask, service: Service, broker: Visitor) -> None:
    broker.open("/needs/on-behalf")
    broker.press("代为发布", **TYPED)
    owner = firm(app, service)
    owner.open("/needs/3/edit")
    assert MARK in owner.follow("保存修改", title="井下电池的防爆")


def test_the_mark_is_no_part_of_the_summary(app: Flask, service: Service, broker: Visitor) -> None:
    broker.open("/needs/on-behalf")
    broker.press("代为发布", **TYPED)
    service.postings.edit(replace(service.postings.get("need", 3), visibility="brokers"), "李")
    assert "代为发布" not in Visitor(app.test_client()).open("/needs/3")


@pytest.mark.parametrize(
    ("typed", "told"),
    [({"organisation": ""}, "代哪个单位"), ({"title": ""}, "请填写标题"), ({"budget_yuan": "很多"}, "不是金额")],
)
def test_mistakes_are_told_and_nothing_is_lost(
    service: Service, broker: Visitor, typed: dict[str, str], told: str
) -> None:
    broker.open("/needs/on-behalf")
    page = broker.press("代为发布", 400, **(TYPED | typed))
    assert told in page and "针刺后起火" in page
    broker.press("预览", 200)
    assert service.store.db.execute("select count(*) from need").fetchone() == (2,)


def test_a_firm_cannot_post_for_another(app: Flask, service: Service) -> None:
    firm(app, service).open("/needs/on-behalf", 403)
