"""The queue of suggestions judged by keyboard; the desk, rules and jobs by axe, on a phone and without JavaScript."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from matcher.service import Service
from matcher.settings import Settings
from matcher.store import verdicts
from tests.browser.conftest import serve
from tests.browser.test_judging import ACHIEVEMENTS, NEED
from tests.support.addresses import count_up
from tests.support.hash_encoder import HashEncoder
from tests.support.people import member
from tests.support.records import achievement, need
from tests.support.suggested import suggest

pytestmark = pytest.mark.browser

SECOND = need("木材在仓库垛放时长霉", description="杨木板材垛放三五天就起黑点，想找低毒、不变色的浸渍办法。")


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """A service with 24 suggestions of two needs."""
    service = Service(Settings(home=tmp_path, suggestion_level=1, suggestions_per_record=12), HashEncoder())
    count_up(service.store)
    for each in (NEED, SECOND):
        service.postings.post(each, "测试")
    for title, description in ACHIEVEMENTS:
        service.postings.post(achievement(title, description=description), "测试")
    suggest(service)
    return service


@pytest.fixture
def site(service: Service) -> Iterator[str]:
    yield from serve(service)


def test_the_whole_queue_is_judged_by_keyboard_without_loading_a_page(page: Page, site: str, service: Service) -> None:
    total = len(suggest(service))
    page.goto(f"{site}/desk")
    page.get_by_role("link", name="逐对评判").click()
    page.evaluate("window.stillTheSamePage = true")
    progress, heading = page.locator("#judging-progress"), page.locator(".judging-step.current h2")
    seconds = []
    for number in range(1, total + 1):
        expect(page.locator(".judging-step:visible")).to_have_count(1)
        if number > 1:
            expect(heading).to_be_focused()
        before = heading.get_attribute("id")
        began = time.monotonic()
        page.keyboard.press("1" if number % 3 else "4")
        page.wait_for_function("id => document.querySelector('.judging-step.current h2').id !== id", arg=before)
        seconds.append(time.monotonic() - began)
        expect(progress).to_contain_text(f"已评 {number} / {total}")
    expect(page.get_by_role("heading", name="这批建议看完了")).to_be_focused()
    assert page.evaluate("window.stillTheSamePage")
    print(f"median {statistics.median(seconds) * 1000:.0f} ms, slowest {max(seconds) * 1000:.0f} ms of {total} pairs")
    judged = {(each.need_id, each.achievement_id) for each in verdicts.latest(service.store.db)}
    assert len(judged) == total


def test_skip_undo_and_moving_along_lots(page: Page, site: str, service: Service) -> None:
    total = len(suggest(service))
    page.goto(f"{site}/desk/judge")
    step, progress = page.locator(".judging-step.current"), page.locator("#judging-progress")
    first = step.get_attribute("id") or ""
    page.keyboard.press("s")
    expect(progress).to_have_text(f"已跳过。已评 0 / {total}")
    expect(page.locator(f"#{first}")).to_be_hidden()
    page.keyboard.press("2")
    expect(progress).to_have_text(f"已记下：弱相关。已评 1 / {total}")
    page.keyboard.press("u")
    expect(progress).to_have_text(f"已撤销：弱相关。已评 0 / {total}")
    page.keyboard.press("k")
    expect(page.locator(f"#{first}")).to_be_visible()
    for _ in range(8):
        before = step.get_attribute("id")
        page.keyboard.press("s")
        expect(page.locator(f"#{before}")).to_be_hidden()
    expect(page.locator("[data-pair]")).not_to_have_count(4)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()


def test_pages_of_the_desk_are_accessible_and_narrow(
    page: Page, site: str, service: Service, check: Callable[..., None]
) -> None:
    broker = member(service, "broker", "经纪公司", "broker")
    page.goto(f"{site}/desk")
    check("desk")
    first = page.locator(".row-title a").first.get_attribute("href") or ""
    page.locator("a[data-reasons]").first.click()
    expect(page.locator(".reasons").first).to_be_visible()
    page.get_by_text("排除", exact=True).first.click()
    check("desk-open")
    addresses = {
        "desk-suggestion": first,
        "desk-none": "/desk?field=1&region=110000",
        "desk-mine": "/desk?queue=mine",
        "desk-dismissed": "/desk?queue=dismissed",
        "desk-judge": "/desk/judge",
        "desk-rule": "/desk/rule",
        "assignment": "/administration/assignment",
        "assignment-rule": f"/administration/assignment/{broker.public_id}",
        "jobs": "/jobs",
        "jobs-none": "/jobs?state=failed",
    }
    for name, address in addresses.items():
        page.goto(f"{site}{address}")
        expect(page.locator("h1")).to_have_count(1)
        check(name)
        page.set_viewport_size({"width": 320, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    page.goto(f"{site}{first}")
    page.get_by_text("排除", exact=True).click()
    page.get_by_role("button", name="确认排除").click()
    expect(page.locator("#error-summary")).to_be_focused()
    check("desk-suggestion-mistakes")


def test_how_far_a_job_is_shows_without_a_reload(page: Page, site: str, service: Service) -> None:
    page.goto(f"{site}/jobs")
    page.get_by_role("button", name="查找有变动的记录").click()
    expect(page.locator(".badge").first).to_have_text("等待执行")
    page.evaluate("window.stillTheSamePage = true")
    service.worker().finish_all()
    expect(page.locator(".badge").first).to_have_text("已完成")
    assert page.evaluate("window.stillTheSamePage")


def test_judging_the_queue_without_javascript(page_without_javascript: Page, site: str) -> None:
    page = page_without_javascript
    page.goto(f"{site}/desk/judge")
    expect(page.locator("[data-pair]:visible")).to_have_count(4)
    page.get_by_role("button", name="无相关", exact=True).first.click()
    expect(page.get_by_text("您评为")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text(re.compile("已撤销：无相关"))).to_be_visible()
