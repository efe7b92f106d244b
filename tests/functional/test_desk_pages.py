"""The desk, assignment rules and background jobs over HTTP and without JavaScript."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from matcher.people import Account
from matcher.service import Service
from matcher.settings import Settings
from tests.conftest import CHEAP_PASSWORDS
from tests.support.hash_encoder import HashEncoder
from tests.support.people import PASSWORD, member, sign_in
from tests.support.records import achievement
from tests.support.suggested import suggest
from tests.support.visitor import FormReader, Visitor

pytestmark = pytest.mark.wide

ASKED_BY_HTMX = {"HX-Request": "true"}


@pytest.fixture
def empty_service(home) -> Iterator[Service]:  # type: ignore[no-untyped-def]
    """A service that suggests pairs of every level."""
    service = Service(Settings(home=home, suggestion_level=1, **CHEAP_PASSWORDS), HashEncoder())
    yield service
    service.close()


@pytest.fixture
def broker(service: Service) -> Account:
    suggest(service)
    return member(service, "broker", "经纪公司", "broker")


@pytest.fixture
def desk(app: Flask, service: Service, broker: Account) -> Visitor:
    return Visitor(sign_in(app.test_client(), service, broker))


def form(visitor: Visitor, **given: str) -> dict[str, str]:
    """Return what a form of the page would post, with something of one's own."""
    return {"csrf_token": FormReader(visitor.page.text).forms[-1].values["csrf_token"], **given}


def titles(html: str) -> list[str]:
    return re.findall(r'<h2 class="row-title"><a href="/desk/suggestions/([^"]+)"', html)


def test_a_broker_begins_at_the_desk_and_others_at_home(app: Flask, service: Service, broker: Account) -> None:
    member(service, "firm", "甲厂", "enterprise")
    for login, page in (("broker", "/desk"), ("firm", "/")):
        visitor = Visitor(app.test_client())
        visitor.open("/sign-in")
        assert visitor.press("登录", login=login, password=PASSWORD) == page
    visitor = Visitor(app.test_client())
    visitor.open("/sign-in?next=/needs")
    assert visitor.press("登录", login="broker", password=PASSWORD) == "/needs"


def test_the_queue_lists_pairs_strongest_first_with_counts_and_filters(desk: Visitor, service: Service) -> None:
    html = desk.open("/desk")
    assert len(titles(html)) == 6 and '新建议 <span class="count">6</span>' in html
    assert titles(html) == [each.public_id for each in sorted(suggest(service), key=lambda s: -s.probability)]
    assert len(titles(desk.open("/desk?field=4"))) == 3
    assert "去掉筛选" in desk.open("/desk?field=2&region=110000&whose=mine")
    assert len(titles(desk.open("/desk?level=4&queue=nonsense&page=99&size=x"))) == 2


def test_the_level_to_see_is_kept_for_the_account(desk: Visitor) -> None:
    desk.open("/desk")
    desk.press("保存", level="4")
    assert len(titles(desk.open("/desk"))) == 2
    assert desk.client.post("/desk/level", data=form(desk, level="9")).status_code == 400


def test_take_give_back_dismiss_undo_and_bring_back(desk: Visitor, service: Service) -> None:
    first = titles(desk.open("/desk?field=4"))[0]
    assert desk.follow("领取") and desk.address == "/desk?field=4"
    assert titles(desk.open("/desk?queue=mine")) == [first]
    desk.follow("退回")
    assert titles(desk.open("/desk?queue=mine")) == []
    desk.open("/desk")
    assert desk.follow("确认排除", reason="maturity") and desk.address.startswith("/desk?dismissed=")
    assert len(titles(desk.page.text)) == 5 and "已排除：成熟度不够" in desk.page.text
    desk.follow("撤销")
    assert len(titles(desk.open("/desk"))) == 6
    desk.press("确认排除", reason="terms", note="预算差得多")
    assert "条件不合：预算差得多" in desk.open("/desk?queue=dismissed")
    desk.follow("恢复")
    assert "没有被排除的建议" in desk.open("/desk?queue=dismissed")
    assert service.desk.get(first).state == "new"


