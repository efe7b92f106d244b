"""Real processes on one store: several servers at once, and processes that are killed at any point.

`MATCHER_REPEAT=20 pytest -m slow` does each of them twenty times.
"""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from matcher.models import KINDS, Filters
from tests.conftest import OpenService
from tests.support.records import achievement, assert_consistent, counts
from tests.support.visitor import FormReader

ROOT = Path(__file__).parents[2]
REPEAT = int(os.environ.get("MATCHER_REPEAT", "1"))
ROWS = 6000

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("repeat", range(REPEAT))]


class Browser:
    """Reads pages of a real server, keeps its cookie and fills in forms."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def open(self, path: str, data: list[tuple[str, str]] | None = None) -> tuple[str, str]:
        """Return the path that was arrived at and its page."""
        body = None if data is None else urllib.parse.urlencode(data).encode()
        request = urllib.request.Request(urllib.parse.urljoin(self.address, path), body)
        request.add_header("Referer", self.address)
        with self.opener.open(request, timeout=30) as answer:
            return urllib.parse.urlsplit(answer.url).path, answer.read().decode()

    def send(self, path: str, button: str, **typed: str) -> str:
        """Fill in the form at `path` that has the button and press it; return the path arrived at."""
        forms = FormReader(self.open(path)[1]).forms
        form = next(form for form in forms if button in form.buttons)
        assert form.values["csrf_token"]
        values = dict(form.values.items(multi=True)) | typed | dict([form.buttons[button]])
        return self.open(urllib.parse.urljoin(path, form.action), [(k, v) for k, v in values.items() if k])[0]

    def sign_in(self, home: Path) -> None:
        """Sign in as an administrator, made by command."""
        login = f"chief{free_port()}"
        made = start(home, "account", "add", login, "--administrator")
        password = made.communicate(timeout=60)[0].strip()
        self.send("/sign-in", "登录", login=login, password=password)

    def finds(self, text: str) -> list[str]:
        """Return the titles that a search for achievements gives."""
        query = urllib.parse.urlencode({"q": text})
        page = self.open(f"/search?{query}")[1]
        links = re.findall(r'<a[^>]*href="/achievements/(?!new|export)[^"/?]+"[^>]*>(.*?)</a>', page, re.DOTALL)
        return [unescape(re.sub(r"<[^>]+>", "", link)).strip() for link in links]


def environment(home: Path, **given: str) -> dict[str, str]:
    return {**os.environ, "MATCHER_HOME": str(home), "PYTHONPATH": str(ROOT), **given}


def start(home: Path, *command: str, **given: str) -> subprocess.Popen[str]:
    """Start a command of the program with the small encoder."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.hash_server", *command],
        cwd=ROOT,
        env=environment(home, **given),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def server(home: Path, **given: str) -> Iterator[Browser]:
    """Run the real server on `home`, with the settings given, until the block ends."""
    port = free_port()
    process = start(home, "serve", "--port", str(port), **given)
    browser = Browser(f"http://127.0.0.1:{port}")
    try:
        wait_for(browser, process)
        browser.sign_in(home)
        yield browser
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=30)
        assert "Traceback" not in errors, errors


