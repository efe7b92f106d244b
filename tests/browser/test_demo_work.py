"""What the demo people find after `make run`, at a phone's and a desk's width: their lists, proposals, versions."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from matcher.demo_people import seed_people
from matcher.service import Service
from matcher.settings import Settings
from tests.browser.conftest import look_at, serve
from tests.support.hash_encoder import HashEncoder

pytestmark = pytest.mark.browser

Enter = Callable[[str], Page]


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server with the demo work, and the passwords of the demo people by their logins."""
    service = Service(Settings(home=tmp_path_factory.mktemp("worked")), HashEncoder())
    service.seed("测试")
    passwords = {person.login: password for person, password in seed_people(service.accounts, service.joining, "测试")}
    service.seed_work()
    for address in serve(service, signed_in=False):
        yield address, passwords


@pytest.fixture
def enter(
    browser: Browser, browser_context_args: dict[str, Any], worked: tuple[str, dict[str, str]]
) -> Iterator[Enter]:
    """A function that signs a demo person in, in a browser of their own."""
    address, passwords = worked
    contexts = []

    def sign_in(login: str) -> Page:
        contexts.append(browser.new_context(**browser_context_args, base_url=address))
        page = contexts[-1].new_page()
        page.goto("/sign-in")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(passwords[login])
        page.get_by_role("button", name="登录", exact=True).click()
        expect(page.get_by_text("已登录")).to_be_visible()
        return page

    yield sign_in
    for context in contexts:
        context.close()


LISTS = {
    "interests": "合作意向",
    "engagements": "对接",
    "engagements?view=board": "对接",
    "cooperations": "合作备案",
    "rewards": "奖励测算",
    "inbox": "消息",
}


@pytest.mark.parametrize("login", ["demo-enterprise", "demo-university", "demo-broker"])
def test_no_list_of_a_demo_person_is_empty(enter: Enter, login: str) -> None:
    page = enter(login)
    for address, heading in LISTS.items():
        page.goto(f"/{address}")
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        assert page.locator(".row-title, .board-card").count() or page.locator("main table tbody tr").count(), address
        if address in ("interests", "engagements", "cooperations", "rewards"):
            expect(page.get_by_role("link", name="Excel")).to_be_visible()
        look_at(page, f"{login}-{address}")


def test_pages_behind_the_lists(enter: Enter) -> None:
    page = enter("demo-broker")
    for address, title, words in (
        ("/engagements?q=实木椅", "实木椅曲面零件自动砂光", "经过"),
        ("/cooperations?state=performing", "出口包装木箱与集成材防霉处理（演示）", "奖励测算"),
        ("/interests", "毛竹展开成整板时老开裂，求一套稳定的办法", "联系方式"),
    ):
        page.goto(address)
        page.get_by_role("link", name=title).first.click()
        expect(page.get_by_role("heading", name=words)).to_be_visible()
        look_at(page, f"demo{address.split('?')[0].replace('/', '-')}-detail")


def test_a_proposal_is_made_read_and_accepted_and_the_versions_differ(enter: Enter) -> None:
    broker, firm = enter("demo-broker"), enter("demo-enterprise")
    broker.goto("/needs?q=实木椅曲面零件自动砂光")
    broker.locator(".row-title a", has_text="实木椅曲面零件自动砂光").first.click()
    broker.get_by_role("link", name="提出改写建议").click()
    expect(broker.get_by_role("heading", level=1)).to_contain_text("改写")
    look_at(broker, "rewrite-form")
    firm.goto("/needs?q=橱柜门板封边条受热开胶")
    firm.locator(".row-title a", has_text="橱柜门板封边条受热开胶").first.click()
    expect(firm.get_by_text("改写建议").first).to_be_visible()
    look_at(firm, "rewrite-at-the-need")
    firm.locator("main a[href^='/rewrites/']").first.click()
    expect(firm.get_by_role("button", name="采纳，成为新的一版")).to_be_visible()
    look_at(firm, "rewrite-page")
    firm.get_by_role("button", name="采纳，成为新的一版").click()
    expect(firm.get_by_text("已采纳，需求有了新的一版")).to_be_visible()
    firm.get_by_role("link", name="返回需求").click()
    expect(firm.get_by_role("heading", level=1)).to_contain_text("求耐热耐水的封边胶和工艺")
    firm.locator("main a[href$='/versions']").first.click()
    expect(firm.get_by_role("heading", level=1)).to_contain_text("版本")
    look_at(firm, "versions")
    firm.locator("main a[href*='/versions/']").first.click()
    expect(firm.get_by_role("heading", level=1)).to_contain_text("版")
    look_at(firm, "versions-differences")


def test_the_hint_while_typing(enter: Enter) -> None:
    page = enter("demo-enterprise")
    page.goto("/needs/new")
    page.get_by_label("标题").fill("毛竹展开成整板时老开裂，求一套稳定的办法")
    page.get_by_label("标题").blur()
    expect(page.get_by_role("heading", name="已有相近的需求")).to_be_visible()
    look_at(page, "similar-while-typing")
