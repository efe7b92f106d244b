"""Cooperation records over HTTP: recording, the list, the history, editing, states."""

import pytest

from matcher.service import Service
from tests.support.visitor import Visitor

NEW = "/cooperations/new?need=1&achievement=1"
TYPED = {
    "title": "防霉处理技术开发",
    "contract_type": "commissioned_development",
    "party_a": "青桐坞家居制造有限公司",
    "party_b": "云麓林业大学",
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
    assert "合作已记录" in html
    for shown in ("1,120.5 万元", "2026年11月22日", "安徽省六安市", "技术开发（委托）", "已签约"):
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
    wrong = TYPED | {"title": "", "contract_type": "", "amount_yuan": "很多", "signed_on": "22/11/2026"}
    html = visitor.press("记录合作", status=400, **wrong)
    for told in ("请填写合作名称", "请选择技术合同类型", "“很多”不是金额", "22/11/2026”不是日期"):
        assert told in html, told
    assert 'href="#title"' in html and 'href="#amount_yuan"' in html
    assert 'value="很多"' in html and "12 周霉变面积不超过 5%" in html
    assert service.cooperations.listing().total == 0


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("party_b", "青桐坞家居制造有限公司", "甲方与乙方都是"),
        ("ends_on", "2026-01-01", "早于开始或签订日期"),
        ("amount_yuan", "-1", "请核对单位"),
        ("amount_yuan", "1.00005", "不到整元"),
        ("amount_yuan", "1e9", "不是金额"),
        ("contract_type", "barter", "请选择技术合同类型"),
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


def test_states_follow_each_other(visitor: Visitor, recorded: str) -> None:
    visitor.open(recorded)
    assert "状态已改为“履行中”" in visitor.follow("标为履行中")
    html = visitor.follow("标为已完成")
    assert "<del>履行中</del>" in html and "<ins>已完成</ins>" in html
    assert "这是最终状态" in html


@pytest.mark.parametrize(("state", "status"), [("completed", 409), ("lost", 400), ("", 400)])
def test_a_state_that_may_not_follow_is_refused(
    visitor: Visitor, recorded: str, service: Service, state: str, status: int
) -> None:
    visitor.open(recorded)
    visitor.press("标为履行中", status=303)
    service_state = service.cooperations.get(1).state
    visitor.open(recorded)
    token = visitor.page.text.split('name="csrf_token" value="')[1].split('"')[0]
    wanted = "signed" if state == "completed" else state
    answer = visitor.client.post(f"{recorded}/state", data={"state": wanted, "csrf_token": token})
    assert answer.status_code == status
    assert service.cooperations.get(1).state == service_state


def test_the_list_is_filtered_searched_and_paged(visitor: Visitor, recorded: str, service: Service) -> None:
    for number in range(25):
        visitor.open("/cooperations/new")
        visitor.press("记录合作", **TYPED | {"title": f"第{number}项合作", "party_a": f"第{number}厂"})
    html = visitor.open("/cooperations")
    assert "共 26 项" in html and "第 1 / 2 页" in html
    assert "防霉处理技术开发" in visitor.open("/cooperations?page=2")
    assert "共 1 项" in visitor.open("/cooperations?q=第7厂")
    assert "没有找到符合条件" in visitor.open("/cooperations?state=completed")
    assert "回到第一页" in visitor.open("/cooperations?page=9")
    for odd in ("page=x", "page=-3", "size=7", "state=odd", "sort=odd", f"page={10**30}"):
        visitor.open(f"/cooperations?{odd}")


def test_an_empty_list_says_what_to_do(visitor: Visitor) -> None:
    assert "还没有合作备案" in visitor.open("/cooperations")


def test_a_need_with_a_cooperation_is_not_deleted(visitor: Visitor, recorded: str) -> None:
    visitor.open("/needs/1/delete")
    assert "引用了它" in visitor.press("删除", status=409)


@pytest.mark.parametrize("address", ["/cooperations/99", "/cooperations/99/edit", f"/cooperations/{10**25}"])
def test_a_record_that_does_not_exist_is_not_found(visitor: Visitor, address: str) -> None:
    visitor.open(address, status=404)


def test_texts_are_escaped(visitor: Visitor) -> None:
    visitor.open("/cooperations/new")
    html = visitor.follow("记录合作", **TYPED | {"title": "<script>alert(1)</script>", "note": "<i>x</i>"})
    assert "<script>alert" not in html and "&lt;script&gt;" in html and "<i>x" not in html
