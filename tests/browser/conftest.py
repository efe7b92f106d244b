"""A real server on a real SQLite file, seen through Debian's Chromium."""

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, g
from playwright.sync_api import Browser, Page, expect
from waitress.server import create_server

from matcher.cooperation import Cooperation, Party
from matcher.engagement import Meeting, Progress
from matcher.models import Level
from matcher.people import viewer_of
from matcher.policy import Viewer
from matcher.ranking import shipped_ranker
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import notices
from tests.support.addresses import count_up
from tests.support.cooperations import full
from tests.support.examples import RECORDS
from tests.support.hash_encoder import HashEncoder
from tests.support.office_files import PDF, PNG
from tests.support.people import PASSWORD, administrator
from web import create_app

CHROMIUM = shutil.which("chromium")
TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
WIDTHS = (390, 1440)
Open = Callable[[str], Page]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if CHROMIUM is None:
        message = "Chromium is missing: apt-get install --no-install-recommends chromium fonts-noto-cjk"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    return {**browser_type_launch_args, "executable_path": CHROMIUM}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "reduced_motion": "reduce"}


def serve(service: Service, signed_in: bool = True) -> Iterator[str]:
    """Yield the address at which `service` is served until the fixture ends, by default to the administrator."""
    app = create_app(service=service)
    if signed_in:
        _let_administrator_in(app, service)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    service.close()


def _let_administrator_in(app: Flask, service: Service) -> None:
    token = service.signing_in.begin(administrator(service), "127.0.0.1", "test")

    def signed_in() -> None:
        g.session = service.signing_in.session(token)

    # Sites of several ports share their cookies: the administrator is signed in at each without one.
    app.before_request_funcs.setdefault(None, []).insert(0, signed_in)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A server of its own with the records of `tests.support.examples`, for tests that change them."""
    service = Service(Settings(home=tmp_path), HashEncoder())
    count_up(service.store)
    for record in RECORDS:
        service.postings.post(record, "测试")
    trust(service, least=0.0)
    yield from serve(service)


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the demo catalogue and two cooperations, the first with some history; tests leave it as it is."""
    service = Service(Settings(home=tmp_path_factory.mktemp("demo")), HashEncoder())
    count_up(service.store)
    service.seed("测试")
    trust(service, least=service.matching.matches("need", 1).matches[2].candidate.probability or 0.0)
    for number in (1, 2):
        prefilled = service.cooperations.prefilled(number, number)
        service.cooperations.record(_with_contract(prefilled), "李经理")
    for state in ("submitted", "filed", "performing"):
        first = service.cooperations.get(1)
        if state == "filed":
            service.cooperations.decide(1, state, first.version, "管理员")
        else:
            service.cooperations.move(1, state, "李经理")
    service.cooperations.amend(_later(service.cooperations.get(1)), "补充协议", "王主任")
    for name in ("合同（双方盖章）.pdf", "名称很长的中试验收报告与第三方检测结果汇总附件一二三四五六七八九十.pdf"):
        service.attachments.add(("cooperation", 1), name, BytesIO(PDF), "扫描件", "李经理")
    removed = service.attachments.add(("cooperation", 1), "传错的图.png", BytesIO(PNG), "", "李经理")
    service.attachments.remove(removed.public_id, "李经理")
    service.matching.judge(1, 1, 4, "李经理")
    _tell_administrator(service)
    _carry(service)
    yield from serve(service)


def _carry(service: Service) -> None:
    """Carry the first match, with a meeting, a note and a date that has passed."""
    made = service.engagements.start(1, 1, Viewer(name="李经理"))
    step = Progress(state="agreed", waits_for="enterprise", next_step="请企业寄杨木样品", due_on=date(2026, 1, 5))
    service.engagements.bring_on(made.public_id, made.version, step, "双方都愿意先做小样", "李经理")
    at = datetime(2026, 12, 1, 7, tzinfo=UTC)
    ends_at = at + timedelta(hours=1)
    meeting = Meeting(engagement_id=made.id, title="看小样", starts_at=at, ends_at=ends_at, place="企业会议室")
    service.meetings.add(made, meeting, "李经理")


