"""Lists as files over HTTP: what is listed, for whoever may see it, and no more."""

import csv
import io
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher.service import Service
from tests.support.examples import WOOD_NEED
from tests.support.people import member, sign_in
from web import exporting


def table(client: FlaskClient, address: str) -> list[dict[str, Any]]:
    """Return the rows of an exported list by the names of their columns, the same from both kinds of file."""
    answer = client.get(address)
    assert answer.status_code == 200 and answer.mimetype == "text/csv", answer.text[:500]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    book = client.get(f"{address}{'&' if '?' in address else '?'}file=xlsx")
    assert "spreadsheetml" in book.mimetype
    head, *cells = openpyxl.load_workbook(io.BytesIO(book.data)).active.iter_rows(values_only=True)
    assert [str(cell or "") for cell in [row[0] for row in cells]] == [row[head[0]] for row in rows]
    return [dict(zip(head, row, strict=True)) for row in cells]


def test_what_is_listed_is_exported_with_all_its_fields(client: FlaskClient) -> None:
    [battery, wood] = table(client, "/needs/export")
    assert battery["标题"] == "防爆锂离子电池的研发"
    assert wood["单位"] == "青桐坞家居制造有限公司" and wood["地区"] == "安徽省六安市叶集区"
    assert wood["预算（万元）"] == 50.5 and wood["截止日期"].date() == date(2027, 4, 30)
    assert wood["技术指标"] == "霉变与蓝变面积≤5%\n处理成本≤35元/m³" and wood["成熟度"] == 7
    assert wood["网址"] == "http://localhost/needs/1" and "三五天就起黑点" in wood["描述"]
    found = {row["标题"]: row for row in table(client, "/achievements/export")}
    assert found["木材防霉微乳液及浸渍处理技术"]["团队"] == "木材保护课题组"


@pytest.mark.parametrize(
    ("query", "titles"),
    [("field=4", ["杨木"]), ("q=电池", ["防爆", "杨木"]), ("sort=oldest", ["杨木", "防爆"]), ("status=draft", [])],
)
def test_the_file_holds_what_the_page_lists(client: FlaskClient, query: str, titles: list[str]) -> None:
    assert [row["标题"][:2] for row in table(client, f"/needs?{query}".replace("?", "/export?"))] == titles
    page = client.get(f"/needs?{query}").text
    assert (f'/needs/export?{query.replace("电池", quote("电池"))}"' in page) == bool(titles)


def test_nobody_gets_more_than_the_page_shows(app: Flask, service: Service) -> None:
    service.postings.edit(
        replace(WOOD_NEED, id=1, visibility="members", summary="木材防霉", shows_organisation=False), "测试"
    )
    service.postings.post(replace(WOOD_NEED, title="还没写完的草稿", status="draft"), "测试")
    stranger = app.test_client()
    rows = {row["标题"]: row for row in table(stranger, "/needs/export?status=all")}
    assert len(rows) == 2
    wood = rows[WOOD_NEED.title]
    assert (wood["描述"], wood["地区"]) == ("木材防霉", "安徽省")
    assert not any(wood[name] for name in ("单位", "预算（万元）", "技术指标", "关键词"))
    firm = sign_in(app.test_client(), service, member(service, "wang", WOOD_NEED.organisation, "enterprise"))
    assert len(table(firm, "/needs/export?status=all")) == 3
    assert table(stranger, "/needs/export?q=立方成本")[0]["标题"] != WOOD_NEED.title


def test_a_list_too_long_is_told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 1)
    answer = client.get("/needs/export")
    assert answer.status_code == 400 and "共 2 条，一次最多导出 1 条" in answer.text


def test_a_title_is_no_formula(client: FlaskClient, service: Service) -> None:
    service.postings.post(replace(WOOD_NEED, title='=HYPERLINK("http://evil.example")'), "测试")
    assert table(client, "/needs/export")[0]["标题"].startswith("'=")
