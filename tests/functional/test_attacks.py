"""What somebody hostile tries over HTTP. Forged posts, foreign scripts and headers stand in test_pages_access.py,
sessions and redirects in test_account_pages.py, other people's records in test_route_matrix.py."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matcher.service import Service
from matcher.settings import Settings
from tests.conftest import CHEAP_PASSWORDS
from tests.support.hash_encoder import HashEncoder
from tests.support.people import member, sign_in
from tests.support.visitor import Visitor
from web import create_app
from web.security import MOST_FORM_BYTES

pytestmark = pytest.mark.wide

INJECTIONS = (
    "'",
    "' or 1=1 --",
    "1; drop table need",
    '" union select password_hash from account --',
    "%00",
    "🙂" * 99,
)
PARAMETERS = (
    *("q", "field", "region", "maturity", "mode", "organisation_kind", "status", "sort", "page", "size", "state"),
    *("kind", "k", "waiting", "check", "need", "achievement"),
)
LISTS = ("/needs", "/achievements", "/search", "/cooperations", "/interests", "/audit", "/needs/1", "/judging")
OUTSIDE = ("../../pyproject.toml", "%2e%2e/%2e%2e/secret_key", "..%2f..%2fmatcher.db", "/etc/passwd")


@pytest.fixture
def strict(home: Path) -> Service:
    """A service that lets three searches a minute and two posts an hour through."""
    settings = Settings(home=home, searches_per_minute=3, posts_per_hour=2, **CHEAP_PASSWORDS)
    return Service(settings, HashEncoder())


def test_searches_are_limited_across_processes(strict: Service) -> None:
    """Two applications, each with its own connections, count in one file."""
    second = Service(strict.settings, HashEncoder())
    clients = [create_app(service=each).test_client() for each in (strict, second)]
    got = [clients[turn % 2].get("/search?q=防霉").status_code for turn in range(5)]
    assert got == [200, 200, 200, 429, 429]
    assert "请 1 分钟后再试" in clients[0].get("/needs?q=防霉").text
    assert clients[0].get("/needs").status_code == 200
    elsewhere = create_app(service=strict).test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    assert elsewhere.get("/search?q=防霉").status_code == 200


def test_posting_is_limited_and_loses_nothing(strict: Service) -> None:
    app = create_app(service=strict)
    firm = Visitor(sign_in(app.test_client(), strict, member(strict, "wang", "甲厂", "enterprise")))
    for turn in range(3):
        firm.open("/needs/new")
        page = firm.press("存为草稿", 303 if turn < 2 else 429, title=f"第 {turn} 条", description="写了很久的内容")
    assert "次数太多" in page and "写了很久的内容" in page
    other = Visitor(sign_in(app.test_client(), strict, member(strict, "lisi", "乙厂", "enterprise")))
    other.open("/needs/new")
    other.press("存为草稿", title="别人的")


@pytest.mark.wide
@pytest.mark.parametrize("text", INJECTIONS)
def test_no_list_parameter_reaches_sql(client: FlaskClient, service: Service, text: str) -> None:
    for address in LISTS:
        for name in PARAMETERS:
            answer = client.get(address, query_string={name: text})
            assert answer.status_code in (200, 404), (address, name, answer.status_code)
            assert "argon2" not in answer.text
    assert service.postings.get("need", 1).title


@pytest.mark.parametrize(
    "path", ["../../pyproject.toml", "%2e%2e/%2e%2e/secret_key", "..%2f..%2fmatcher.db", "/etc/passwd"]
)
def test_no_path_leads_out_of_the_static_folder(client: FlaskClient, path: str) -> None:
    for place in ("/static/", "/vendor/htmx/", "/bootstrap/static/"):
        answer = client.get(place + path)
        assert answer.status_code in (308, 404) and "root:" not in answer.text and "[project]" not in answer.text


def test_a_foreign_host_name_is_refused_behind_a_proxy(home: Path) -> None:
    service = Service(Settings(home=home, public_url="https://match.example.cn", **CHEAP_PASSWORDS), HashEncoder())
    client = create_app(service=service).test_client()
    assert client.get("/", headers={"Host": "match.example.cn"}).status_code == 200
    for headers in ({"Host": "evil.example"}, {"Host": "match.example.cn", "X-Forwarded-Host": "evil.example"}):
        answer = client.get("/sign-in", headers=headers)
        assert answer.status_code == 400 and "evil.example" not in answer.text


def test_the_cookie_is_for_tls_alone_behind_a_proxy(home: Path) -> None:
    service = Service(Settings(home=home, public_url="https://match.example.cn", **CHEAP_PASSWORDS), HashEncoder())
    answer = create_app(service=service).test_client().get("/sign-in", headers={"Host": "match.example.cn"})
    assert "Secure" in answer.headers["Set-Cookie"] and "HttpOnly" in answer.headers["Set-Cookie"]


def test_no_page_stands_in_a_foreign_frame(client: FlaskClient) -> None:
    headers = client.get("/needs/new").headers
    assert headers["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_a_post_that_is_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post("/needs/new", data={"description": "x" * (MOST_FORM_BYTES + 1)})
    assert answer.status_code == 413 and "4 MB" in answer.text


def test_public_ids_of_people_and_interests_are_not_counted_up(service: Service) -> None:
    made = [member(service, f"person{number}", "甲厂", "enterprise").public_id for number in range(3)]
    assert all(len(each) == 12 and not each.isdecimal() for each in made) and len(set(made)) == 3


def test_a_draft_that_exists_answers_as_one_that_does_not(app: Flask, service: Service) -> None:
    draft = service.postings.post(
        replace(service.postings.get("need", 1), id=0, external_id="", status="draft"), "测试"
    ).id
    stranger = app.test_client()
    there, not_there = (stranger.get(f"/needs/{number}") for number in (draft, 99_999))
    assert there.status_code == not_there.status_code == 404
    pages = [answer.text.split("<main", 1)[1].split("</main>")[0] for answer in (there, not_there)]
    assert pages[0] == pages[1]


def test_only_the_head_of_a_page_can_be_asked_for(client: FlaskClient, app: Flask) -> None:
    for route in app.url_map.iter_rules():
        if "GET" in (route.methods or ()) and not route.arguments:
            status = client.head(route.rule).status_code
            assert status < 400 or (route.rule, status) == ("/readyz", 503), route.rule  # Nothing was loaded here.
    for address in ("/needs/1", "/needs/1/edit", "/needs/1/delete", "/matches/1/1"):
        assert client.head(address).status_code == 200, address