def wait_for(browser: Browser, process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        assert process.poll() is None, process.communicate()
        try:
            browser.open("/healthz")
            return
        except urllib.error.HTTPError as error:
            assert error.code == 503
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


def catalogue(folder: Path, rows: int = ROWS) -> Path:
    path = folder / "achievements.jsonl"
    lines = [
        json.dumps({"id": f"a{number}", "title": f"成果{number}：锂离子电池", "organisation": f"单位{number % 50}"})
        for number in range(rows)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_what_is_done_in_one_server_shows_in_the_other_at_once(tmp_path: Path, repeat: int) -> None:
    with server(tmp_path) as one, server(tmp_path) as other:
        assert other.finds("凝胶电解质") == []
        page = one.send("/achievements/new", "发布", title="凝胶电解质电池", description="不起火")
        assert other.finds("凝胶电解质") == ["凝胶电解质电池"]
        other.send(f"{page}/edit", "保存修改", title="木材防霉剂", description="杨木")
        assert one.finds("木材防霉") == ["木材防霉剂"]
        one.send(page, "撤回", reason="withdrawn")
        assert other.finds("木材防霉") == []
        other.send(page, "重新发布")
        assert one.finds("木材防霉") == ["木材防霉剂"]
        one.send(f"{page}/delete", "删除")
        assert other.finds("木材防霉") == []
        with pytest.raises(urllib.error.HTTPError, match="404"):
            other.open(page)


def test_an_import_killed_at_any_point_leaves_a_sound_store(
    tmp_path: Path, open_service: OpenService, repeat: int
) -> None:
    path = catalogue(tmp_path)
    chance = random.Random(repeat)
    stored = 0
    for _ in range(4):
        service = open_service()
        process = start(tmp_path, "import", "achievements", str(path))
        while process.poll() is None and service.postings.count("achievement", Filters()) == stored:
            time.sleep(0.002)
        # Something new is stored: kill somewhere in the work on the next rows.
        time.sleep(chance.uniform(0, 0.5))
        kill(process)
        assert_consistent(service)
        now = service.postings.count("achievement", Filters())
        assert now >= stored
        assert now % 1024 == 0 or now == ROWS, "not whole chunks"
        assert len(service.matching.search("achievement", "锂离子电池", k=10)) == min(10, now)
        stored = now
        service.close()
    process = start(tmp_path, "import", "achievements", str(path), "--json")
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert json.loads(output) == {"added": ROWS - stored, "updated": 0, "unchanged": stored, "problems": []}
    service = open_service()
    assert set(counts(service, "achievement").values()) == {ROWS}
    assert_consistent(service)


def test_two_imports_of_one_file_at_once_store_it_once(tmp_path: Path, open_service: OpenService, repeat: int) -> None:
    path = catalogue(tmp_path)
    processes = [start(tmp_path, "import", "achievements", str(path), "--json") for _ in range(2)]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    service = open_service()
    assert set(counts(service, "achievement").values()) == {ROWS}
    assert_consistent(service)


@pytest.mark.parametrize("exact_limit", [200_000, 1000])
def test_a_kill_while_snapshots_are_written_loses_nothing(
    tmp_path: Path, open_service: OpenService, repeat: int, exact_limit: int
) -> None:
    service = open_service()
    service.importing.import_file("achievement", catalogue(tmp_path), "李")
    chance = random.Random(repeat)
    for _ in range(3):
        process = start(tmp_path, "snapshots", MATCHER_SNAPSHOT_MIN="1", MATCHER_EXACT_LIMIT=str(exact_limit))
        assert process.stdout is not None
        assert process.stdout.readline() == "round\n", process.communicate()
        service.postings.post(achievement(f"中途{chance.random()}"), "李")
        time.sleep(chance.uniform(0, 0.3))
        kill(process)
        started = open_service(snapshot_min=1, exact_limit=exact_limit)
        for kind in KINDS:
            started.engine.live(kind).wait_for_renewal()
            assert len(started.engine.live(kind).dense) == service.postings.count(kind, Filters())
        assert started.engine.live("achievement").dense.is_exact is (exact_limit > ROWS)
        assert_consistent(started)
        started.close()


def test_a_killed_server_starts_again_with_everything(tmp_path: Path, open_service: OpenService, repeat: int) -> None:
    port = free_port()
    process = start(tmp_path, "serve", "--port", str(port))
    browser = Browser(f"http://127.0.0.1:{port}")
    wait_for(browser, process)
    browser.sign_in(tmp_path)
    browser.send("/achievements/new", "发布", title="凝胶电解质电池")
    kill(process)
    assert_consistent(open_service())
    with server(tmp_path) as again:
        assert again.finds("凝胶电解质") == ["凝胶电解质电池"]
