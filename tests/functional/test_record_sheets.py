"""Sheets of needs and achievements: every field, for whoever may read it."""

from dataclasses import fields, replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher.models import Achievement, Kind, Need
from matcher.service import Service
from tests.support.examples import WOOD_ACHIEVEMENT, WOOD_NEED
from tests.support.people import member, sign_in
from tests.support.word_tables import labelled, words

FULL = {
    "need": replace(
        WOOD_NEED,
        summary="公开的话",
        external_id="",
        is_chokepoint=True,
        is_common_key=True,
        conditions="湿度 95%",
        present_state="试过硼酸",
        decision_owner="技术总监",
        valid_until=date(2099, 1, 1),
    ),
    "achievement": replace(
        WOOD_ACHIEVEMENT, summary="公开的话", ip_kind="发明专利", ip_number="ZL202610000001.2", external_id=""
    ),
}
SHOWN = {
    "title": "名称",
    "organisation": "单位",
    "organisation_kind": "单位类型",
    "field": "技术领域",
    "maturity": "技术成熟度",
    "modes": "合作方式",
    "region": "地区",
    "keywords": "关键词",
    "description": "描述",
    "indicators": "技术指标",
    "summary": "公开摘要",
    "budget_yuan": "预算",
    "deadline": "截止日期",
    "asking_price_yuan": "报价",
    "ip_kind": "知识产权",
    "ip_number": "知识产权",
    "team": "团队",
    "need_kind": "需求类别",
    "is_chokepoint": "标记",
    "is_common_key": "标记",
    "conditions": "工况和约束",
    "present_state": "现状",
    "decision_owner": "决策负责人",
    "valid_until": "有效期至",
    "on_behalf_by": "代为发布",
}
# What the sheet says outside its table, or only keeps the books.
BESIDE = {"status", "is_demo", "updated_at"}
BOOKS = {
    *("id", "external_id", "organisation_id", "visibility", "named_ids", "shows_organisation", "created_at"),
    "close_reason",
}


def test_every_field_has_its_place() -> None:
    names = {item.name for model in (Need, Achievement) for item in fields(model)}
    assert names == set(SHOWN) | BESIDE | BOOKS


@pytest.mark.parametrize("kind", ["need", "achievement"])
def test_the_sheet_holds_every_field(client: FlaskClient, service: Service, kind: Kind) -> None:
    record = service.postings.post(FULL[kind], "测试")
    answer = client.get(f"/{kind}s/{record.id}/sheet")
    found = labelled(answer.data)
    for name, label in SHOWN.items():
        if value := getattr(record, name, None):
            assert found[label], name
            for text in value if name in ("keywords", "indicators") else [value] if isinstance(value, str) else []:
                if name not in ("field", "region", "organisation_kind", "modes", "need_kind"):
                    assert text in found[label], name
    assert found["地区"].startswith("安徽省") and "技术转让" in found["合作方式"] and "7 级" in found["技术成熟度"]
    money = {"need": ("预算", "50.5 万元"), "achievement": ("报价", "45 万元")}[kind]
    assert found[money[0]] == money[1]
    said = words(answer.data)
    assert "状态：已发布" in said and f"http://localhost/{kind}s/{record.id}" in said
    assert ("演示用的虚构数据" in said) == record.is_demo
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_who_reads_the_summary_alone_gets_it_alone(app: Flask, service: Service) -> None:
    service.postings.edit(
        replace(WOOD_NEED, id=1, visibility="members", summary="木材防霉", deadline=date(2027, 4, 30)), "测试"
    )
    stranger = app.test_client()
    said = words(stranger.get("/needs/1/sheet").data)
    assert "木材防霉" in said and "本表只含公开摘要" in said and "2027年4月30日" in said
    for hidden in (WOOD_NEED.organisation, "50.5", "霉变与蓝变", "集成材；", "立方成本", "六安", "预算", "技术指标"):
        assert hidden not in said, hidden
    firm = sign_in(app.test_client(), service, member(service, "wang", WOOD_NEED.organisation, "enterprise"))
    assert "立方成本" in words(firm.get("/needs/1/sheet").data)
    service.postings.change_status("need", 1, "closed", "测试")
    assert stranger.get("/needs/1/sheet").status_code == 404
    assert 'href="/needs/1/sheet"' in firm.get("/needs/1").text