def _tell_administrator(service: Service) -> None:
    """Put a page and a half of notices before the administrator, all but the newest read."""
    reader = administrator(service)
    words = (
        "本单位的技术需求“杨木集成材海运途中长霉发蓝的问题”有一项匹配度高的新科技成果：“木材防霉微乳液及浸渍处理技术”"
    )
    with service.store.transaction() as db:
        for number in range(30):
            kind = "strong_match" if number % 3 else "membership"
            notices.add(db, kind, words if number % 3 else "赵某 申请加入甲厂，等待审核", ("need", 1), None, reader.id)
    viewer = viewer_of(reader, None)
    for each in service.inbox.listing(viewer, size=30).items[3:]:
        service.inbox.mark(viewer, each.public_id, read=True)


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose store holds nothing; tests leave it so."""
    yield from serve(Service(Settings(home=tmp_path_factory.mktemp("empty")), HashEncoder()))


@pytest.fixture
def as_person(browser: Browser, browser_context_args: dict[str, Any], open_site: str) -> Iterator[Open]:
    """A function that signs somebody in, in a browser of their own."""
    contexts = []

    def open_browser(login: str) -> Page:
        contexts.append(browser.new_context(**browser_context_args, base_url=open_site))
        page = contexts[-1].new_page()
        page.goto("/sign-in")
        if login:
            page.get_by_label("登录名").fill(login)
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("button", name="登录", exact=True).click()
            expect(page.get_by_text("已登录")).to_be_visible()
        return page

    yield open_browser
    for context in contexts:
        context.close()


@pytest.fixture(autouse=True)
def complaints(page: Page) -> Iterator[list[str]]:
    """Fail when a page broke its content policy or a script threw."""
    heard: list[str] = []
    page.on(
        "console", lambda message: heard.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield heard
    assert not heard


@pytest.fixture
def check(page: Page, complaints: list[str]) -> Callable[..., None]:
    """A function that looks at the present page at each width: axe, sideways scrolling, a picture if wanted."""

    return partial(look_at, page)


def look_at(page: Page, name: str, widths: Sequence[int] = WIDTHS) -> None:
    """Look at a page at each width: axe, sideways scrolling, a picture if wanted.

    A click does not wait for the page it leads to: expect something of that page before looking at it.
    """
    page.wait_for_load_state()
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        keep_picture(page, f"{name}-{width}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{name} scrolls sideways at {width}: {wide}"
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
        assert found.violations_count == 0, f"{name} at {width}: {found.generate_report()}"


def keep_picture(page: Page, name: str) -> None:
    """Write a picture of the whole page into the folder MATCHER_SHOTS, if that is set."""
    folder = os.environ.get("MATCHER_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{re.sub(r'[^a-z0-9-]', '_', name)}.png", full_page=True)


@pytest.fixture
def page_without_javascript(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    context = browser.new_context(**{**browser_context_args, "java_script_enabled": False})
    yield context.new_page()
    context.close()


def trust(service: Service, least: float) -> None:
    """Put the working point at a probability: with the small encoder, those of the shipped ranker mean nothing."""
    thresholds: dict[Level, float] = {4: max(0.9, least), 3: least, 2: least / 2}
    service.rankers.install(replace(shipped_ranker(), thresholds=thresholds), "测试")


def _with_contract(cooperation: Cooperation) -> Cooperation:
    return replace(
        cooperation,
        amount_yuan=605_000,
        signed_on=date(2026, 10, 12),
        ends_on=date(2027, 10, 11),
        note="分三期付款：签订后 40%，中试后 40%，验收后 20%。",
        payments=full().payments[:1],
        milestones=full().milestones,
        outcomes=full().outcomes,
    )


def _later(cooperation: Cooperation) -> Cooperation:
    parties = (cooperation.parties[0], Party(role="b", name="云麓林业大学木材学院"))
    return replace(cooperation, amount_yuan=800_000, ends_on=date(2027, 12, 31), parties=parties)
