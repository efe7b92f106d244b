"""The whole way in real browsers: a firm signs up, posts with an annex; a university is let in step by step."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from matcher.service import Service
from matcher.settings import Settings
from tests.browser.conftest import Open, look_at, serve
from tests.conftest import CHEAP_PASSWORDS
from tests.support.hash_encoder import HashEncoder
from tests.support.people import PASSWORD, administrator, member

pytestmark = pytest.mark.browser

FIRM, UNIVERSITY, BROKERS = "云栖木业有限公司", "北岭林业大学", "通达技术服务有限公司"
SECRET, ANNEX = "现用催干剂配方九九七", "客户是海港集团，月产三万立方"


@pytest.fixture
def open_site(tmp_path: Path) -> Iterator[str]:
    """A server at which nobody is signed in, with an administrator, a university and a broker."""
    service = Service(Settings(home=tmp_path, **CHEAP_PASSWORDS), HashEncoder())
    administrator(service)
    member(service, "university", UNIVERSITY, "university", is_owner=True)
    member(service, "broker", BROKERS, "broker", is_owner=True)
    yield from serve(service, signed_in=False)


def sign_up(firm: Page) -> None:
    firm.goto("/sign-up")
    firm.get_by_label("单位全称").fill(FIRM)
    firm.get_by_label("身份").select_option(label="企业成员")
    firm.get_by_label("登录名").fill("zhang")
    firm.get_by_label("姓名").fill("张工")
    for field in ("#password", "#again"):
        firm.locator(field).fill(PASSWORD)
    firm.get_by_role("button", name="提交注册").click()
    expect(firm.get_by_text("注册已提交")).to_be_visible()


def post_need_with_annex(firm: Page) -> str:
    firm.goto("/needs/new")
    firm.get_by_label("标题").fill("集成材海运防霉的难题")
    firm.get_by_label("描述").fill(f"木材在海运途中发霉，{SECRET}管不到十天。")
    firm.get_by_label("谁能看全文").select_option(label="技术经纪人")
    firm.get_by_label("公开摘要").fill("出口木制品运输途中的防霉")
    firm.get_by_role("button", name="发布", exact=True).click()
    expect(firm.get_by_role("heading", level=1, name="集成材海运防霉的难题")).to_be_visible()
    need = firm.url
    firm.get_by_role("link", name="填写保密附件").click()
    firm.get_by_label("保密附件的内容").fill(ANNEX)
    firm.get_by_role("button", name="保存附件").click()
    expect(firm.get_by_text("保密附件已保存")).to_be_visible()
    return need


def express_interest(university: Page, need: str) -> str:
    university.goto(need)
    expect(university.get_by_text("出口木制品运输途中的防霉")).to_be_visible()
    for hidden in (SECRET, ANNEX, FIRM):
        assert hidden not in university.content()
    look_at(university, "need-summary")
    university.get_by_role("link", name="申请阅读保密附件").click()
    expect(university.get_by_role("heading", level=1, name="申请阅读保密附件")).to_be_visible()
    look_at(university, "annex-ask")
    university.get_by_label("我代表本单位接受").check()
    university.get_by_role("button", name="接受并申请").click()
    university.get_by_role("link", name="表达合作意向").click()
    expect(university.get_by_role("heading", level=1, name="表达合作意向")).to_be_visible()
    look_at(university, "interest-express")
    for label, text in (("为什么感兴趣", "正是我们的方向"), ("我们能做什么", "有中试线"), ("希望对方做什么", "寄样品")):
        university.get_by_label(label).fill(text)
    university.get_by_label("联系方式").fill("王老师 0551-1234")
    university.get_by_role("button", name="提交意向").click()
    expect(university.locator("main .badge")).to_have_text("等待经纪人转交")
    return university.url


def test_from_signing_up_to_open_annex_and_contacts(as_person: Open) -> None:
    firm, chief, university, broker = (as_person(login) for login in ("", "chief", "university", "broker"))
    sign_up(firm)
    chief.goto("/administration")
    chief.get_by_role("button", name="批准").click()
    expect(chief.get_by_text("已批准张工")).to_be_visible()
    need = post_need_with_annex(firm)
    interest = express_interest(university, need)

    broker.goto("/interests")
    broker.get_by_role("link", name="集成材海运防霉的难题").click()
    assert "0551-1234" not in broker.content()
    broker.get_by_role("button", name="转交对方").click()
    firm.goto("/interests")
    firm.get_by_role("link", name="集成材海运防霉的难题").click()
    firm.get_by_label("联系方式").fill("张工 139-0000")
    look_at(firm, "interest-answer")
    firm.get_by_role("button", name="同意，互相开放联系方式").click()
    expect(firm.get_by_text("王老师 0551-1234")).to_be_visible()
    firm.get_by_role("link", name="保密附件").click()
    expect(firm.get_by_role("heading", level=1, name="保密附件")).to_be_visible()
    look_at(firm, "annex-keep")
    firm.get_by_role("button", name="准许阅读").click()

    university.goto(interest)
    expect(university.get_by_text("张工 139-0000")).to_be_visible()
    look_at(university, "interest-accepted")
    university.goto(need)
    university.get_by_role("link", name="阅读保密附件").click()
    expect(university.get_by_text(ANNEX)).to_be_visible()
    look_at(university, "annex-read")
    assert SECRET not in university.goto(need).text()  # type: ignore[union-attr]

    chief.goto("/audit")
    look_at(chief, "audit-way")
    for step in ("表达合作意向", "转交合作意向", "同意合作意向", "查看联系方式", "阅读保密附件"):
        expect(chief.get_by_text(step).first).to_be_visible()
    assert ANNEX not in chief.content() and "0551-1234" not in chief.content()
