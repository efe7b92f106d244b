"""What people do while the soak runs: each client goes through its steps again and again, with time to think."""

import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

from matcher.people import MemberRole
from matcher.service import Service
from tests.support.loopback import LoopbackClient
from tests.support.people import PASSWORD, member
from tests.support.people import administrator as add_administrator
from tests.support.visitor import FormReader, Visitor

Steps = Iterator[str]
_ENTERPRISE, _UNIVERSITY, _BROKER = "青桐坞家居制造有限公司", "云麓林业大学", "桑沚检测技术服务有限公司"
_LABORATORY = "岚川理工大学"
PEOPLE: dict[str, tuple[str, MemberRole]] = {
    "soak-firm": (_ENTERPRISE, "enterprise"),
    "soak-university": (_UNIVERSITY, "university"),
    "soak-broker": (_BROKER, "broker"),
    # Of an organisation of its own: what it posts is deleted, and no engagement may stand on it.
    "soak-laboratory": (_LABORATORY, "university"),
}
_DEALERS = ("soak-firm", "soak-university", "soak-broker")
_FILLERS = 4
_QUESTIONS = {"why": "与我们的方向一致", "offer": "有中试线", "expectation": "提供样品", "contact": "王老师 0551-1234"}
_BARE_PAGES = ("/", "/help", "/privacy", "/policy", "/scoring", "/needs", "/achievements?page=2", "/sign-in")
_STATIC = ("/static/style.css", "/static/app.js", "/static/icon.svg")
_PAIR = re.compile(r'href="(/matches/[\w-]+/[\w-]+)"')


class Pool(NamedTuple):
    """What is read: addresses of needs and achievements, and words to search for; `all_needs` only before it counts."""

    all_needs: Sequence[str]
    needs: Sequence[str]
    achievements: Sequence[str]
    titles: Sequence[str]


class Tally:
    """What happened, counted by all clients together."""

    def __init__(self) -> None:
        self.done: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()


class Crowd:
    """Clients in threads; they can be held for a while."""

    def __init__(self, port: int, pool: Pool, think: float) -> None:
        self.tally = Tally()
        self._port, self._pool, self._think = port, pool, think
        self._goes, self._ends = threading.Event(), threading.Event()
        ways = (visitor, visitor, firm, university, deal, broker, administrator, rude)
        self._threads = [
            threading.Thread(target=self._live, args=(way, number), daemon=True) for number, way in enumerate(ways)
        ]

    def start(self) -> None:
        """Let all begin."""
        self._goes.set()
        for thread in self._threads:
            thread.start()

    def hold(self) -> None:
        """Let all wait before their next step."""
        self._goes.clear()

    def go_on(self) -> None:
        """Let all go on."""
        self._goes.set()

    def stop(self) -> None:
        """Let all finish the step they are at."""
        self._ends.set()
        self._goes.set()
        for thread in self._threads:
            thread.join(60)

    def _live(self, way: "Way", number: int) -> None:
        chance = random.Random(number)
        while not self._ends.is_set():
            steps = way(self._port, self._pool, chance)
            try:
                for step in steps:
                    self.tally.done[f"{way.__name__}: {step}"] += 1
                    self._ends.wait(chance.expovariate(1 / self._think))
                    self._goes.wait()
                    if self._ends.is_set():
                        return
            except Exception as error:  # Whatever goes wrong is a finding; the client begins anew.
                self.tally.errors[f"{way.__name__}: {type(error).__name__} {str(error)[:300]}"] += 1
                self._ends.wait(self._think)


Way = Callable[[int, Pool, random.Random], Steps]