def test_a_bad_reason_leads_to_the_pair_with_what_was_typed(desk: Visitor) -> None:
    first = titles(desk.open("/desk"))[0]
    desk.press("确认排除", status=400, reason="other", note="")
    assert "选“其他”时请写明原因" in desk.page.text and 'aria-invalid="true"' in desk.page.text
    assert desk.page.text.count('class="pair-side"') == 2 and "<mark" in desk.page.text
    answer = desk.client.post(f"/desk/suggestions/{first}/dismiss", data=form(desk, reason="x", note="写了的字"))
    assert answer.status_code == 400 and "写了的字" in answer.text


def test_handing_over_and_what_the_other_one_then_sees(
    desk: Visitor, app: Flask, service: Service, broker: Account
) -> None:
    other = member(service, "other", "经纪公司", "broker")
    first = titles(desk.open("/desk"))[0]
    desk.open(f"/desk/suggestions/{first}")
    desk.press("确认转交", status=400, to="")
    assert "请选择要转交给哪位技术经纪人" in desk.page.text
    desk.follow("确认转交", to=other.public_id)
    assert "已转交给other" in desk.page.text
    receiver = Visitor(sign_in(app.test_client(), service, other))
    assert titles(receiver.open("/desk?whose=mine")) == [first]
    answer = desk.client.post(f"/desk/suggestions/{first}/take", data=form(desk))
    assert answer.status_code == 409 and "由other负责" in answer.text
    assert "确认转交" not in desk.open(f"/desk/suggestions/{first}")


def test_a_suggestion_that_became_an_engagement_leads_there(desk: Visitor) -> None:
    first = titles(desk.open("/desk"))[0]
    desk.follow("领取")
    desk.open(f"/desk/suggestions/{first}")
    engagement = desk.press("开始对接")
    assert first not in titles(desk.open("/desk")) + titles(desk.open("/desk?queue=mine"))
    page = desk.open(f"/desk/suggestions/{first}")
    assert f'href="{engagement}">查看对接（联系中）' in page
    assert not any(words in page for words in ("领取</button>", "退回", "确认转交", "确认排除", "开始对接</button>"))
    answer = desk.client.post(f"/desk/suggestions/{first}/give-back", data=form(desk))
    assert answer.status_code == 409 and "已经开始对接" in answer.text


def test_no_other_site_is_gone_back_to(desk: Visitor) -> None:
    first = titles(desk.open("/desk"))[0]
    answer = desk.client.post(f"/desk/suggestions/{first}/take", data=form(desk, back="https://evil.example/"))
    assert answer.headers["Location"] == "/desk"


def lot(html: str) -> list[str]:
    """Return the pairs of a page or of what was fetched after it."""
    return re.findall(r'<article class="judging-step[^>]*id="pair-([^"]+)"', html)


def test_pairs_of_the_queue_come_in_lots_and_verdicts_move_on(desk: Visitor, service: Service) -> None:
    order = titles(desk.open("/desk"))
    html = desk.open("/desk/judge")
    assert lot(html) == order[:4] and "已评 0 / 6" in html
    (more,) = re.findall(r'hx-get="([^"]+)" hx-trigger="more"', html)
    rest = desk.client.get(more, headers=ASKED_BY_HTMX).text
    assert lot(rest) == order[4:] and "data-more" not in rest and "<html" not in rest
    outside = re.sub(r"<details.*?</details>", "", html, flags=re.DOTALL)
    assert "level-chip" not in outside and html.count("<mark") > 2


def test_judging_without_javascript_undoing_included(desk: Visitor, service: Service) -> None:
    first, second = titles(desk.open("/desk"))[:2]
    desk.open("/desk/judge")
    desk.follow("无相关 1")
    assert lot(desk.page.text)[0] == second and "您评为" in desk.page.text and "已评 0 / 5" in desk.page.text
    found = service.desk.get(first)
    assert (found.state, found.reason) == ("dismissed", "judged")
    (verdict,) = service.matching.verdicts(found.need_id, found.achievement_id)
    assert verdict.judge == "broker（经纪公司）" and verdict.shown is not None
    assert (verdict.shown.rank, verdict.shown.level, verdict.shown.ranker) == (
        found.rank,
        found.level,
        found.ranker_version,
    )
    desk.follow("撤销 u")
    assert lot(desk.page.text)[0] == first and service.desk.get(first).state == "new"


