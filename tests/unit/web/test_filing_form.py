"""The filing form and the data of its contract: every field of the record is there, and where it belongs."""

from dataclasses import fields, replace
from datetime import date, datetime

import openpyxl
import pytest

from matcher.cooperation import Cooperation, Milestone, Outcome, Party, Payment
from matcher.sheets import workbook
from matcher.word_paper import word_file
from tests.support.agreements import FULL
from tests.support.examples import WOOD_ACHIEVEMENT, WOOD_NEED
from tests.support.word_tables import cells, words
from web.contract_sheet import tables
from web.filing_form import paper

pytestmark = pytest.mark.wide

FILED = replace(
    FULL,
    need_version=3,
    achievement_version=2,
    state="terminated",
    reason="甲方停产",
    filing_number="产学研-341504-2026-0001",
    filed_on=date(2026, 12, 2),
)
LINKED = (WOOD_NEED, WOOD_ACHIEVEMENT)
# Ids keep the books; all else is on the form.
BOOKS = {"id", "need_id", "achievement_id", "engagement_id", "version", "created_at", "updated_at", "organisation_id"}
ON_PAPER = {
    "kind": "对口合作",
    "paired_region": "上海市闵行区",
    "title": "杨木集成材防霉处理技术开发",
    "need_version": "杨木集成材海运途中长霉发蓝的问题（第 3 版）",
    "achievement_version": "木材防霉微乳液及浸渍处理技术（第 2 版）",
    "contract_type": "技术开发（委托）",
    "amount_yuan": "120.5 万元",
    "technology_amount_yuan": "110 万元",
    "direction": "吸纳",
    "registration_number": "2026340000012345",
    "registered_on": "2026年11月30日",
    "signed_on": "2026年11月22日",
    "starts_on": "2026年12月1日",
    "ends_on": "2027年11月29日",
    "region": "安徽省六安市叶集区",
    "ip_ownership": "归双方共有，甲方有优先实施权",
    "expected_results": "12 周霉变面积不超过 5%\n处理成本≤35 元/m³",
    "note": "分两期付款",
    "state": "状态：已终止",
    "reason": "甲方停产",
    "filing_number": "备案编号：产学研-341504-2026-0001",
    "filed_on": "2026年12月2日备案",
}
PARTS = {
    Party: ["甲方", "青桐坞集成材加工厂", "91341504MA2N111119", "云麓林业大学", "丙方", "叶集区木竹产业技术研究院"],
    Payment: ["2026-12-05", "48.2 万元", "2026-12-04", "48.1 万元", "2027-06-30", "72.3 万元"],
    Milestone: ["小试：不同含水率板材的浸渍参数", "2027-02-28", "已完成", "2027-02-20", "未按期"],
    Outcome: ["专利", "一种杨木防霉浸渍液\n证明材料：受理通知书", "2", "2027-10-01", "新增产值", "1,234 万元"],
}


def test_every_field_of_the_record_is_on_the_form() -> None:
    file = word_file(paper(FILED, LINKED)).read()
    found = [text for row in cells(file) for text in row]
    said = words(file)
    names = {item.name for item in fields(Cooperation)} - BOOKS
    assert names == set(ON_PAPER) | {"parties", "payments", "milestones", "outcomes"}
    for name, text in ON_PAPER.items():
        assert text in found or (name in ("state", "filing_number", "filed_on") and text in said), name
    for texts in PARTS.values():
        assert [text for text in texts if text not in found] == []
    assert ["合计", "120.5 万元", "", "48.1 万元"] in [row[1:] for row in cells(file)]


def test_the_parties_sign_and_the_bureau_decides() -> None:
    rows = cells(word_file(paper(FULL)).read())[-3:]
    assert [row[0] for row in rows] == ["甲方", "丙方", "主管部门意见"] and rows[0][2] == "乙方"
    assert all("（盖章）" in text for row in rows for text in row[1::2])
    two = replace(FULL, parties=FULL.parties[:3])
    assert [row[0] for row in cells(word_file(paper(two)).read())[-2:]] == ["甲方", "主管部门意见"]


def test_a_draft_with_hardly_anything_leaves_room_to_write() -> None:
    file = word_file(paper(Cooperation(title="草稿"))).read()
    rows = cells(file)
    assert "（备案后填写）" in words(file) and "None" not in words(file)
    assert ["甲方", "单位名称", "", "信用\n代码", ""] in rows and ["乙方", "单位名称", "", "信用\n代码", ""] in rows
    assert not any("丙方" in row for row in rows)


def test_the_data_of_the_contract_come_back_as_what_they_are() -> None:
    book = openpyxl.load_workbook(workbook(*tables(FILED, LINKED)))
    data = {row[0].value: row[1] for row in book["合同"].iter_rows(min_row=2)}
    assert data["合同登记编号"].value == "2026340000012345" and data["合同登记编号"].data_type == "s"
    assert data["合同金额（元）"].value == 1_205_000 and data["其中技术交易额（元）"].value == 1_100_000
    assert data["合同签订日期"].value == datetime(2026, 11, 22) and data["合同签订日期"].is_date
    texts = {cell.value for cell in data.values()} | {"已终止"}
    for name in ("title", "registration_number", "region", "ip_ownership", "expected_results", "note", "reason"):
        assert getattr(FILED, name) in texts, name
    for text in ("对口合作", "上海市闵行区", "技术开发（委托）", "吸纳", FILED.filing_number, WOOD_NEED.title):
        assert text in texts
    sheets = {name: list(book[name].iter_rows(min_row=2, values_only=True)) for name in book.sheetnames}
    assert sheets["当事人"][1] == ("甲方", "青桐坞集成材加工厂", "91341504MA2N111119")
    assert sheets["付款"][0] == (1, datetime(2026, 12, 5), 482_000, datetime(2026, 12, 4), 481_000)
    assert sheets["进度节点"][1] == ("中试：一个库房垛放十二周", datetime(2027, 8, 31), "未按期", None)
    assert sheets["绩效产出"][0] == ("专利", "一种杨木防霉浸渍液", 2, None, datetime(2027, 10, 1), "受理通知书")
    assert sheets["绩效产出"][1][3] == 12_340_000
