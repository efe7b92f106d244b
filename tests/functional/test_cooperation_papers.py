"""The filing form, its print page, the data of the contract and the list of cooperations over HTTP."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher.cooperation import Cooperation, CooperationFilters, Party
from matcher.models import Organisation
from matcher.service import Service
from tests.support.agreements import FULL
from tests.support.people import member, sign_in
from tests.support.word_tables import cells, words

pytestmark = pytest.mark.wide


@pytest.fixture
def recorded(service: Service) -> Cooperation:
    """A full record, and a draft of others."""
    service.joining.organisation(Organisation(name="甲厂"))
    found = service.cooperations.record(replace(FULL, need_id=1, achievement_id=1), "测试")
    service.cooperations.record(Cooperation(title="别人的合作", parties=(Party(role="a", name="甲厂"),)), "测试")
    return found


def table(answer: bytes) -> list[dict[str, Any]]:
    head, *rows = openpyxl.load_workbook(io.BytesIO(answer)).active.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_form_and_the_page_for_print_hold_the_same(client: FlaskClient, recorded: Cooperation) -> None:
    file = client.get("/cooperations/1/form")
    page = client.get("/cooperations/1/print").text
    assert file.headers["Content-Disposition"].startswith("attachment") and "杨木集成材海运" in words(file.data)
    for line in "\n".join(text for row in cells(file.data) for text in row).split("\n"):
        assert line in page, line
    assert page.count("<h1>") == 1 and "产学研合作备案表" in page and "style=" not in page
    links = client.get("/cooperations/1").text
    for address in ("form", "print", "contract"):
        assert f'href="/cooperations/1/{address}"' in links


def test_the_data_of_the_contract_are_a_workbook(client: FlaskClient, recorded: Cooperation) -> None:
    answer = client.get("/cooperations/1/contract")
    assert "spreadsheetml" in answer.mimetype
    data = {row["项目"]: row["内容"] for row in table(answer.data)}
    assert data["合同登记编号"] == FULL.registration_number and data["合同金额（元）"] == FULL.amount_yuan
    assert data["技术领域"] == "新材料 · 精细和专用化学品" and data["关联技术需求"].startswith("杨木集成材")


def test_the_list_comes_back_with_its_filters(client: FlaskClient, recorded: Cooperation) -> None:
    rows = table(client.get("/cooperations/export?file=xlsx&q=杨木").data)
    assert [row["合作名称"] for row in rows] == [FULL.title]
    row = rows[0]
    assert row["甲方"] == "青桐坞家居制造有限公司、青桐坞集成材加工厂" and row["丙方"] == "叶集区木竹产业技术研究院"
    assert row["甲方信用代码"].startswith("91341504") and row["合同登记编号"] == FULL.registration_number
    assert (row["合同金额（万元）"], row["技术交易额（万元）"], row["已付金额（万元）"]) == (120.5, 110, 48.1)
    assert row["签订日期"] == datetime(2026, 11, 22) and row["进度节点"] == "1 / 2 完成" and row["状态"] == "草稿"
    assert row["绩效产出"] == "专利：一种杨木防霉浸渍液\n新增产值：防霉板材销售"
    text = client.get("/cooperations/export").data.decode("utf-8-sig")
    assert [row["合作名称"] for row in csv.DictReader(io.StringIO(text, newline=""))] == ["别人的合作", FULL.title]
    assert "/cooperations/export?file=xlsx&amp;q=" in client.get("/cooperations?q=杨木").text


def test_a_party_gets_what_is_its_own_and_nobody_else_anything(
    app: Flask, service: Service, recorded: Cooperation
) -> None:
    firm = sign_in(app.test_client(), service, member(service, "wang", "甲厂", "enterprise"))
    assert [row["合作名称"] for row in table(firm.get("/cooperations/export?file=xlsx").data)] == ["别人的合作"]
    for address in ("form", "print", "contract"):
        assert firm.get(f"/cooperations/2/{address}").status_code == 200
        assert firm.get(f"/cooperations/1/{address}").status_code in (403, 404)
        assert app.test_client().get(f"/cooperations/1/{address}").status_code in (303, 404)
    assert app.test_client().get("/cooperations/export").status_code == 303


def test_a_title_that_everybody_types_is_only_text(client: FlaskClient, service: Service) -> None:
    title = '=cmd|"/c calc"!A1 <script>alert(1)</script> {{ 7 * 7 }} \x0b'
    service.cooperations.record(Cooperation(title=title), "测试")
    assert table(client.get("/cooperations/export?file=xlsx").data)[0]["合作名称"].startswith("'=cmd")
    assert "{{ 7 * 7 }}" in words(client.get("/cooperations/1/form").data)
    assert "<script>alert" not in client.get("/cooperations/1/print").text


def test_more_records_than_are_read_at_once(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.store.cooperations._READ_AT_ONCE", 2)
    titles = [f"第 {number} 项" for number in range(5)]
    for title in titles:
        service.cooperations.record(replace(FULL, title=title), "测试")
    found = list(service.cooperations.every(CooperationFilters(), "newest"))
    assert [each.title for each in found] == titles[::-1] and all(each.parties == found[0].parties for each in found)
