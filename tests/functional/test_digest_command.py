"""`matcher digest` with a real mail server: once a notice, nothing that was typed in the head, nothing in the log."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest

from matcher.mail import Mail, Outcome
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import notices
from tests.conftest import OpenService
from tests.support.commands import invoke
from tests.support.people import member

FORGED = "意向“x\r\nBcc: all@example.cn\r\n\r\n<b>转账</b> https://evil.example/”"
PUBLIC = "https://match.example.cn"


def tell(service: Service, words: str = "意向有答复", login: str = "wang@example.cn") -> None:
    account = service.accounts.by_login(login)
    with service.store.transaction() as db:
        notices.add(db, "interest_answered", words, ("need", 1), account_id=account.id)


@pytest.fixture
def service(open_service: OpenService) -> Service:
    made = open_service()
    member(made, "wang@example.cn", "甲厂", "enterprise")
    return made


def set_up(monkeypatch: pytest.MonkeyPatch, home: Path, smtp: str) -> None:
    for name, value in {"HOME": str(home), "SMTP_URL": smtp, "PUBLIC_URL": PUBLIC}.items():
        monkeypatch.setenv(f"MATCHER_{name}", value)


def test_a_digest_goes_out_once(
    service: Service, home: Path, mails: tuple[list[Any], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, smtp = mails
    set_up(monkeypatch, home, smtp)
    tell(service, FORGED)
    tell(service)
    assert "已寄出 1 封邮件（2 条消息）" in invoke("digest").stderr
    assert json.loads(invoke("digest", "--json").stdout)["mails"] == 0
    ((to, message),) = kept
    text = message.get_payload(decode=True).decode()
    assert to == ["wang@example.cn"] and message["Bcc"] is None and message.get_content_type() == "text/plain"
    assert str(make_header(decode_header(message["Subject"]))) == "科技供需对接：2 条新消息"
    assert "Bcc: all@example.cn <b>转账</b> https：//evil.example/" in text
    assert f"{PUBLIC}/inbox/preferences" in text


def test_the_log_holds_no_address_and_no_words(
    service: Service, home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # Bound but not listening: refused at once.
        set_up(monkeypatch, home, f"smtp://user:geheim@127.0.0.1:{taken.getsockname()[1]}")
        tell(service, "不该进日志的话")
        with caplog.at_level(logging.DEBUG):
            result = invoke("digest")
    assert result.exit_code == 1 and "邮件服务器连不上" in result.stderr
    assert "unreachable" in caplog.text
    for secret in ("wang@", "geheim", "不该进日志"):
        assert secret not in caplog.text + result.stderr
    assert service.mailing.state_counts() == {"waiting": 1}


def test_without_a_server_it_says_so(service: Service, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(monkeypatch, home, "")
    result = invoke("digest")
    assert result.exit_code == 0 and "没有设置 MATCHER_SMTP_URL" in result.stderr


class OneAnswer:
    """A mail server that takes a mail in and then answers with one line, or hangs up, or never answers."""

    def __init__(self, answer: bytes | None, hang: bool = False) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.got = threading.Event()
        self.mails = 0
        self._answer, self._hang = answer, hang
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as file:

            def say(line: bytes) -> None:
                file.write(line + b"\r\n")
                file.flush()

            say(b"220 here")
            in_data = False
            while line := file.readline():
                if in_data and line == b".\r\n":
                    self.mails += 1
                    self.got.set()
                    if self._hang:
                        time.sleep(30)
                    if self._answer is None:
                        return
                    in_data = False
                    say(self._answer)
                elif not in_data:
                    in_data = line.upper().startswith(b"DATA")
                    say(b"354 go on" if in_data else b"250 fine")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(b"250 taken", Outcome.TAKEN), (b"554 no", Outcome.REFUSED), (None, Outcome.UNKNOWN)],
)
def test_what_the_server_says_is_what_came_of_it(answer: bytes | None, outcome: Outcome) -> None:
    server = OneAnswer(answer)
    mail = Mail(Settings(smtp_url=f"smtp://127.0.0.1:{server.port}?from=a@b.cn", public_url=PUBLIC))
    assert mail.send("wang@example.cn", "题目", "正文") is outcome
    server.socket.close()


@pytest.mark.slow
def test_killed_while_the_server_has_the_mail_it_is_not_mailed_again(service: Service, home: Path) -> None:
    tell(service)
    server = OneAnswer(b"250 taken", hang=True)
    environment = os.environ | {
        "MATCHER_HOME": str(home),
        "MATCHER_SMTP_URL": f"smtp://127.0.0.1:{server.port}?from=a@b.cn",
        "MATCHER_PUBLIC_URL": PUBLIC,
    }
    command = [sys.executable, "-m", "tests.support.hash_server", "digest"]
    first = subprocess.Popen(command, env=environment)
    assert server.got.wait(60)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert service.mailing.state_counts() == {"claimed": 1}
    second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert "1 条不知是否寄到" in second.stderr and server.mails == 1
    server.socket.close()
