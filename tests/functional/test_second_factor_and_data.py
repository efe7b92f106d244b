"""Two-step sign-in, forgotten passwords by mail, what is held on a person and leaving."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask

from matcher.models import Need
from matcher.service import Service
from matcher.settings import Settings
from tests.conftest import CHEAP_PASSWORDS
from tests.support.hash_encoder import HashEncoder
from tests.support.people import PASSWORD, administrator, member, sign_in
from tests.support.visitor import Visitor
from web import create_app

FIRM = "甲木业有限公司"
NEW_PASSWORD = "三条绿色的小船靠岸了"


def code_of(secret: str, steps: int = 0) -> str:
    """Return the code that a phone shows some half minutes from now."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


def with_factor(visitor: Visitor) -> str:
    """Begin a second factor; return its secret."""
    page = visitor.open("/account/second-factor")
    secret = re.sub(" ", "", re.findall("密钥：<code>([A-Z0-9 ]+)</code>", page)[0])
    assert 'src="data:image/svg+xml' in page
    assert "验证码不对" in visitor.press("开启", 400, code="000000")
    visitor.press("开启", code=code_of(secret, -1))
    return secret


def type_in(visitor: Visitor, status: int = 303, **typed: str) -> str:
    visitor.open("/sign-in")
    return visitor.press("登录", status, login="wang", password=PASSWORD, **typed)


@pytest.fixture
def wang(app: Flask, service: Service) -> Visitor:
    return Visitor(sign_in(app.test_client(), service, member(service, "wang", FIRM, "enterprise", is_owner=True)))


def test_a_second_factor_is_asked_for_and_each_code_works_once(app: Flask, wang: Visitor) -> None:
    secret = with_factor(wang)
    assert "已开启" in wang.open("/account")
    other = Visitor(app.test_client())
    assert "填写手机上的动态验证码" in type_in(other, 401)
    assert "动态验证码不对" in type_in(other, 401, code="123456")
    code = code_of(secret)
    assert type_in(other, code=code) == "/"
    assert "已用过" in type_in(Visitor(app.test_client()), 401, code=code)


def test_a_second_factor_ends_with_password_and_code(wang: Visitor) -> None:
    secret = with_factor(wang)
    wang.open("/account/second-factor")
    assert "不对" in wang.press("关闭两步验证", 400, password="错", code=code_of(secret))
    wang.press("关闭两步验证", password=PASSWORD, code=code_of(secret, 1))
    assert "没有开启" in wang.open("/account")


def test_administrators_administer_with_a_second_factor_when_set_so(home: Path) -> None:
    service = Service(Settings(home=home, second_factor_for="administrators", **CHEAP_PASSWORDS), HashEncoder())
    app = create_app(service=service)
    chief = Visitor(sign_in(app.test_client(), service, administrator(service)))
    chief.open("/administration", 403)
    assert "开启之后才能使用管理员的权限" in chief.open("/account")
    with_factor(chief)
    chief.open("/administration")


def test_a_forgotten_password_is_mailed_a_link(home: Path, mails: tuple[list[Any], str]) -> None:
    kept, smtp = mails
    settings = Settings(home=home, smtp_url=smtp, public_url="https://match.example.cn", **CHEAP_PASSWORDS)
    service = Service(settings, HashEncoder())
    member(service, "wang@example.cn", FIRM, "enterprise")
    visitor = Visitor(create_app(service=service).test_client())
    visitor.client.environ_base["HTTP_HOST"] = "match.example.cn"
    visitor.client.environ_base["wsgi.url_scheme"] = "https"
    visitor.client.environ_base["HTTP_REFERER"] = "https://match.example.cn/forgotten"
    answers = []
    for login in ("nobody@example.cn", "wang@example.cn"):
        visitor.open("/forgotten")
        answers.append(re.sub('csrf[^>]+>|"X-CSRF[^}]+', "", visitor.press("寄给我链接", 200, login=login)))
    assert answers[0].split("<main")[1] == answers[1].split("<main")[1]
    until = time.monotonic() + 10
    while not kept and time.monotonic() < until:
        time.sleep(0.05)
    ((to, message),) = kept
    text = message.get_payload(decode=True).decode()
    assert to == ["wang@example.cn"] and message["From"] == "match@example.cn"
    (token,) = re.findall(r"https://match\.example\.cn/reset/([\w-]+)", text)
    service.accounts.reset(token, NEW_PASSWORD)
    assert service.signing_in.sign_in("wang@example.cn", NEW_PASSWORD, "192.0.2.1")


def test_without_a_mail_server_the_administrator_helps(visitor: Visitor, service: Service) -> None:
    assert "请联系管理员" in visitor.open("/forgotten")
    assert not service.mail.is_set


def test_what_is_held_on_a_person_is_theirs_to_take(wang: Visitor, service: Service) -> None:
    service.matching.judge(1, 1, 3, f"wang（{FIRM}）")
    wang.open("/account/export")
    held = json.loads(wang.page.text)
    assert held["account"][0]["login"] == "wang" and held["memberships"][0]["organisation"] == FIRM
    assert held["verdicts"][0]["level"] == 3 and held["sessions"] and held["audit"]
    assert "password" not in wang.page.text and "hash" not in wang.page.text


def test_leaving_keeps_the_books(app: Flask, wang: Visitor, service: Service) -> None:
    number = service.postings.post(Need(title="留下的需求", organisation=FIRM), f"wang（{FIRM}）").id
    service.matching.judge(1, 1, 3, f"wang（{FIRM}）")
    assert "确认注销" in wang.open("/account/leave")
    wang.press("确认注销")
    assert wang.client.get("/account").status_code == 303
    assert type_in(Visitor(app.test_client()), 401)
    assert service.postings.get("need", number).title == "留下的需求"
    (verdict,) = service.matching.verdicts(1, 1)
    assert re.fullmatch(rf"已注销用户\d+（{FIRM}）", verdict.judge)
    assert service.auditing.verify().broken_at is None
    assert not service.accounts.listing("wang").items


def test_who_holds_a_place_together_cannot_just_leave(wang: Visitor, visitor: Visitor, service: Service) -> None:
    member(service, "zhao", FIRM, "enterprise")
    wang.open("/account/leave")
    assert "唯一的负责人" in wang.press("确认注销", 409)
    visitor.open("/account/leave")
    assert "唯一的管理员" in visitor.press("确认注销", 409)


def test_the_privacy_page_says_what_the_settings_say(visitor: Visitor, service: Service) -> None:
    page = visitor.open("/privacy")
    assert f"{service.settings.contact_days} 天" in page and f"{service.settings.session_hours} 小时" in page


def test_contacts_of_old_interests_are_erased(service: Service, wang: Visitor) -> None:
    db = service.store.db
    db.execute(
        "insert into interest (public_id, kind, item_id, organisation_id, owner_id, asked_by, why, offer, expectation,"
        " contact, state, created_at, expires_at, decided_at) values"
        " ('old', 'need', 1, 1, 1, 'x', '', '', '', 'tel 1', 'accepted', '2020', '2021', '2020-01-01'),"
        " ('new', 'need', 1, 1, 1, 'x', '', '', '', 'tel 2', 'accepted', '2020', '2021', '2999-01-01')"
    )
    db.conn.commit()
    assert service.personal_data.tidy()[0] == 1
    assert db.execute("select contact from interest order by public_id").fetchall() == [("tel 2",), ("",)]
