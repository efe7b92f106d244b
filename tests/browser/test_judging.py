"""Judging by keyboard, training from it and going back; and the same pages by axe and without JavaScript."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from matcher.ranking import shipped_ranker
from matcher.service import Service
from matcher.settings import Settings
from tests.browser.conftest import serve
from tests.support.addresses import count_up
from tests.support.hash_encoder import HashEncoder
from tests.support.records import achievement, need

pytestmark = pytest.mark.browser

NEED = need(
    "锂离子电池针刺后起火",
    description="井下用的锂离子电池针刺后容易起火，想换成不燃的凝胶电解质，电芯针刺不起火、不爆炸。",
)
# Near the need in meaning, in its terms, in both or in neither, so that other weights make another order.
ACHIEVEMENTS = (
    ("不燃凝胶电解质的锂离子电池", "以凝胶电解质代替易燃的碳酸酯，电芯针刺不起火、不爆炸。"),
    ("锂离子电池针刺试验台", "针刺速度可调，电芯起火时自动喷淋。"),
    ("井下用防爆电源", "锂离子电池装入隔爆外壳，电池起火不外传。"),
    ("电芯热失控预警", "以气体和温度判断电芯何时起火，提前三分钟报警。"),
    ("固态电解质薄膜", "厚度二十微米，室温电导率高。"),
    ("凝胶灭火剂", "凝胶覆盖火源，不复燃。"),
    ("不燃涂层", "涂在外壳上，火烧不穿。"),
    ("电池回收与拆解", "废旧锂离子电池放电后拆解，回收钴和锂。"),
    ("针刺无纺布", "针刺后热压，用于过滤。"),
    ("井下通风监测", "风速、瓦斯和温度一并上传。"),
    ("茶叶杀青温度控制", "滚筒温度误差不超过两度。"),
    ("木材防霉微乳液", "浸渍后板面不变色，垛放十六周不长霉。"),
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[str]:
    """The address of the judging page of a need with twelve achievements, on a server of its own."""
    service = Service(Settings(home=tmp_path), HashEncoder())
    count_up(service.store)
    service.postings.post(NEED, "测试")
    for title, description in ACHIEVEMENTS:
        service.postings.post(achievement(title, description=description), "测试")
    for address in serve(service):
        yield f"{address}/judging/1"


def order_of(page: Page, desk: str) -> list[str]:
    """Return the ids of the pairs in rank order."""
    page.goto(desk)
    return [step.get_attribute("id") or "" for step in page.locator("[data-pair]").all()]


def test_ten_verdicts_by_keyboard_then_training_and_going_back(page: Page, desk: str) -> None:
    shipped = shipped_ranker().version
    before = order_of(page, desk)
    page.goto(desk.removesuffix("/1"))
    page.get_by_role("link", name=NEED.title).click()
    for number in range(1, 11):
        heading = page.locator(".judging-step.current h2")
        expect(heading).to_contain_text(f"第 {number} 项")
        if number > 1:
            expect(heading).to_be_focused()
        expect(page.locator(".judging-step:visible")).to_have_count(1)
        page.keyboard.press("1" if number <= 5 else "4")  # The reverse of what the ranker thinks.
        expect(page.locator("#judging-progress")).to_contain_text(f"已评 {number} / 10")
    expect(page.get_by_role("heading", name="这条需求看完了")).to_be_focused()

    page.get_by_role("link", name="重新训练").click()
    expect(page.locator("[data-version]")).to_have_text(shipped)
    page.get_by_text("重新训练", exact=True).click()
    page.get_by_role("button", name="确认训练").click()
    expect(page.get_by_text("学习了 10 条评判")).to_be_visible()
    expect(page.locator("[data-version]")).to_have_text(re.compile(r"\d{4}-\d\d-\d\d-1"))
    assert order_of(page, desk) != before
    expect(page.locator("#judging-progress")).to_contain_text(re.compile(r"已评 \d+ / 10"))

    page.goto(desk.replace("/judging/1", "/rankers"))
    page.get_by_text("回到上一版", exact=True).click()
    page.get_by_role("button", name=f"确认回到 {shipped}").click()
    expect(page.locator("[data-version]")).to_have_text(shipped)
    assert order_of(page, desk) == before


def test_keys_move_skip_and_undo(page: Page, desk: str) -> None:
    page.goto(desk)
    heading, progress = page.locator(".judging-step.current h2"), page.locator("#judging-progress")
    page.keyboard.press("j")
    expect(heading).to_contain_text("第 2 项")
    page.keyboard.press("k")
    expect(heading).to_contain_text("第 1 项")
    page.keyboard.press("s")
    expect(heading).to_contain_text("第 2 项")
    expect(progress).to_have_text("已跳过。已评 0 / 10")
    page.keyboard.press("3")
    expect(heading).to_contain_text("第 3 项")
    expect(progress).to_have_text("已记下：较强相关。已评 1 / 10")
    page.keyboard.press("u")
    expect(heading).to_contain_text("第 2 项")
    expect(progress).to_have_text("已撤销：较强相关。已评 0 / 10")
    page.keyboard.press("u")
    expect(progress).to_contain_text("还没有可以撤销的评判")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
    page.get_by_label("使用单键快捷键").uncheck()
    page.get_by_role("button", name="关闭").click()
    page.keyboard.press("4")
    page.get_by_role("button", name="下一项").click()
    expect(heading).to_contain_text("第 3 项")
    expect(progress).to_contain_text("已评 0 / 10")


def test_the_machines_level_is_seen_after_the_verdict_or_when_asked_for(page: Page, desk: str) -> None:
    page.goto(desk)
    step = page.locator(".judging-step.current")
    expect(step.locator(".level-chip")).to_be_hidden()
    step.get_by_text("先看机器的判断").click()
    expect(step.locator(".level-chip")).to_be_visible()
    step.get_by_role("button", name="强相关", exact=True).click()
    page.get_by_role("button", name="上一项").click()
    expect(step.get_by_text("机器给的是")).to_be_visible()


def test_what_is_pressed_while_a_verdict_is_on_its_way_is_done_after_it(page: Page, desk: str) -> None:
    held: list[Route] = []
    page.route(re.compile(r"/judging/.*"), lambda route: held.append(route) if is_change(route) else route.continue_())
    page.goto(desk)
    heading = page.locator(".judging-step.current h2")
    page.keyboard.press("4")
    page.keyboard.press("k")
    page.get_by_role("button", name="上一项").click()
    for _ in range(250):
        if not held:
            page.wait_for_timeout(20)
    expect(heading).to_contain_text("第 1 项")
    held[0].continue_()
    expect(page.locator("#judging-progress")).to_have_text("已记下：强相关。已评 1 / 10")
    expect(heading).to_contain_text("第 1 项")
    expect(page.locator(".judging-step.current").get_by_text("机器给的是")).to_be_visible()


def is_change(route: Route) -> bool:
    """Tell whether a request changes something."""
    return route.request.method == "POST"


def test_without_javascript_all_pairs_stand_below_each_other(page_without_javascript: Page, desk: str) -> None:
    page = page_without_javascript
    page.goto(desk)
    expect(page.locator("[data-pair]:visible")).to_have_count(10)
    expect(page.get_by_role("button", name="下一项")).to_have_count(0)
    page.get_by_role("button", name="弱相关", exact=True).nth(1).click()
    expect(page.get_by_text("已评 1 / 10")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已评 0 / 10")).to_be_visible()
    page.goto(desk.replace("/judging/1", "/rankers"))
    page.get_by_text("重新训练", exact=True).click()
    page.get_by_role("button", name="确认训练").click()
    expect(page.get_by_text("学习了 0 条评判")).to_be_visible()


def test_pages_are_accessible_and_narrow(page: Page, desk: str, check: Callable[..., None]) -> None:
    root = desk.removesuffix("/judging/1")
    page.goto(f"{root}/judging")
    check("judging-list")
    page.goto(desk)
    check("judging-desk")
    page.keyboard.press("4")
    expect(page.locator("#judging-progress")).to_contain_text("已评 1 / 10")
    page.keyboard.press("k")
    check("judging-desk-judged")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    check("judging-help")
    page.goto(f"{root}/rankers")
    page.get_by_text("重新训练", exact=True).click()
    page.get_by_role("button", name="确认训练").click()
    for words in ("重新训练", "回到上一版"):
        page.get_by_text(words, exact=True).click()
    check("rankers")
    for address in ("/judging", "/judging/1", "/rankers"):
        page.set_viewport_size({"width": 320, "height": 700})
        page.goto(f"{root}{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