def test_judging_by_htmx_answers_with_the_buttons(desk: Visitor, service: Service) -> None:
    first = lot(desk.open("/desk/judge"))[0]
    forms = [form for form in FormReader(desk.page.text).forms if "shown" in form.values]
    data = {"csrf_token": forms[0].values["csrf_token"], "shown": forms[0].values["shown"]}
    answer = desk.client.post(f"/desk/judge/{first}", data=data | {"level": "3"}, headers=ASKED_BY_HTMX)
    assert "已记下：较强相关" in answer.text and "机器给的是" in answer.text and "<html" not in answer.text
    undone = desk.client.post(f"/desk/judge/{first}/undo", data=data, headers=ASKED_BY_HTMX)
    assert "已撤销：较强相关" in undone.text and "data-judged" not in undone.text
    again = desk.client.post(f"/desk/judge/{first}/undo", data=data, headers=ASKED_BY_HTMX)
    assert "没有可以撤销的评判" in again.text
    other = lot(desk.open("/desk/judge"))[1]
    forged = desk.client.post(f"/desk/judge/{other}", data=data | {"level": "4"}, headers=ASKED_BY_HTMX)
    assert forged.status_code == 400


def test_what_turned_hidden_is_not_there(desk: Visitor, service: Service) -> None:
    first = service.desk.get(titles(desk.open("/desk"))[0])
    record = service.postings.get("need", first.need_id)
    service.postings.change_status("need", record.id, "closed", "李")
    assert titles(desk.open(f"/desk?field={record.field}")) != [first.public_id]
    other = service.postings.post(achievement("新的", visibility="named", named_ids=(1,), organisation="某所"), "李")
    suggest(service)
    hidden = [each for each in suggest(service) if each.achievement_id == other.id]
    assert hidden and all(each.public_id not in titles(desk.open("/desk?size=100")) for each in hidden)
    assert desk.client.get(f"/desk/suggestions/{hidden[0].public_id}").status_code == 404


def test_ones_own_rule_and_that_of_another(desk: Visitor, visitor: Visitor, service: Service, broker: Account) -> None:
    assert "现在还没有规则" in desk.open("/desk/rule")
    desk.press("保存规则", status=400, regions="鼓楼区；某某地", cap="很多")
    assert "“很多”不是整数" in desk.page.text and "鼓楼区" in desk.page.text
    desk.press("保存规则", status=400, regions="鼓楼区；某某地", cap="5")
    assert "不认识的地区" in desk.page.text
    desk.press("保存规则", fields="4", regions="安徽省；南京市", cap="5")
    rule = service.assigning.rule(broker.id)
    assert rule is not None and (rule.fields, rule.regions, rule.cap) == (("4",), ("340000", "320100"), 5)
    assert "安徽省；江苏省南京市" in desk.open("/desk/rule")
    assert "安徽省、江苏省南京市；最多 5 条" in visitor.open("/administration/assignment")
    visitor.open(f"/administration/assignment/{broker.public_id}")
    desk.press("保存规则", fields="4", regions="", cap="7")
    visitor.press("保存规则", status=409, cap="9")
    assert "已被他人修改" in visitor.page.text and "最多 7 条" in visitor.page.text and 'value="9"' in visitor.page.text
    visitor.press("保存规则", cap="9")
    desk.open("/desk/rule")
    desk.follow("确认取消")
    assert service.assigning.rule(broker.id) is None
    assert visitor.client.get("/administration/assignment/x").status_code == 404


def test_jobs_are_shown_to_brokers_and_run_by_administrators(desk: Visitor, visitor: Visitor, service: Service) -> None:
    html = desk.open("/jobs")
    assert "已完成" in html and "新增 6 条匹配建议" in html and "停止" not in re.sub("已停止", "", html)
    visitor.open("/jobs")
    visitor.follow("查找有变动的记录")
    assert "等待执行" in visitor.page.text and "确认重新开始" not in visitor.page.text
    (address,) = re.findall(r'hx-get="(/jobs/[^"]+)" hx-trigger="every 2s"', visitor.page.text)
    piece = visitor.client.get(address, headers=ASKED_BY_HTMX)
    assert "等待执行" in piece.text and "<html" not in piece.text
    visitor.follow("确认停止")
    assert "完成的部分都已保存" in visitor.page.text
    assert "every 2s" not in visitor.client.get(address, headers=ASKED_BY_HTMX).text
    visitor.follow("确认重新开始")
    visitor.follow("确认停止")
    visitor.follow("确认全部重新查找")
    service.worker().finish_all()
    assert service.jobs.listing().items[0].done == 5
    assert "没有这种状态的任务" in visitor.open("/jobs?state=failed&page=9")