def fill(port: int, pool: Pool) -> None:
    """Open the page of every need, twice, so that what processes keep up to a bound is full before it counts."""
    waiting = list(pool.all_needs) * 2

    def open_pages() -> None:
        while True:
            try:
                address = waiting.pop()
            except IndexError:
                return
            client = LoopbackClient(port)  # A new connection may reach another process.
            client.get(address)
            client.close()

    threads = [threading.Thread(target=open_pages) for _ in range(_FILLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def enrol(service: Service) -> None:
    """Add the accounts that the clients use."""
    add_administrator(service)
    for login, (organisation, role) in PEOPLE.items():
        member(service, login, organisation, role)


def visitor(port: int, pool: Pool, chance: random.Random) -> Steps:
    """Somebody who is not signed in reads: lists, details with their matches, reasons, searches, files."""
    one = Visitor(LoopbackClient(port))  # type: ignore[arg-type]
    for _ in range(20):
        page = one.open(chance.choice((*pool.needs, *pool.achievements)))
        yield "detail"
        pairs = _PAIR.findall(page)
        if pairs:
            one.open(chance.choice(pairs))
            yield "reasons"
        kind = chance.choice(("need", "achievement"))
        one.open(f"/search?kind={kind}&q={quote(chance.choice(pool.titles))}")
        yield "search"
        one.open(chance.choice(_BARE_PAGES))
        yield "page"
        one.open(chance.choice(_STATIC))
        yield "static file"
        one.open("/no-such-page", 404)
        yield "missing"
    one.open("/needs/export?format=csv&q=%E9%94%82")
    yield "export"


def firm(port: int, pool: Pool, chance: random.Random) -> Steps:
    """An enterprise posts a need, reads its matches, edits it, withdraws and deletes it."""
    one = _signed_in(port, "soak-firm")
    yield "sign in"
    for _ in range(5):
        one.open("/needs/new")
        title = chance.choice(pool.titles)
        place = one.press("发布", title=title, description=f"{title}。希望找到现成的办法，成本可控。")
        yield "post"
        one.open(place)
        yield "own need"
        one.open(f"{place}/edit")
        one.press("保存修改", description=f"{title}。改过一次：{chance.choice(pool.titles)}")
        yield "edit"
        one.open(place)
        yield "own need"
        one.open("/inbox")
        yield "inbox"
        _delete(one, place)
        yield "delete"
    one.open("/account/export")
    yield "own data"
    _sign_out(one)
    yield "sign out"


def university(port: int, pool: Pool, chance: random.Random) -> Steps:
    """A university posts an achievement, keeps a draft, edits it and deletes it."""
    one = _signed_in(port, "soak-laboratory")
    yield "sign in"
    for _ in range(5):
        one.open("/achievements/new")
        title = chance.choice(pool.titles)
        place = one.press("发布", title=title, description=f"{title}，已完成中试，可以转让或许可。")
        yield "post"
        one.open(f"{place}/edit")
        one.press("保存修改", description=f"{title}，改过的说明：{chance.choice(pool.titles)}")
        yield "edit"
        one.open(place)
        yield "own achievement"
        one.open(f"{place}/versions")
        yield "versions"
        _delete(one, place)
        yield "delete"
    _sign_out(one)
    yield "sign out"


def deal(port: int, pool: Pool, chance: random.Random) -> Steps:
    """From a need to an engagement that ends: interest, consent, notes, progress."""
    buyer, maker, between = (_signed_in(port, login) for login in _DEALERS)
    yield "sign in"
    buyer.open("/needs/new")
    title = chance.choice(pool.titles)
    place = buyer.press("发布", title=title, description=f"{title}。有样品，半年内要用上。")
    yield "post"
    maker.open(f"{place}/interest")
    interest = maker.press("提交意向", **_QUESTIONS)
    yield "express interest"
    between.open(interest)
    between.press("转交对方")
    yield "pass on"
    buyer.open(interest)
    buyer.press("同意，互相开放联系方式", owner_contact="张工 139-0000")
    yield "consent"
    between.open(interest)
    engagement = between.press("开始对接")
    yield "begin engagement"
    yield from _carried(between, engagement)
    buyer.open(place)
    buyer.press("撤回", reason="plan_changed")
    yield "withdraw"
    for one in (buyer, maker, between):
        _sign_out(one)
    yield "sign out"


def _carried(between: Visitor, engagement: str) -> Steps:
    between.open(engagement)
    between.press("记下", text="下周三交样品", is_shared="y")
    yield "note"
    between.open(engagement)
    between.press("保存进展", state="negotiating", next_step="等样品", waits_for="enterprise")
    yield "progress"
    between.open(engagement)
    between.press("保存进展", state="ended", reason="capacity")
    yield "end engagement"


def broker(port: int, pool: Pool, chance: random.Random) -> Steps:
    """A broker judges matches and looks at the desk, engagements, interests and the inbox."""
    one = _signed_in(port, "soak-broker")
    yield "sign in"
    for _ in range(8):
        one.open(f"/judging/{chance.choice(pool.needs).rsplit('/', 1)[1]}")
        yield "judging"
        wanted = str(chance.choice((1, 2, 3, 4)))
        names = [name for form in FormReader(one.page.text).forms for name in form.buttons if name.endswith(wanted)]
        one.press(chance.choice(names))
        yield "judge"
        for address in ("/desk", "/desk/judge", "/engagements", "/engagements?view=board", "/interests", "/inbox"):
            one.open(address)
            yield address
    one.open("/engagements/export")
    yield "export"
    _sign_out(one)
    yield "sign out"


def administrator(port: int, pool: Pool, chance: random.Random) -> Steps:
    """The administrator looks after things."""
    one = _signed_in(port, "chief")
    yield "sign in"
    for _ in range(3):
        for address in ("/administration", "/administration/accounts", "/audit", "/jobs", "/rankers", "/metrics"):
            one.open(address)
            yield address
    for address in ("/cooperations", "/rewards", "/cooperations/export", "/audit/export"):
        one.open(address)
        yield address
    _sign_out(one)
    yield "sign out"


def rude(port: int, pool: Pool, chance: random.Random) -> Steps:
    """Clients that hang up in the middle of a request or of an answer, and slow ones."""
    request = f"GET {chance.choice(pool.needs)} HTTP/1.1\r\nHost: localhost\r\n"
    for sent, waits in ((request[:20], 0.0), (f"{request}\r\n", 0.0), (f"{request}\r\n", 0.02), (request, 5.0)):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(sent.encode())
            time.sleep(waits)
        yield "hung up"
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        for letter in f"{request}Connection: close\r\n\r\n":
            line.sendall(letter.encode())
            time.sleep(0.05)
        answer = b""
        while part := line.recv(1024):
            answer += part
            time.sleep(0.005)
    assert answer.startswith(b"HTTP/1.1 200"), answer[:100]
    yield "slow"


def _signed_in(port: int, login: str) -> Visitor:
    one = Visitor(LoopbackClient(port))  # type: ignore[arg-type]
    one.open("/sign-in")
    one.press("登录", login=login, password=PASSWORD)
    one.open("/account")
    return one


def _sign_out(one: Visitor) -> None:
    one.open("/account")
    one.press("退出")
    one.client.close()  # type: ignore[attr-defined]


def _delete(one: Visitor, place: str) -> None:
    one.open(f"{place}/delete")
    one.press("删除")
