"""Cooperation records over HTTP: recording, the list, the history, editing, states."""

import re
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from matcher.cooperation import Outcome, Payment
from matcher.service import Service
from matcher.workflow import BUREAU_STATES, COOPERATION_STATES, next_cooperation_states
from tests.support.cooperations import filed as filed_record
from tests.support.cooperations import full, in_state
from tests.support.people import member, sign_in
from tests.support.visitor import Visitor

pytestmark = pytest.mark.wide

NEW = "/cooperations/new?need=1&achievement=1"
TYPED = {
    "title": "防霉处理技术开发",
    "contract_type": "commissioned_development",
    "parties-0-name": "青桐坞家居制造有限公司",
    "parties-1-name": "云麓林业大学",
    "region": "六安市",
    "amount_yuan": "1,120.5",
    "signed_on": "2026-11-22",
    "ends_on": "2027-11-21",
    "expected_results": "12 周霉变面积不超过 5%",
}


@pytest.fixture
def recorded(visitor: Visitor) -> str:
    """The address of a recorded cooperation."""
    visitor.open(NEW)
    return visitor.press("记录合作", **TYPED)


def test_the_form_is_filled_from_the_match(visitor: Visitor) -> None:
    html = visitor.open(NEW)
    assert 'value="青桐坞家居制造有限公司"' in html and 'value="云麓林业大学"' in html
    assert 'value="50.5"' in html
    assert '<option selected value="transfer">' in html


def test_recording_leads_to_the_record_and_into_the_list(visitor: Visitor, recorded: str) -> None:
    html = visitor.open(recorded)
    assert "合作已记录为草稿" in html
    for shown in ("1,120.5 万元", "2026年11月22日", "安徽省六安市", "技术开发（委托）", "草稿"):
        assert shown in html, shown
    assert "防霉处理技术开发" in visitor.open("/cooperations")


def test_closing_the_need_is_asked_for(visitor: Visitor, service: Service) -> None:
    visitor.open(NEW)
    visitor.press("记录合作", close_need="y")
    assert service.postings.get("need", 1).status == "matched"


def test_the_need_stays_open_otherwise(service: Service, recorded: str) -> None:
    assert service.postings.get("need", 1).status == "published"


def test_posted_twice_it_is_recorded_once(visitor: Visitor, service: Service) -> None:
    visitor.open(NEW)
    shown = visitor.page
    first = visitor.press("记录合作", **TYPED)
    visitor.page = shown
    assert visitor.press("记录合作", **TYPED) == first
    assert service.cooperations.listing().total == 1


def test_mistakes_are_named_and_what_was_typed_stays(visitor: Visitor, service: Service) -> None:
    visitor.open(NEW)
    wrong = TYPED | {
        "title": "",
        "parties-0-name": "",
        "parties-0-credit_code": "91x",
        "amount_yuan": "很多",
        "signed_on": "22/11/2026",
    }
    html = visitor.press("记录合作", status=400, **wrong)
    for told in ("请填写合作名称", "请填写单位全称", "“91X”有 3 位", "“很多”不是金额", "22/11/2026”不是日期"):
        assert told in html, told
    assert 'href="#title"' in html and 'href="#amount_yuan"' in html and 'href="#parties-0-name"' in html
    assert 'value="很多"' in html and "12 周霉变面积不超过 5%" in html
    assert service.cooperations.listing().total == 0


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("parties-1-name", "青桐坞家居制造有限公司", "填写了两次"),
        ("parties-1-role", "judge", "不是合作方身份"),
        ("technology_amount_yuan", "2000", "多于合同金额"),
        ("registration_number", "12", "16 位数字"),
        ("payments-0-amount_yuan", "很多", "不是金额"),
        ("payments-0-amount_yuan", "2000", "各期应付合计"),
        ("payments-0-paid_yuan", "1", "请同时填写付款日期"),
        ("milestones-0-title", "长" * 301, "最多 300 字"),
        ("outcomes-0-count", "两", "不是整数"),
        ("outcomes-0-title", "\x00", "NUL"),
        ("ends_on", "2026-01-01", "早于开始或签订日期"),
        ("amount_yuan", "-1", "请核对单位"),
        ("amount_yuan", "1.00005", "不到整元"),
        ("amount_yuan", "1e9", "不是金额"),
        ("contract_type", "barter", "请选择技术合同类型"),
        ("kind", "club", "不是备案类别"),
        ("title", "长" * 301, "最多 300 字"),
        ("region", "鼓楼区", "请写全"),
    ],
)
def test_each_mistake_has_its_message(visitor: Visitor, name: str, value: str, told: str) -> None:
    visitor.open(NEW)
    assert told in visitor.press("记录合作", status=400, **(TYPED | {name: value}))


