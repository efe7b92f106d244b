"""The main way by three people in three browsers, and the bureau in a fourth: from a need to a filed record."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from matcher.service import Service
from matcher.settings import Settings
from tests.browser.conftest import Open, look_at, serve, trust
from tests.conftest import CHEAP_PASSWORDS
from tests.support.hash_encoder import HashEncoder
from tests.support.people import administrator, member
from tests.support.records import achievement
from tests.support.suggested import suggest

pytestmark = pytest.mark.browser

FIRM, UNIVERSITY, BROKERS = "云栖电源有限公司", "北岭理工大学", "通达技术服务有限公司"
NEED, ACHIEVEMENT = "防爆锂离子电池的研发", "不燃凝胶电解质的锂离子电池"


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """A firm, a university with two achievements, a broker and the bureau; every match counts as one of trust."""
    service = Service(Settings(home=tmp_path, **CHEAP_PASSWORDS), HashEncoder())
    trust(service, least=0.0)
    administrator(service)
    member(service, "zhang", FIRM, "enterprise", is_owner=True)
    member(service, "university", UNIVERSITY, "university", is_owner=True)
    member(service, "broker", BROKERS, "broker", is_owner=True)
    for title in (ACHIEVEMENT, "木材防霉微乳液"):
        service.postings.post(achievement(title, organisation=UNIVERSITY, description=f"{title}，可提供样品。"), "测试")
    return service


@pytest.fixture
def open_site(service: Service) -> Iterator[str]:
    yield from serve(service, signed_in=False)


def post_need(firm: Page) -> None:
    firm.goto("/needs/new")
    firm.get_by_label("标题").fill(NEED)
    firm.get_by_label("描述").fill("井下用的锂离子电池针刺后容易起火，想换成不燃的电解质，针刺不起火、不爆炸。")
    firm.get_by_role("button", name="发布", exact=True).click()
    expect(firm.get_by_role("heading", level=1, name=NEED)).to_be_visible()
    expect(firm.get_by_role("link", name=ACHIEVEMENT)).to_be_visible()
    firm.locator("a[data-reasons]").first.click()
    expect(firm.get_by_text("共同词").first).to_be_visible()


def judge_and_start(broker: Page) -> str:
    broker.goto("/desk")
    look_at(broker, "desk-with-suggestions")
    broker.get_by_role("link", name="逐对评判").click()
    expect(broker.locator(".judging-step:visible")).to_have_count(1)
    broker.keyboard.press("4")
    expect(broker.locator("#judging-progress")).to_contain_text("已评 1")
    broker.goto("/desk")
    row = broker.locator("li", has_text=ACHIEVEMENT).first
    row.get_by_role("button", name="开始对接").click()
    expect(broker.get_by_role("heading", level=1, name=NEED)).to_be_visible()
    return broker.url


def bring_on(broker: Page, engagement: str, state: str, note: str) -> None:
    broker.goto(engagement)
    broker.get_by_label("进展到").select_option(label=state)
    broker.get_by_label("下一步").fill("准备合同")
    broker.get_by_label("告诉双方的话").fill(note)
    broker.get_by_role("button", name="保存进展").click()
    expect(broker.locator("h1 .badge")).to_have_text(state)


def record(broker: Page) -> str:
    broker.get_by_role("link", name="记录合作").first.click()
    expect(broker.get_by_role("heading", level=1, name="记录合作")).to_be_visible()
    look_at(broker, "cooperation-from-engagement")
    broker.get_by_label("技术合同类型").select_option(label="技术开发（委托）")
    broker.get_by_label("地区", exact=True).fill("安徽省合肥市")
    broker.get_by_label("合同金额").fill("120.5")
    broker.get_by_label("技术交易额").fill("100")
    for label, day in (("签订日期", "2026-11-20"), ("开始日期", "2026-12-01"), ("结束日期", "2027-11-30")):
        broker.get_by_label(label).fill(day)
    broker.get_by_label("知识产权").first.fill("归双方共有")
    broker.get_by_role("button", name="记录合作").last.click()
    expect(broker.get_by_text("合作已记录为草稿")).to_be_visible()
    broker.get_by_role("button", name="提交备案").click()
    expect(broker.get_by_text("已提交").first).to_be_visible()
    return broker.url


def test_from_a_need_to_a_filed_record(as_person: Open, service: Service) -> None:
    firm, university, broker, chief = (as_person(login) for login in ("zhang", "university", "broker", "chief"))
    post_need(firm)
    suggest(service)
    engagement = judge_and_start(broker)
    bring_on(broker, engagement, "双方有意", "双方都愿意谈")
    bring_on(broker, engagement, "洽谈", "十二月初见面")
    broker.get_by_role("link", name="约会议").click()
    expect(broker.get_by_role("heading", level=1, name="约会议")).to_be_visible()
    look_at(broker, "meeting-new")
    broker.get_by_label("主题").fill("看样品")
    for label, text in (("日期", "2026-12-02"), ("开始", "14:00"), ("结束", "16:00")):
        broker.get_by_label(label).fill(text)
    broker.get_by_role("button", name="约定并通知双方").click()
    expect(broker.get_by_text("会议已约定")).to_be_visible()
    look_at(broker, "engagement")

    for side in (firm, university):
        side.goto("/engagements")
        side.get_by_role("link", name=NEED).click()
        expect(side.get_by_text("十二月初见面")).to_be_visible()
        assert "准备合同" not in side.content()
    look_at(university, "engagement-of-a-side")
    firm.goto("/inbox")
    expect(firm.get_by_text("有新的会议").first).to_be_visible()

    broker.goto(engagement)
    cooperation = record(broker)
    chief.goto(cooperation)
    chief.get_by_role("button", name="备案", exact=True).click()
    expect(chief.get_by_text(re.compile(r"产学研-340100-20\d\d-0001")).first).to_be_visible()
    firm.goto(cooperation)
    expect(firm.get_by_text(re.compile(r"产学研-340100-20\d\d-0001")).first).to_be_visible()
    look_at(firm, "cooperation-filed")
    broker.goto(engagement)
    bring_on(broker, engagement, "签约", "已备案")
    expect(broker.get_by_role("term").filter(has_text="合作备案")).to_be_visible()
    for view in ("list", "board"):
        broker.goto(f"/engagements?view={view}")
        look_at(broker, f"engagements-{view}")
