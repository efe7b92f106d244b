"""Posting, editing, publishing, withdrawing and deleting needs and achievements, over HTTP and without JavaScript."""

import re
from dataclasses import replace
from datetime import date

import pytest

from matcher.models import Achievement, Filters, Need
from matcher.service import Service
from tests.support.visitor import FormReader, Visitor

pytestmark = pytest.mark.wide

TYPED = {
    "title": " 发酵车间的气味 ",
    "description": "开盖的时候味道很大，\r\n周围住户有意见。",
    "indicators": "臭气浓度≤20\r\n\r\n 能耗不增加 ",
    "field": "6.2",
    "keywords": "除臭；发酵、除臭，生物滤池",
    "maturity": "6",
    "modes": ["service", "transfer"],
    "organisation": "鹤溪渡酒业股份有限公司",
    "region": "安徽省亳州市谯城区",
    "budget_yuan": "1,200.55 万元",
    "deadline": "2027-06-30",
}


def posted(service: Service, address: str) -> Need:
    record = service.postings.get("need", int(address.split("/")[-1]))
    assert isinstance(record, Need)
    return record


def test_a_need_is_stored_as_it_was_typed(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/new")
    need = posted(service, visitor.press("发布", **TYPED))
    assert need == replace(
        Need(
            title="发酵车间的气味",
            description="开盖的时候味道很大，\n周围住户有意见。",
            indicators=("臭气浓度≤20", "能耗不增加"),
            field="6.2",
            keywords=("除臭", "发酵", "生物滤池"),
            maturity=6,
            modes=("service", "transfer"),
            organisation="鹤溪渡酒业股份有限公司",
            region="341602",
            budget_yuan=12_005_500,
            deadline=date(2027, 6, 30),
            organisation_kind="enterprise",
            status="published",
        ),
        **{name: getattr(need, name) for name in ("id", "organisation_id", "valid_until", "created_at", "updated_at")},
    )


def test_a_new_need_is_found_and_matched_at_once(visitor: Visitor) -> None:
    visitor.open("/needs/new")
    html = visitor.follow("发布", title="木材怎么防霉", description="杨木板面发蓝长霉，要低毒不变色。")
    assert "已发布" in html
    assert "木材防霉微乳液及浸渍处理技术" in html
    assert "木材怎么防霉" in visitor.open("/search?kind=need&q=木材怎么防霉")
    assert "木材怎么防霉" in visitor.open("/achievements/1")


def test_an_achievement_is_stored_as_it_was_typed(visitor: Visitor, service: Service) -> None:
    visitor.open("/achievements/new")
    address = visitor.press(
        "发布",
        title="除臭生物滤池",
        organisation="岚川环境研究所",
        organisation_kind="institute",
        team="环境功能材料课题组",
        ip_kind="发明专利",
        ip_number="ZL202610012345.6",
        asking_price_yuan="80",
    )
    stored = service.postings.get("achievement", int(address.split("/")[-1]))
    assert isinstance(stored, Achievement)
    assert (stored.organisation_kind, stored.asking_price_yuan) == ("institute", 800_000)
    assert stored.team == "环境功能材料课题组"
    html = visitor.open(address)
    assert "发明专利 ZL202610012345.6" in html and "80 万元" in html and "科研院所" in html


def test_a_draft_takes_no_part_in_matching_until_it_is_published(visitor: Visitor) -> None:
    visitor.open("/achievements/new")
    address = visitor.press("存为草稿", title="低毒木材防霉草稿方案", description="杨木防霉不变色")
    assert "低毒木材防霉草稿方案" not in visitor.open("/needs/1?k=100")
    html = visitor.open(address)
    assert "这是草稿" in html and "杨木集成材" in html
    visitor.follow("发布")
    assert "低毒木材防霉草稿方案" in visitor.open("/needs/1?k=100")


def test_the_preview_shows_the_public_view_and_stores_nothing(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/new")
    html = visitor.press("预览", status=200, **TYPED)
    assert "这是预览，还没有保存" in html
    assert "1,200.55 万元" in html and "安徽省亳州市谯城区" in html
    assert service.postings.count("need", Filters(status="")) == 2


def test_from_the_preview_one_can_publish(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/new")
    visitor.press("预览", status=200, **TYPED)
    need = posted(service, visitor.press("发布"))
    assert need.status == "published"
    assert need.description == "开盖的时候味道很大，\n周围住户有意见。"
    assert set(need.modes) == {"service", "transfer"}


def test_from_the_preview_one_can_go_back_with_everything_kept(visitor: Visitor) -> None:
    visitor.open("/needs/new")
    visitor.press("预览", status=200, **TYPED)
    html = visitor.press("返回修改", status=200)
    assert "周围住户有意见" in html and "1,200.55 万元" in html and 'value="2027-06-30"' in html
    assert "请改正" not in html


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("title", "", "请填写标题"),
        ("title", "长" * 301, "最多 300 字"),
        ("description", "长" * 50_001, "最多 50000 字"),
        ("budget_yuan", "很多", "“很多”不是金额"),
        ("budget_yuan", "-5", "金额 -5 万元"),
        ("budget_yuan", "1.23456", "不到整元"),
        ("budget_yuan", "9" * 200, "不是金额"),
        ("budget_yuan", "1e5", "不是金额"),
        ("budget_yuan", "999999999999", "请核对单位"),
        ("deadline", "明年", "“明年”不是日期"),
        ("deadline", "2027-02-30", "不是日期"),
        ("maturity", "12", "不在 1 到 9 之间"),
        ("region", "鼓楼区", "请写全"),
        ("modes", "barter", "不是合作方式"),
        ("title", "空\x00字符", "含有空字符"),
    ],
)
def test_a_mistake_is_told_beside_the_field_and_on_top_and_nothing_typed_is_lost(
    visitor: Visitor, service: Service, field: str, typed: str, told: str
) -> None:
    visitor.open("/needs/new")
    html = visitor.press("发布", status=400, **{**TYPED, field: typed})
    assert html.count(told) == 2, field
    assert f'<a href="#{field}">' in html and f'id="{field}-error"' in html
    assert "周围住户有意见" in html or field == "description"
    assert "发酵车间的气味" in html or field == "title"
    assert not typed or "\x00" in typed or typed == "barter" or field == "maturity" or typed in html
    assert service.postings.count("need", Filters(status="")) == 2


def test_a_number_that_is_none_is_told_in_chinese(visitor: Visitor) -> None:
    visitor.open("/needs/new")
    html = visitor.press("发布", status=400, **{**TYPED, "maturity": "高"})
    assert "请改正" in html and "Invalid" not in html and "invalid choice" not in html.lower()


def test_a_place_or_field_that_is_not_in_the_lists_stays_as_it_is(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/new")
    address = visitor.press("发布", title="海外的难题", region="德国 下萨克森州", field="食品科学")
    html = visitor.open(address)
    assert "德国 下萨克森州" in html and "食品科学" in html
    html = visitor.open(f"{address}/edit")
    assert '<option value="食品科学" selected>食品科学（自填）</option>' in html
    visitor.press("保存修改")
    need = posted(service, address)
    assert (need.region, need.field) == ("德国 下萨克森州", "食品科学")


def test_posting_the_same_form_twice_makes_one_record(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/new")
    form = next(form for form in FormReader(visitor.page.text).forms if "发布" in form.buttons)
    form.values.setlist("title", ["只发一次的难题"])
    form.values.add("action", "publish")
    first, second = (visitor.client.post("/needs/new", data=form.values) for _ in range(2))
    assert first.location == second.location
    assert service.postings.count("need", Filters()) == 3
    form.values.setlist("title", ["返回改过的难题"])
    assert visitor.client.post("/needs/new", data=form.values).location != first.location


def test_saving_an_unchanged_edit_changes_nothing(visitor: Visitor, service: Service) -> None:
    before = service.postings.get("need", 1)
    visitor.open("/needs/1/edit")
    visitor.press("保存修改")
    assert replace(service.postings.get("need", 1), updated_at=None) == replace(before, updated_at=None)
    before = service.postings.get("achievement", 1)
    visitor.open("/achievements/1/edit")
    visitor.press("保存修改")
    assert replace(service.postings.get("achievement", 1), updated_at=None) == replace(before, updated_at=None)


def test_an_edit_can_empty_what_was_filled(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/1/edit")
    emptied = ("description", "indicators", "keywords", "field", "maturity", "budget_yuan", "deadline", "region")
    visitor.press("保存修改", modes=None, **dict.fromkeys(emptied, ""))
    need = posted(service, "/needs/1")
    assert (need.description, need.indicators, need.keywords, need.field, need.region) == ("", (), (), "", "")
    assert (need.maturity, need.modes, need.budget_yuan, need.deadline) == (None, (), None, None)


def test_search_follows_an_edit_at_once(visitor: Visitor) -> None:
    visitor.open("/needs/2/edit")
    visitor.press("保存修改", title="白酒窖泥老化", description="窖泥板结，出酒率下降。")
    html = visitor.open("/search?kind=need&q=白酒窖泥老化")
    assert "白酒窖泥老化" in re.sub(r"</?mark[^>]*>", "", html.split("<main")[1].split('<ol class="rows"')[1])


def test_a_stale_edit_is_refused_and_shows_both_versions(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/1/edit")
    mine = visitor.page
    service.postings.edit(replace(service.postings.get("need", 1), title="别人改的标题", updated_at=None), "别人")
    visitor.page = mine
    html = visitor.press("保存修改", status=409, title="我改的标题")
    assert "已被他人修改" in html and "我改的标题" in html and "别人改的标题" in html
    assert service.postings.get("need", 1).title == "别人改的标题"
    visitor.press("保存修改")
    assert service.postings.get("need", 1).title == "我改的标题"


def test_editing_keeps_the_status_and_can_publish_a_draft(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/new")
    address = visitor.press("存为草稿", title="先存着")
    visitor.open(f"{address}/edit")
    visitor.press("存为草稿", title="先存着，改一下")
    assert posted(service, address).status == "draft"
    visitor.open(f"{address}/edit")
    visitor.press("发布")
    assert posted(service, address).status == "published"


def test_withdraw_publish_again_and_mark_as_matched(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/1")
    html = visitor.follow("撤回", reason="not_needed")
    assert "已撤回" in html and "杨木集成材" not in visitor.open("/needs")
    assert "杨木集成材" not in visitor.open("/achievements/1").split('id="matches"')[1]
    visitor.open("/needs/1")
    assert "重新发布" in visitor.page.text
    visitor.follow("重新发布")
    visitor.follow("标为已对接")
    assert service.postings.get("need", 1).status == "matched"


def test_a_step_that_may_not_follow_is_refused(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/1")
    token = next(form for form in FormReader(visitor.page.text).forms if "撤回" in form.buttons).values["csrf_token"]
    for status in ("draft", "nonsense", ""):
        answer = visitor.client.post("/needs/1/status", data={"csrf_token": token, "status": status})
        assert answer.status_code == 409 and "可以改为" in answer.text
    assert service.postings.get("need", 1).status == "published"


def test_deleting_asks_first(visitor: Visitor, service: Service) -> None:
    assert "删除后不能恢复" in visitor.open("/needs/2/delete")
    html = visitor.follow("删除")
    assert "已删除“防爆锂离子电池的研发”" in html
    visitor.open("/needs/2", status=404)
    assert service.postings.count("need", Filters(status="")) == 1


def test_what_a_cooperation_refers_to_is_not_deleted(visitor: Visitor, service: Service) -> None:
    service.cooperations.record(service.cooperations.prefilled(1, 1), "测试")
    visitor.open("/needs/1/delete")
    html = visitor.press("删除", status=409)
    assert "不能删除" in html and "撤回" in html
    assert service.postings.get("need", 1)
    assert "合作备案" in visitor.open("/needs/1")


def test_a_form_left_out_of_half_its_fields_is_no_crash(visitor: Visitor, service: Service) -> None:
    visitor.open("/achievements/new")
    token = FormReader(visitor.page.text).forms[-1].values["csrf_token"]
    only_title = {"csrf_token": token, "title": "只有标题", "action": "publish"}
    answer = visitor.client.post("/achievements/new", data=only_title)
    assert answer.status_code == 303
    answer = visitor.client.post("/achievements/new", data={"csrf_token": token})
    assert answer.status_code == 400
    answer = visitor.client.post("/needs/1/edit", data={"csrf_token": token, "title": "x", "updated_at": "昨天"})
    assert answer.status_code == 400 and "重新点“编辑”" in answer.text


def test_all_mistakes_are_told_at_once(visitor: Visitor) -> None:
    visitor.open("/needs/new")
    html = visitor.press("发布", status=400, **{**TYPED, "title": "", "budget_yuan": "很多", "region": "鼓楼区"})
    assert "请改正以下 3 处" in html
    assert all(told in html for told in ("请填写标题", "“很多”不是金额", "请写全"))