def test_it_can_be_recorded_without_a_match(visitor: Visitor) -> None:
    visitor.open("/cooperations/new")
    html = visitor.follow("记录合作", **TYPED | {"amount_yuan": "", "signed_on": "", "ends_on": "", "region": "某园区"})
    assert "未填" in html and "某园区" in html and "None" not in html


@pytest.mark.parametrize("query", ["need=99", "achievement=99", "need=9999999999999999999999"])
def test_a_link_to_nothing_is_not_found(visitor: Visitor, query: str) -> None:
    visitor.open(f"/cooperations/new?{query}", status=404)


def test_an_edit_shows_in_the_history(visitor: Visitor, recorded: str) -> None:
    visitor.open(f"{recorded}/edit")
    html = visitor.follow("保存修改", amount_yuan="80", note="分三期付款")
    assert "修改已保存" in html
    assert "<del>1,120.5 万元</del>" in html and "<ins>80 万元</ins>" in html
    assert "本机用户" in html and "分三期付款" in html


def test_an_edit_over_somebody_elses_keeps_what_was_typed(visitor: Visitor, recorded: str, service: Service) -> None:
    visitor.open(f"{recorded}/edit")
    mine = visitor.page
    visitor.press("保存修改", title="别人改的名称")
    visitor.page = mine
    html = visitor.press("保存修改", status=409, title="我改的名称")
    assert "已被他人修改" in html and "别人改的名称" in html and 'value="我改的名称"' in html
    visitor.press("保存修改")
    assert service.cooperations.get(1).title == "我改的名称"


def test_rows_come_and_go_without_losing_what_was_typed(visitor: Visitor, service: Service) -> None:
    visitor.open("/cooperations/new")
    typed = TYPED | {"parties-1-role": "b", "parties-1-credit_code": "9135 0100m000100y43", "amount_yuan": "不清楚"}
    html = visitor.press("再加一方", status=200, **typed)
    assert 'name="parties-2-name"' in html and 'value="不清楚"' in html and "不是金额" not in html
    visitor.press("再加一期付款", status=200, **{"parties-2-name": "第三家"})
    visitor.press("再加一个节点", status=200, **{"payments-0-due_on": "2026-12-01", "payments-0-amount_yuan": "60"})
    visitor.press("再加一项产出", status=200, **{"milestones-0-title": "完成中试"})
    html = visitor.press("再加一方", status=200, **{"outcomes-0-title": "防霉剂", "outcomes-0-kind": "product"})
    assert service.cooperations.listing().total == 0
    for kept in ("青桐坞家居制造有限公司", "91350100M000100Y43", "第三家", "2026-12-01", "完成中试", "防霉剂"):
        assert f'value="{kept}"' in html, kept
    html = visitor.post_rows("parties-0")
    assert 'name="parties-0-name"' not in html and 'value="第三家"' in html
    visitor.press("记录合作", amount_yuan="120.5")
    stored = service.cooperations.get(1)
    assert [(party.role, party.name) for party in stored.parties] == [("b", "云麓林业大学"), ("b", "第三家")]
    assert stored.payments[0].amount_yuan == 600_000 and stored.milestones[0].state == "planned"
    assert (stored.outcomes[0].kind, stored.outcomes[0].title) == ("product", "防霉剂")


@pytest.mark.parametrize("rows", ["odd", "parties-x", "parties-999999", "parties-77", "-", ""])
def test_odd_buttons_harm_nothing(visitor: Visitor, rows: str) -> None:
    visitor.open("/cooperations/new")
    visitor.post_rows(rows, status=200 if rows.startswith("parties") else 400)


