"""Who may do what, forged posts, and what every answer tells a browser to refuse."""

import re
import stat
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher.policy import READING, TABLE, Action
from matcher.service import Service
from tests.support.visitor import Visitor
from web.access import rule_of
from web.security import secret_key

pytestmark = pytest.mark.wide


def undeclared(app: Flask) -> list[str]:
    """Return the routes without a rule that the policy has a line for."""
    known = {row.action for row in TABLE}
    routes = {route.endpoint for route in app.url_map.iter_rules()}
    return sorted(each for each in routes if getattr(rule_of(app, each), "action", None) not in known)


def test_every_route_declares_its_rule(app: Flask) -> None:
    assert undeclared(app) == []


def test_what_only_reads_cannot_be_posted_to(app: Flask) -> None:
    for route in app.url_map.iter_rules():
        declared = rule_of(app, route.endpoint)
        writes = {"POST", "PUT", "PATCH", "DELETE"} & (route.methods or set())
        assert declared and not (writes and declared.action in READING), route.endpoint


def test_what_goes_as_far_as_ones_own_organisation_says_what_it_acts_on(app: Flask) -> None:
    limited = {row.action for row in TABLE if "本单位" in row.reaches.values()}
    for route in app.url_map.iter_rules():
        declared = rule_of(app, route.endpoint)
        assert declared and (declared.of or declared.action not in limited), route.endpoint


def test_every_action_stands_in_the_table() -> None:
    assert {row.action for row in TABLE} == set(Action)


def test_an_undeclared_endpoint_answers_nobody(app: Flask) -> None:
    app.add_url_rule("/secret", "secret", lambda: "never shown")
    assert undeclared(app) == ["secret"]
    answer = app.test_client().get("/secret")
    assert answer.status_code == 403 and "never shown" not in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/needs/new",
        "/needs/1/edit",
        "/needs/1/status",
        "/needs/1/delete",
        "/achievements/new",
        "/achievements/1/delete",
        "/cooperations/new",
        "/matches/1/1/verdict",
        "/judging/1/1",
        "/judging/verdicts/1/undo",
        "/rankers/train",
        "/rankers/use",
    ],
)
def test_a_post_without_the_token_changes_nothing(client: FlaskClient, service: Service, address: str) -> None:
    answer = client.post(address, data={"title": "冒名", "status": "closed", "level": "4", "action": "publish"})
    assert answer.status_code == 400
    assert "请再提交一次" in answer.text
    assert service.postings.get("need", 1).status == "published"
    assert service.matching.verdicts(1, 1) == ()


def test_reading_an_address_that_changes_is_refused(client: FlaskClient) -> None:
    assert client.get("/needs/1/status").status_code == 405


@pytest.mark.parametrize("address", ["/", "/needs", "/needs/1", "/nowhere", "/healthz", "/static/style.css"])
def test_headers_of_every_answer(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/", "/needs", "/needs/1", "/needs/new", "/help", "/search?q=防霉", "/nowhere"])
def test_pages_carry_no_script_or_style_of_their_own(client: FlaskClient, address: str) -> None:
    html = client.get(address).text
    assert "<style" not in html and " style=" not in html and " onclick=" not in html
    assert all(part.startswith(" src=") for part in html.split("<script")[1:])
    assert 'src="http' not in html and 'href="http' not in html


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/needs/new").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_the_secret_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret_key"
    key = secret_key(path)
    assert len(key) == 64 and secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["secret_key"]


def test_stored_markup_is_shown_as_text(visitor: Visitor, service: Service) -> None:
    attack = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    visitor.open("/needs/new")
    address = visitor.press(
        "发布",
        title=f"标题{attack}",
        description=attack,
        indicators=attack,
        keywords=attack,
        organisation=attack,
        region=attack,
        field=attack,
    )
    for page in (
        address,
        f"{address}/edit",
        f"{address}/delete",
        "/",
        "/needs",
        "/needs?q=alert",
        "/search?kind=need&q=alert",
        "/achievements/1",
        f"/matches/{address.split('/')[-1]}/1",
        "/needs?region=" + attack,
        "/search?q=" + attack,
    ):
        html = visitor.open(page)
        assert "<script>alert" not in html and "<img" not in html, page


@pytest.mark.parametrize("name", ["style.css", "matches.css", "app.js", "icon.svg"])
def test_own_files_are_served_to_be_kept(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/static/{name}")
    assert answer.status_code == 200 and "max-age=86400" in answer.headers["Cache-Control"]
    with client.application.test_request_context():
        address = client.application.jinja_env.globals["asset"](name)  # type: ignore[operator]
    assert "max-age=31536000" in client.get(address).headers["Cache-Control"]
    assert "max-age=86400" in client.get(f"/static/{name}?v=another").headers["Cache-Control"]


def test_every_file_that_a_page_names_is_there(client: FlaskClient) -> None:
    addresses = re.findall(r'(?:src|href)="(/(?:static|vendor|bootstrap)/[^"]+)"', client.get("/").text)
    assert addresses
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)
