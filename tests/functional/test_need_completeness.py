"""What a need lacks, told while it is typed; its new parts and who reads them."""

from dataclasses import replace

from flask import Flask

from matcher.models import Need
from matcher.service import Service
from tests.support.people import member, sign_in
from tests.support.visitor import FormReader, Visitor

FULL = {"conditions": "海运三十五天", "present_state": "试过两种药剂", "decision_owner": "分管副总经理"}


def lacking(visitor: Visitor, kind: str = "needs", **typed: str) -> str:
    token = next(form for form in FormReader(visitor.page.text).forms if "csrf_token" in form.values)
    answer = visitor.client.post(f"/{kind}/completeness", data={"csrf_token": token.values["csrf_token"], **typed})
    assert answer.status_code == 200
    return answer.text


def test_what_is_typed_is_crossed_off(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/new")
    before = service.store.db.execute("select count(*) from audit").fetchone()
    assert "可量化指标" in lacking(visitor)
    assert "没有数字和单位" in lacking(visitor, indicators="性能优良")
    page = lacking(visitor, title="x", indicators="霉变面积≤5%", budget_yuan="很多", **FULL)
    for done in ("可量化指标", "工况与约束", "现状与已试过的办法", "决策负责人"):
        assert done not in page
    assert "预算" in page and "对象" in page
    assert service.store.db.execute("select count(*) from audit").fetchone() == before


def test_an_achievement_is_asked_for_less(visitor: Visitor) -> None:
    visitor.open("/achievements/new")
    page = lacking(visitor, "achievements")
    assert "可量化指标" in page and "决策负责人" not in page and "工况" not in page


def test_the_new_parts_are_kept_and_shown(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/new")
    assert "还可以补充这些" in visitor.page.text
    page = visitor.follow("发布", title="防霉", **FULL)
    assert all(text in page for text in FULL.values())
    stored = service.postings.get("need", 3)
    assert isinstance(stored, Need) and stored.present_state == FULL["present_state"]
    page = visitor.open("/needs/3/edit")
    assert "海运三十五天" in page and "决策负责人的职务</a>" not in page


def test_they_are_no_part_of_the_summary(app: Flask, service: Service) -> None:
    need = service.postings.get("need", 2)
    service.postings.edit(replace(need, visibility="brokers", summary="公开", **FULL), "王")  # type: ignore[arg-type]
    other = Visitor(sign_in(app.test_client(), service, member(service, "other", "旁人厂", "enterprise")))
    broker = Visitor(sign_in(app.test_client(), service, member(service, "broker", "经纪", "broker")))
    for address in ("/needs/2", "/matches/2/1", "/needs", "/achievements/2"):
        page = other.open(address)
        assert not any(text in page for text in FULL.values()), address
    assert 'href="/needs/2"' not in other.open("/search?kind=need&q=海运三十五天")
    assert all(text in broker.open("/needs/2") for text in FULL.values())