def test_a_row_without_end_is_cut(visitor: Visitor) -> None:
    visitor.open("/cooperations/new")
    many = {f"payments-{number}-amount_yuan": "0" for number in range(300)} | {"payments-99999-amount_yuan": "0"}
    assert "共 101 行，最多 100 行" in visitor.press("记录合作", status=400, **TYPED | many)


@pytest.fixture
def filed(visitor: Visitor, recorded: str) -> str:
    """The address of a record that was filed."""
    visitor.open(recorded)
    visitor.follow("提交备案")
    visitor.follow("备案")
    return recorded


def test_states_follow_each_other(visitor: Visitor, recorded: str) -> None:
    visitor.open(recorded)
    assert "状态已改为“已提交”" in visitor.follow("提交备案")
    html = visitor.follow("备案")
    assert re.search(r"已备案，编号 产学研-341500-20\d\d-0001", html) and "filing-number" in html
    visitor.follow("标为履行中")
    html = visitor.follow("标为已完成")
    assert "<del>履行中</del>" in html and "<ins>已完成</ins>" in html
    assert "这是最终状态" in html


def test_what_is_missing_is_told_when_it_is_submitted(visitor: Visitor) -> None:
    visitor.open("/cooperations/new")
    visitor.follow("记录合作", title="别处谈成的合作")
    html = visitor.press("提交备案", status=400)
    for told in ("还没有填写甲方、乙方", "请选择技术合同类型", "备案编号按地区编排", "请填写签订日期", "去补全"):
        assert told in html, told


def test_giving_back_needs_a_reason_and_opens_the_draft(visitor: Visitor, recorded: str) -> None:
    visitor.open(recorded)
    visitor.follow("提交备案")
    visitor.open(f"{recorded}/edit", status=409)
    visitor.open(recorded)
    assert "请写明原因" in visitor.press("确认退回", status=400, reason=" ")
    html = visitor.follow("确认退回", reason="缺合同扫描件")
    assert "缺合同扫描件" in html and "退回原因" in html
    visitor.open(f"{recorded}/edit")


def test_terminating_and_revoking_need_reasons(visitor: Visitor, filed: str, service: Service) -> None:
    visitor.open(filed)
    visitor.press("确认终止合作", status=400, reason="")
    visitor.press("确认撤销备案", status=400, reason="")
    html = visitor.follow("确认撤销备案", reason="重复备案")
    assert "撤销原因" in html and "重复备案" in html
    assert service.cooperations.get(1).state == "revoked"


def test_the_bureau_is_told_when_the_record_is_another_by_now(visitor: Visitor, recorded: str) -> None:
    visitor.open(recorded)
    visitor.follow("提交备案")
    seen = visitor.page
    visitor.follow("确认退回", reason="缺日期")
    visitor.follow("提交备案")
    visitor.page = seen
    assert "已被他人修改" in visitor.press("备案", status=409)


def test_an_amendment_keeps_and_shows_the_old(visitor: Visitor, filed: str) -> None:
    visitor.open(f"{filed}/edit", status=409)
    visitor.open(f"{filed}/amend")
    assert "请写明原因" in visitor.press("保存变更", status=400, title="新的名称")
    html = visitor.follow("保存变更", title="新的名称", reason="双方签订补充协议")
    assert "原来的内容保留" in html and "第 1 次变更" in html and "双方签订补充协议" in html
    html = visitor.open(f"{filed}/amendments/1")
    assert "防霉处理技术开发" in html and "新的名称" in html and "双方签订补充协议" in html and "1,120.5 万元" in html
    visitor.open(f"{filed}/amendments/2", status=404)


def test_an_amendment_over_somebody_elses_shows_both(visitor: Visitor, filed: str, service: Service) -> None:
    visitor.open(f"{filed}/amend")
    mine = visitor.page
    visitor.press("保存变更", note="别人写的", reason="甲")
    visitor.page = mine
    html = visitor.press("保存变更", status=409, note="我写的", reason="乙")
    assert "已被他人修改" in html and "别人写的" in html and "我写的" in html
    visitor.press("保存变更")
    assert service.cooperations.get(1).note == "我写的"
    assert len(service.cooperations.amendments(1)) == 2


