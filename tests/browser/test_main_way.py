"""From a need to a recorded cooperation, as people go: with a mouse, without JavaScript, with the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

TITLE = "锂离子电池针刺后起火的问题"
TEXT = "井下用的锂离子电池针刺后容易起火，想换成不燃的凝胶电解质，电芯针刺不起火、不爆炸。"


def fill_in_need(page: Page) -> None:
    page.get_by_label("标题").fill(TITLE)
    page.get_by_label("描述").fill(TEXT)
    page.get_by_label("单位名称", exact=True).fill("岚川矿用电源有限公司")
    page.get_by_label("预算").fill("120.5")
    page.get_by_label("技术开发（委托）").check()


def test_a_need_becomes_a_cooperation(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_role("link", name="技术需求", exact=True).first.click()
    page.get_by_role("link", name="发布需求").click()
    fill_in_need(page)
    page.get_by_role("button", name="预览").last.click()
    expect(page.get_by_text("这是预览，还没有保存")).to_be_visible()
    expect(page.get_by_text("120.5 万元").first).to_be_visible()
    page.get_by_role("button", name="发布").click()

    first = page.locator(".match").first
    expect(first).to_contain_text("不燃凝胶电解质的锂离子电池")
    expect(first).to_contain_text("为什么：")
    address = page.url
    first.get_by_role("button", name="查看理由").click()
    expect(first.get_by_text("双方原文")).to_be_visible()
    expect(page).to_have_url(address)
    expect(first.locator(".pair-side").first.locator("mark").first).to_be_visible()
    first.get_by_role("button", name="强相关", exact=True).click()
    expect(first.get_by_text("已记下您的评判：强相关")).to_be_visible()
    expect(first.get_by_role("button", name="✓ 强相关")).to_be_focused()

    first.get_by_role("link", name="记录合作").first.click()
    expect(page.get_by_label("单位全称").first).to_have_value("岚川矿用电源有限公司")
    expect(page.get_by_label("合同金额")).to_have_value("120.5")
    page.get_by_label("签订日期").fill("2026-11-22")
    page.get_by_label("记录后将该需求标为“已对接”").check()
    page.get_by_role("button", name="记录合作").last.click()
    expect(page.get_by_text("合作已记录")).to_be_visible()

    page.get_by_role("link", name="合作备案", exact=True).first.click()
    expect(page.get_by_role("row", name=re.compile(TITLE))).to_contain_text("2026年11月22日")
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_text("已对接").first).to_be_visible()


def test_the_same_without_javascript(page_without_javascript: Page, site: str) -> None:
    page = page_without_javascript
    page.goto(f"{site}/needs/new")
    fill_in_need(page)
    page.get_by_role("button", name="预览").last.click()
    page.get_by_role("button", name="返回修改").click()
    expect(page.get_by_label("描述")).to_have_value(TEXT)
    page.get_by_role("button", name="发布", exact=True).click()
    first = page.locator(".match").first
    first.get_by_role("link", name="查看理由").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("匹配理由")
    page.get_by_role("button", name="较强相关").click()
    expect(page.get_by_text("已记下您的评判：较强相关")).to_be_visible()
    page.get_by_role("link", name="记录合作").click()
    page.get_by_role("button", name="再加一期付款").click()
    page.get_by_role("button", name="记录合作").last.click()
    expect(page.get_by_text("合作已记录")).to_be_visible()
    page.get_by_role("button", name="提交备案").click()
    expect(page.get_by_text("请填写").first).to_be_visible()


def test_filters_and_search_without_javascript(page_without_javascript: Page, site: str) -> None:
    page = page_without_javascript
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{site}/achievements")
    page.get_by_role("button", name="筛选").click()
    page.get_by_label("技术领域").select_option(label="新材料（1）")
    page.get_by_role("button", name="应用").click()
    expect(page.get_by_text("共 1 条")).to_be_visible()
    page.goto(site)
    page.get_by_label("想找什么").fill("木材发霉")
    page.get_by_role("button", name="找成果").click()
    expect(page.get_by_role("link", name="木材防霉微乳液及浸渍处理技术")).to_be_visible()


def test_the_keyboard_alone_opens_reasons_and_judges(page: Page, site: str) -> None:
    page.goto(f"{site}/needs/1")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    opener = page.locator("a[data-reasons]").first
    tab_to(page, opener)
    page.keyboard.press("Space")
    panel = page.locator(".match-reasons").first
    expect(panel.get_by_text("双方原文")).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    tab_to(page, panel.get_by_role("button", name="弱相关", exact=True))
    page.keyboard.press("Enter")
    expect(panel.get_by_text("已记下您的评判：弱相关")).to_be_visible()
    opener.focus()
    page.keyboard.press("Enter")
    expect(panel).to_be_hidden()
    expect(opener).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()


def test_the_keyboard_alone_posts(page: Page, site: str) -> None:
    page.goto(f"{site}/needs/new")
    for label, text in (("标题", TITLE), ("描述", TEXT)):
        tab_to(page, page.get_by_label(label))
        page.keyboard.insert_text(text)
    tab_to(page, page.get_by_role("button", name="预览").last)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="发布"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)


def tab_to(page: Page, target) -> None:  # type: ignore[no-untyped-def]
    """Press Tab until `target` has the focus, which must be seen there."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            seen = "e => getComputedStyle(e).outlineStyle !== 'none' || getComputedStyle(e).boxShadow !== 'none'"
            assert target.evaluate(seen), "the focus cannot be seen"
            return
    raise AssertionError(f"{target} cannot be reached with Tab")


def test_back_leads_to_the_page_with_the_matches(page: Page, site: str) -> None:
    page.goto(f"{site}/needs/1")
    page.locator("a[data-reasons]").first.click()
    expect(page.locator(".reasons").first).to_be_visible()
    page.locator(".match-title a").first.click()
    expect(page.get_by_text("匹配的技术需求")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("杨木集成材海运途中长霉发蓝的问题")
    expect(page.locator("header.site-header")).to_have_count(1)


def test_a_server_that_is_gone_is_told_about(page: Page, site: str) -> None:
    page.goto(f"{site}/needs/1")
    page.route("**/matches/**", lambda route: route.abort())
    page.locator("a[data-reasons]").first.click()
    expect(page.get_by_text("服务没有响应")).to_be_visible()


def test_one_double_click_makes_one_need(page: Page, site: str) -> None:
    page.goto(f"{site}/needs/new")
    page.get_by_label("标题").fill(TITLE)
    page.get_by_role("button", name="发布", exact=True).dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    page.goto(f"{site}/needs")
    expect(page.get_by_role("link", name=TITLE)).to_have_count(1)
