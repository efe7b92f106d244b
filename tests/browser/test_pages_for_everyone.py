"""Every page at a phone's and a desk's width: WCAG 2.2 AA by axe, no sideways scrolling, no breach of the policy."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Check = Callable[..., None]

PAGES = {
    "home": "/",
    "help": "/help",
    "search-achievements": "/search?q=木材防霉不变色",
    "search-needs": "/search?q=木材防霉不变色&kind=need",
    "search-nothing": "/search?q=",
    "needs": "/needs",
    "needs-searched": "/needs?q=发酵车间的气味",
    "needs-filtered": "/needs?field=4&maturity=5&sort=deadline",
    "needs-last-page": "/needs?page=5",
    "needs-none": "/needs?field=4&maturity=9&status=draft",
    "needs-new": "/needs/new",
    "need": "/needs/1",
    "need-filtered": "/needs/1?field=4&k=20",
    "need-edit": "/needs/1/edit",
    "need-delete": "/needs/3/delete",
    "need-versions": "/needs/1/versions",
    "needs-on-behalf": "/needs/on-behalf",
    "need-version": "/needs/1/versions/1",
    "achievements": "/achievements",
    "achievements-new": "/achievements/new",
    "achievement": "/achievements/1",
    "achievement-edit": "/achievements/1/edit",
    "need-none": "/needs/1?region=340000",
    "need-nothing-admitted": "/needs/1?region=110000",
    "need-weak": "/needs/1?k=20",
    "scoring": "/scoring",
    "policy": "/policy",
    "sign-in": "/sign-in",
    "sign-up": "/sign-up",
    "account": "/account",
    "organisation": "/organisations/1",
    "administration": "/administration",
    "administration-accounts": "/administration/accounts",
    "administration-organisations": "/administration/organisations",
    "interests-none": "/interests",
    "rewards": "/rewards",
    "rewards-rules": "/rewards/rules",
    "inbox": "/inbox",
    "inbox-empty": "/inbox?kind=other&unread=yes",
    "inbox-preferences": "/inbox/preferences",
    "audit": "/audit?check=yes",
    "privacy": "/privacy",
    "account-leave": "/account/leave",
    "second-factor": "/account/second-factor",
    "forgotten": "/forgotten",
    "reasons": "/matches/1/1",
    "reasons-nothing-shared": "/matches/1/200",
    "cooperations": "/cooperations",
    "cooperations-none": "/cooperations?state=completed",
    "cooperation": "/cooperations/1",
    "cooperations-filtered": "/cooperations?kind=project&region=安徽省&q=防霉",
    "cooperation-edit": "/cooperations/2/edit",
    "cooperation-draft": "/cooperations/2",
    "cooperation-amend": "/cooperations/1/amend",
    "cooperation-report": "/cooperations/1/report",
    "cooperation-old": "/cooperations/1/amendments/1",
    "cooperation-print": "/cooperations/1/print",
    "cooperation-files": "/cooperations/1/files",
    "cooperation-new": "/cooperations/new?need=2&achievement=5",
    "cooperation-blank": "/cooperations/new",
    "engagements": "/engagements",
    "engagements-none": "/engagements?state=signed",
    "engagements-board": "/engagements?view=board",
    "desk-nothing-suggested": "/desk",
    "desk-judge-nothing": "/desk/judge",
    "desk-rule": "/desk/rule",
    "assignment": "/administration/assignment",
    "jobs-none": "/jobs",
    "not-found": "/needs/9999",
    "no-such-address": "/nowhere",
}


@pytest.mark.parametrize("name", PAGES)
def test_page(page: Page, demo_site: str, check: Check, name: str) -> None:
    page.goto(f"{demo_site}{PAGES[name]}")
    expect(page.locator("h1")).to_have_count(1)
    check(name)


@pytest.mark.parametrize("address", ["/", "/needs", "/achievements", "/cooperations", "/search?q=防霉"])
def test_page_of_an_empty_store(page: Page, empty_site: str, check: Check, address: str) -> None:
    page.goto(f"{empty_site}{address}")
    expect(page.locator("h1")).to_have_count(1)
    check(f"empty{address}")


def test_an_engagement_and_its_meeting(page: Page, demo_site: str, check: Check) -> None:
    page.goto(f"{demo_site}/engagements")
    page.locator(".row-title a").first.click()
    expect(page.get_by_role("heading", name="经过")).to_be_visible()
    check("engagement")
    page.get_by_role("link", name="约会议").click()
    page.get_by_role("button", name="约定并通知双方").click()
    expect(page.locator("#error-summary")).to_be_focused()
    check("engagement-meeting-mistakes")


def test_reasons_in_place(page: Page, demo_site: str, check: Check) -> None:
    page.goto(f"{demo_site}/needs/1")
    page.locator("a[data-reasons]").first.click()
    expect(page.locator(".reasons").first).to_be_visible()
    check("need-with-reasons")


def test_weak_matches_open_without_a_reload_and_show_their_reasons(page: Page, demo_site: str, check: Check) -> None:
    page.goto(f"{demo_site}/needs/1")
    weak = page.locator(".weak-matches")
    expect(weak.locator(".match").first).to_be_hidden()
    weak.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(weak.locator(".match").first).to_be_visible()
    weak.locator("a[data-reasons]").first.click()
    expect(weak.get_by_text("评分的各项加减").first).to_be_visible()
    check("need-weak-open")


def test_more_matches_go_on_where_reading_stopped(page: Page, demo_site: str) -> None:
    page.goto(f"{demo_site}/needs/1")
    before = page.locator(".match-list > li").count()
    if page.locator(".weak-matches:not([open])").count():
        page.locator(".weak-matches > summary").click()
    page.get_by_role("link", name="显示更多").click()
    expect(page.locator(".match-list > li")).to_have_count(20)
    expect(page.locator(".match-list > li").nth(before).locator("a").first).to_be_focused()


@pytest.mark.parametrize("kind", ["needs", "achievements"])
def test_mistakes_in_a_posting(page: Page, demo_site: str, check: Check, kind: str) -> None:
    page.goto(f"{demo_site}/{kind}/new")
    page.get_by_label("预算" if kind == "needs" else "报价").fill("很多")
    page.get_by_label("地区").fill("鼓楼区")
    page.get_by_role("button", name="预览").last.click()
    expect(page.locator("#error-summary")).to_be_focused()
    check(f"{kind}-new-mistakes")


def test_preview(page: Page, demo_site: str, check: Check) -> None:
    page.goto(f"{demo_site}/needs/new")
    page.get_by_label("标题").fill("羽绒清洗废水回用")
    page.get_by_label("描述").fill("清洗一吨羽绒要用八十吨水，想把漂洗水回用一半以上。\n现有一套气浮，出水仍有油脂味。")
    page.get_by_role("button", name="预览").last.click()
    expect(page.get_by_text("这是预览")).to_be_visible()
    check("need-preview")


def test_mistakes_in_a_cooperation(page: Page, demo_site: str, check: Check) -> None:
    page.goto(f"{demo_site}/cooperations/new")
    page.get_by_label("合同金额").fill("1e9")
    page.get_by_role("button", name="记录合作").click()
    expect(page.locator("#error-summary")).to_be_focused()
    check("cooperation-new-mistakes")


def test_mistakes_with_a_file(page: Page, demo_site: str, check: Check) -> None:
    page.goto(f"{demo_site}/cooperations/1")
    page.get_by_label("说明").fill("写好的说明")
    page.get_by_role("button", name="上传").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.get_by_label("说明")).to_have_value("写好的说明")
    check("cooperation-files-mistakes")


def test_an_edit_over_somebody_elses(page: Page, site: str, check: Check) -> None:
    page.goto(f"{site}/cooperations/new?need=1&achievement=1")
    page.get_by_role("button", name="记录合作").click()
    page.goto(f"{page.url}/edit")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("合同金额").fill("80")
    other.get_by_role("button", name="保存修改").click()
    page.get_by_label("备注").fill("分两期付款")
    page.get_by_role("button", name="保存修改").click()
    expect(page.get_by_text("已被他人修改")).to_be_visible()
    check("cooperation-stale")


def test_drawer_of_filters(page: Page, demo_site: str, check: Check) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{demo_site}/needs")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_label("技术领域")).to_be_visible()
    expect(page.locator("#filters.show:not(.showing)")).to_be_visible()
    check("needs-drawer", widths=[390])
    page.get_by_label("技术领域").select_option(index=1)
    page.get_by_role("button", name="应用").click()
    expect(page.locator(".chip").first).to_be_visible()
    expect(page.locator(".offcanvas-backdrop")).to_have_count(0)


def test_zoomed_text_stays_inside(page: Page, demo_site: str) -> None:
    """Reflow, WCAG 1.4.10: at 320 px nothing but a table may scroll sideways."""
    page.set_viewport_size({"width": 320, "height": 700})
    for address in PAGES.values():
        page.goto(f"{demo_site}{address}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{address} is {wide} px wide at 320 px"