def test_progress_is_reported_without_an_amendment(visitor: Visitor, service: Service) -> None:
    done = filed_record(service, payments=full().payments[1:], milestones=full().milestones[1:], region="341500")
    address = f"/cooperations/{done.id}"
    visitor.open(f"{address}/report")
    visitor.press("再加一项产出", status=200, **{"payments-0-paid_on": "2026-12-01"})
    html = visitor.press("保存进展", status=400, **{"outcomes-0-title": "一种防霉剂", "milestones-0-state": "done"})
    assert "请同时填写实付金额" in html and "请填写完成日期" in html and 'value="一种防霉剂"' in html
    html = visitor.follow("保存进展", **{"payments-0-paid_yuan": "60", "milestones-0-done_on": "2026-12-02"})
    assert "进展已保存" in html and "一种防霉剂" in html and "2026-12-01 实付 60 万元" in html
    assert service.cooperations.amendments(done.id) == ()


def test_a_report_over_an_amended_plan_keeps_each_row_with_what_it_is_about(visitor: Visitor, service: Service) -> None:
    first, second = (Payment(due_on=date(2026, month, 1), amount_yuan=month * 100_000) for month in (1, 2))
    done = filed_record(service, payments=(first, second), region="341500")
    visitor.open(f"/cooperations/{done.id}/report")
    service.cooperations.amend(replace(done, payments=(second,)), "少一期", "王")
    typed = {"paid_on": "2026-01-05", "paid_yuan": "10"}, {"paid_on": "2026-02-05", "paid_yuan": "20"}
    rows = {f"payments-{place}-{name}": row[name] for place, row in enumerate(typed) for name in row}
    html = visitor.press("保存进展", status=409, **rows)
    assert "您填写的没有采用：实付日期 2026-01-05，实付金额（万元） 10" in html
    visitor.press("保存进展")
    (kept,) = service.cooperations.get(done.id).payments
    assert (kept.due_on, kept.paid_on, kept.paid_yuan) == (second.due_on, date(2026, 2, 5), 200_000)


def test_what_only_reads_the_same_is_kept(visitor: Visitor, service: Service) -> None:
    done = filed_record(service, outcomes=(Outcome(kind="patent", title="防霉剂，ZL2025"),), region="341500")
    visitor.open(f"/cooperations/{done.id}/report")
    visitor.press("保存进展", **{"outcomes-0-title": "防霉剂", "outcomes-0-evidence": "ZL2025"})
    (kept,) = service.cooperations.get(done.id).outcomes
    assert (kept.title, kept.evidence) == ("防霉剂", "ZL2025")


@pytest.mark.parametrize(("form", "button"), [("amend", "保存变更"), ("report", "保存进展")])
def test_what_was_typed_stays_when_the_record_was_brought_to_its_end(
    visitor: Visitor, service: Service, form: str, button: str
) -> None:
    done = filed_record(service, region="341500", outcomes=(Outcome(kind="patent", title="防霉剂"),))
    visitor.open(f"/cooperations/{done.id}/{form}")
    service.cooperations.move(done.id, "terminated", "王", "对方停产")
    typed = {"outcomes-0-title": "改过的名称"} | ({"reason": "补充协议"} if form == "amend" else {})
    assert "已被他人修改" in visitor.press(button, status=409, **typed)
    html = visitor.press(button, status=409)
    assert "不能再改" in html and "改过的名称" in html


@pytest.mark.parametrize("button", ["确认撤销备案", "确认终止合作"])
def test_a_step_from_an_outdated_page_keeps_the_reason(
    visitor: Visitor, service: Service, filed: str, button: str
) -> None:
    visitor.open(filed)
    service.cooperations.report(replace(service.cooperations.get(1), outcomes=full().outcomes), "王")
    html = visitor.press(button, status=409, reason="对方停产，无法履行")
    assert "已被他人修改" in html and "对方停产，无法履行" in html


