"""`matcher account …` and the administrator of the first start, on a real store."""

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from matcher import search_engine
from matcher.errors import SignInError
from tests.conftest import OpenService
from tests.support.commands import invoke

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs a command on the store of the test."""
    monkeypatch.setenv("MATCHER_HOME", str(home))
    monkeypatch.setenv("MATCHER_PASSWORD_MEMORY_KIB", "8")
    monkeypatch.setenv("MATCHER_PASSWORD_ROUNDS", "1")
    return invoke


def test_init_prints_the_administrators_password_once(
    run: Run,
    home: Path,
    open_service: OpenService,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(search_engine, "build_bundled_model", lambda folder, progress: None)
    caplog.set_level(logging.DEBUG)
    first, second = run("init"), run("init")
    found = re.search(r"登录名：admin　密码：(\S+)", first.stderr)
    assert found and "密码" not in second.stderr and first.stdout == ""
    assert open_service().signing_in.sign_in("admin", found[1], "192.0.2.1")
    assert found[1] not in caplog.text
    assert not any(found[1].encode() in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_an_account_is_added_with_its_place_and_listed(run: Run, open_service: OpenService) -> None:
    added = run(
        "account", "add", "wang", "--name", "王敏", "--organisation", "云麓大学", "--role", "university", "--owner"
    )
    assert added.exit_code == 0 and open_service().signing_in.sign_in("wang", added.stdout.strip(), "192.0.2.1")
    run("account", "add", "chief", "--administrator")
    assert run("account", "list").stdout.splitlines() == [
        "chief  chief 管理员",
        "wang  王敏  云麓大学 高校成员（负责人）",
    ]
    rows = json.loads(run("account", "list", "--json").stdout)["accounts"]
    assert [(row["login"], row["is_administrator"]) for row in rows] == [("chief", True), ("wang", False)]
    assert rows[1]["memberships"][0]["owner"] is True


def test_reset_prints_a_link_that_works(run: Run, open_service: OpenService) -> None:
    run("account", "add", "wang")
    printed = run("account", "reset", "wang").stdout.strip()
    assert printed.startswith("http://127.0.0.1:8000/reset/")
    service = open_service()
    service.accounts.reset(printed.split("/")[-1], "一只蓝色的水杯在桌上")
    assert service.signing_in.sign_in("wang", "一只蓝色的水杯在桌上", "192.0.2.1")


def test_lock_and_unlock(run: Run, open_service: OpenService) -> None:
    password = run("account", "add", "wang").stdout.strip()
    assert "已停用 wang" in run("account", "lock", "WANG").stderr
    assert "已停用" in run("account", "list").stdout
    with pytest.raises(SignInError):
        open_service().signing_in.sign_in("wang", password, "192.0.2.1")
    run("account", "unlock", "wang")
    assert open_service().signing_in.sign_in("wang", password, "192.0.2.1")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["reset", "nobody"], 1, "没有登录名为“nobody”的账号"),
        (["add", "a b"], 1, "登录名用 3 到 64 个"),
        (["add", "wang", "--role", "broker"], 2, "go together"),
        (["add", "wang", "--role", "king", "--organisation", "x"], 2, "king"),
    ],
)
def test_what_fails_says_why(run: Run, arguments: list[str], code: int, words: str) -> None:
    result = run("account", *arguments)
    assert (result.exit_code, result.stdout) == (code, "") and words in result.stderr