def test_whoever_may_not_close_a_need_is_not_asked_to(service: Service, app: Flask) -> None:
    visitor = Visitor(sign_in(app.test_client(), service, member(service, "王经纪", "经纪公司", "broker")))
    assert "close_need" not in visitor.open(NEW)
    visitor.press("记录合作", close_need="y", **TYPED)
    assert service.postings.get("need", 1).status == "published"


@pytest.mark.parametrize("page", ["amend", "report"])
def test_a_draft_is_neither_amended_nor_reported_on(visitor: Visitor, recorded: str, page: str) -> None:
    assert "请直接编辑" in visitor.open(f"{recorded}/{page}", status=409)


@pytest.mark.parametrize("route", ["state", "decision"])
@pytest.mark.parametrize("start", sorted(COOPERATION_STATES))
def test_no_route_leads_where_the_workflow_does_not(visitor: Visitor, service: Service, start: str, route: str) -> None:
    for wanted in (*COOPERATION_STATES, "signed", ""):
        stored = in_state(service, start)
        answer = visitor.post(f"/cooperations/{stored.id}/{route}", state=wanted, version=stored.version, reason="因为")
        is_bureau = wanted in BUREAU_STATES
        legal = wanted in next_cooperation_states(start) and is_bureau == (route == "decision")
        assert answer == (303 if legal else 409 if wanted in COOPERATION_STATES else 400), wanted
        assert service.cooperations.get(stored.id).state == (wanted if legal else start)


def test_the_list_is_filtered_searched_and_paged(visitor: Visitor, recorded: str, service: Service) -> None:
    for number in range(25):
        visitor.open("/cooperations/new")
        visitor.press("记录合作", **TYPED | {"title": f"第{number}项合作", "parties-0-name": f"第{number}厂"})
    html = visitor.open("/cooperations")
    assert "共 26 项" in html and "第 1 / 2 页" in html
    assert "防霉处理技术开发" in visitor.open("/cooperations?page=2")
    assert "共 1 项" in visitor.open("/cooperations?q=第7厂")
    assert "共 1 项" in visitor.open("/cooperations?party=第7厂")
    for query, total in (
        ("kind=project", 26),
        ("contract_type=licence", 0),
        ("region=安徽省", 26),
        ("region=安徽省六安市&direction=absorb", 0),
        ("year=2026", 26),
        ("year=2025", 0),
        ("state=draft&q=防霉", 1),
    ):
        html = visitor.open(f"/cooperations?{query}")
        assert (f"共 {total} 项" in html) if total else ("没有找到符合条件" in html), query
    assert "去掉这个条件" in html and "没有找到符合条件" in visitor.open("/cooperations?state=completed")
    assert "回到第一页" in visitor.open("/cooperations?page=9")
    for odd in (
        "page=x",
        "page=-3",
        "size=7",
        "state=odd",
        "sort=odd",
        "kind=x",
        "year=x",
        "year=0",
        "region=%",
        f"page={10**30}",
    ):
        visitor.open(f"/cooperations?{odd}")


def test_an_empty_list_says_what_to_do(visitor: Visitor) -> None:
    assert "还没有合作备案" in visitor.open("/cooperations")


def test_a_need_with_a_cooperation_is_not_deleted(visitor: Visitor, recorded: str) -> None:
    visitor.open("/needs/1/delete")
    assert "引用了它" in visitor.press("删除", status=409)


@pytest.mark.parametrize(
    "address", ["/cooperations/99", "/cooperations/99/edit", "/cooperations/99/amend", f"/cooperations/{10**25}"]
)
def test_a_record_that_does_not_exist_is_not_found(visitor: Visitor, address: str) -> None:
    visitor.open(address, status=404)


def test_texts_are_escaped(visitor: Visitor) -> None:
    visitor.open("/cooperations/new")
    html = visitor.follow("记录合作", **TYPED | {"title": "<script>alert(1)</script>", "note": "<i>x</i>"})
    assert "<script>alert" not in html and "&lt;script&gt;" in html and "<i>x" not in html
