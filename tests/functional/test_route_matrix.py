"""Each route × each role × own and others' records in each condition, over HTTP, against the table kept beside this.

What a cell says was decided by people: a change of the policy that moves a cell must be made in the file as well.
`python -m tests.functional.test_route_matrix` prints the table as the code now has it.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from matcher.accounts import NewAccount
from matcher.cooperation import Party
from matcher.engagement import Meeting
from matcher.interest import Questions
from matcher.models import KINDS, Achievement, Kind, Need, Organisation, Record
from matcher.policy import CONDITIONS, Viewer
from matcher.service import Service
from matcher.settings import Settings
from matcher.store.rows import now_text
from tests.conftest import CHEAP_PASSWORDS
from tests.support.cooperations import agreement
from tests.support.hash_encoder import HashEncoder
from tests.support.people import PASSWORD, member, sign_in
from web import create_app
from web.access import rule_of

TABLE = Path(__file__).with_suffix(".txt")
FIRM, UNIVERSITY, BROKERS, OTHER, THIRD = "甲厂", "乙大学", "丙经纪", "丁厂", "戊所"
ROLES = {
    "visitor": "",
    "account": "",
    "enterprise": FIRM,
    "university": UNIVERSITY,
    "broker": BROKERS,
    "owner": FIRM,
    "administrator": "",
}
QUESTIONS = Questions(why="一", offer="二", expectation="三", contact="四")
# What a request came to: the route itself, the way to sign in, no, or nothing there.
LETTERS = {299: "y", 303: "s", 401: "s", 403: "f", 404: "n"}


@dataclass
class World:
    """A service with records of every organisation in every condition, and a client for each role."""

    app: Flask
    service: Service
    clients: dict[str, FlaskClient]
    organisations: dict[str, int]
    records: dict[tuple[str, Kind, str], int]
    arguments: dict[str, dict[tuple[str, str], Any]]


def world(home: Path) -> World:
    service = Service(Settings(home=home, **CHEAP_PASSWORDS), HashEncoder())
    app = create_app(service=service)
    app.config["WTF_CSRF_ENABLED"] = False
    organisations = {
        name: service.joining.organisation(Organisation(name=name)).id
        for name in (FIRM, UNIVERSITY, BROKERS, OTHER, THIRD)
    }
    records = {
        (name, kind, condition): posted(service, kind, name, condition, organisations[THIRD])
        for name in (FIRM, UNIVERSITY, BROKERS, OTHER)
        for kind in ("need", "achievement")
        for condition in CONDITIONS
    }
    for endpoint, view in app.view_functions.items():
        app.view_functions[endpoint] = reached(view)
    return World(app, service, clients_of(app, service), organisations, records, {})


def reached(view: Any) -> Any:
    """Return a view with the rule of the real one that only says that it was reached: nothing is changed."""

    def stub(**_: Any) -> tuple[str, int]:
        return "", 299

    stub.access_rule = getattr(view, "access_rule", None)  # type: ignore[attr-defined]
    return stub


def clients_of(app: Flask, service: Service) -> dict[str, FlaskClient]:
    clients = {"visitor": app.test_client()}
    lonely = service.accounts.add(NewAccount("lonely", "lonely", PASSWORD), "测试")
    clients["account"] = sign_in(app.test_client(), service, lonely)
    clients["administrator"] = sign_in(app.test_client(), service)
    for role, place in ROLES.items():
        if place:
            kind = "enterprise" if role == "owner" else role
            account = member(service, role, place, kind, is_owner=role == "owner")  # type: ignore[arg-type]
            clients[role] = sign_in(app.test_client(), service, account)
    return clients


def posted(service: Service, kind: Kind, organisation: str, condition: str, named_id: int) -> int:
    is_visibility = condition in ("public", "members", "brokers", "named")
    shared: dict[str, Any] = {
        "title": f"{condition}的记录",
        "organisation": organisation,
        "visibility": condition if is_visibility else "named" if condition == "kept" else "public",
        "shows_organisation": True,
        "status": "published" if is_visibility else "closed" if condition == "kept" else condition,
    }
    if shared["visibility"] == "named":
        shared["named_ids"] = (named_id,)
    record: Record = Need(**shared) if kind == "need" else Achievement(**shared)
    return service.postings.post(record, "测试").id


def cells(at: World) -> Iterator[str]:
    """Yield a line for each route, method and kind of thing acted upon: what each role gets."""
    for route in sorted(at.app.url_map.iter_rules(), key=lambda each: each.rule):
        for method in sorted((route.methods or set()) - {"HEAD", "OPTIONS"}):
            for whose, arguments in things(at, route.endpoint, set(route.arguments), route.defaults or {}):
                letters = " ".join(letter(at, role, method, route.endpoint, arguments(role)) for role in ROLES)
                yield f"{method:<4} {route.rule:<62} {whose:<16} {letters}"


def letter(at: World, role: str, method: str, endpoint: str, arguments: dict[str, Any]) -> str:
    with at.app.test_request_context():
        address = url_for(endpoint, **arguments)
    answer = at.clients[role].open(address, method=method)
    return LETTERS[answer.status_code]


def place_of(role: str, whose: str) -> str:
    """Return the organisation that something belongs to: the one acted for, if there is one, or another."""
    return OTHER if whose == "other" else ROLES[role] or FIRM


def things(at: World, endpoint: str, names: set[str], defaults: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what the route can act upon, in words, and a function from a role to the arguments of the address."""
    fixed = {"token": "x", "filename": "style.css", "public_id": "x", "number": 1}
    plain = {name: fixed[name] for name in names if name in fixed}
    if names & {"item_id", "need_id", "achievement_id", "verdict_id"}:
        yield from records_of(at, names, defaults)
    elif endpoint.startswith(("desk.", "desk_judging.")) and "public_id" in names:
        yield from suggestions_of(at)
    elif endpoint.startswith("interests.") and "public_id" in names:
        for whose in ("asker", "owner", "owner, new", "other"):
            yield whose, lambda role, whose=whose: {"public_id": interest(at, role, whose)}
    elif endpoint == "engagements.start_from":
        yield "asker", lambda role: {"public_id": interest(at, role, "asker")}
    elif endpoint.startswith(("engagements.", "meetings.")) and "public_id" in names:
        of = engagement if endpoint.startswith("engagements.") or endpoint == "meetings.new" else meeting
        for whose in ("own", "own, untold", "other", "other, carried"):
            yield whose, lambda role, whose=whose, of=of: {"public_id": of(at, place_of(role, whose[:5]), whose)}
    elif "engagement_id" in names:
        for whose in ("own", "own, untold", "other", "other, carried"):
            yield whose, lambda role, whose=whose: {"engagement_id": carried(at, place_of(role, whose[:5]), whose)}
    elif endpoint.startswith("files.engagement_"):
        for whose in ("own", "own, untold", "other", "other, carried"):
            yield (
                whose,
                lambda role, whose=whose: {
                    "public_id": file(at, whose, ("engagement", carried(at, place_of(role, whose[:5]), whose)))
                },
            )
    elif endpoint.startswith("files.") and "public_id" in names:
        for whose in ("own", "other"):
            yield (
                whose,
                lambda role, whose=whose: {
                    "public_id": file(at, "", ("cooperation", cooperation(at, place_of(role, whose))))
                },
            )
    elif endpoint.startswith("rewrites."):
        for whose in ("asker", "owner", "other"):
            yield whose, lambda role, whose=whose: {"public_id": proposal(at, role, whose)}
    elif "cooperation_id" in names:
        for whose in ("own", "other"):
            yield whose, lambda role, whose=whose: plain | {"cooperation_id": cooperation(at, place_of(role, whose))}
    elif "organisation_id" in names:
        for whose in ("own", "other"):
            yield whose, lambda role, whose=whose: plain | {"organisation_id": at.organisations[place_of(role, whose)]}
    else:
        yield "", lambda _: plain


def records_of(at: World, names: set[str], defaults: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for whose in ("own", "other"):
        for condition in CONDITIONS:

            def arguments(role: str, whose: str = whose, condition: str = condition) -> dict[str, Any]:
                place = place_of(role, whose)
                need, achievement = (at.records[place, kind, condition] for kind in ("need", "achievement"))
                every = {"need_id": need, "achievement_id": achievement, "organisation_id": 1, "number": 1}
                every["item_id"] = need if defaults.get("kind") == "need" else achievement
                if "verdict_id" in names:
                    every["verdict_id"] = verdict(at, need, achievement)
                return {name: every[name] for name in names if name in every}

            yield f"{whose} {condition}", arguments


def suggestions_of(at: World) -> Iterator[tuple[str, Any]]:
    for whose in ("own", "other"):
        for condition in CONDITIONS:

            def arguments(role: str, whose: str = whose, condition: str = condition) -> dict[str, Any]:
                place = place_of(role, whose)
                return {"public_id": suggestion(at, *(at.records[place, kind, condition] for kind in KINDS))}

            yield f"{whose} {condition}", arguments


def suggestion(at: World, need: int, achievement: int) -> str:
    """Return a suggestion of a pair; both were published when it was made, whatever they are now."""

    def make() -> str:
        made = f"s{need}-{achievement}"
        with at.service.store.transaction() as db:
            db.execute(
                "insert into suggestion (public_id, need_id, achievement_id, level, probability, rank, ranker_version,"
                " made_at) values (?, ?, ?, 3, 0.5, 1, 'x', ?)",
                (made, need, achievement, now_text()),
            )
        return made

    return str(kept(at, "suggestion", (str(need), str(achievement)), make))


def kept(at: World, sort: str, key: tuple[str, str], make: Any) -> Any:
    """Return what was made for `key` before, or make it."""
    found = at.arguments.setdefault(sort, {})
    if key not in found:
        found[key] = make()
    return found[key]


def verdict(at: World, need: int, achievement: int) -> int:
    key = (str(need), str(achievement))
    return int(kept(at, "verdict", key, lambda: at.service.matching.judge(need, achievement, 3, "测试")))


def cooperation(at: World, place: str) -> int:
    made = agreement(parties=(Party(role="a", name=place), Party(role="b", name=THIRD)))
    return int(kept(at, "cooperation", (place, ""), lambda: at.service.cooperations.record(made, "测试").id))


def file(at: World, whose: str, about: Any) -> str:
    def make() -> str:
        return at.service.attachments.add(about, "a.pdf", BytesIO(b"%PDF-1.7"), "", "测试").public_id

    return str(kept(at, "file", (whose, str(about)), make))


def proposal(at: World, role: str, whose: str) -> str:
    mine = ROLES[role] or FIRM
    proposer, owner = {"asker": (mine, OTHER), "other": (THIRD, OTHER)}.get(whose, (THIRD, mine))

    def make() -> str:
        need = Need(title="被改写的需求", organisation=owner, status="published")
        changed = replace(at.service.rewrites.need(at.service.postings.post(need, "测试").id), title="改写")
        return at.service.rewrites.propose(changed, 1, "为什么", (at.organisations[proposer], "测试"))

    return str(kept(at, "rewrite", (mine, whose), make))


def interest(at: World, role: str, whose: str) -> str:
    mine = ROLES[role] or FIRM
    asker, owner = {"asker": (mine, OTHER), "other": (THIRD, OTHER)}.get(whose, (THIRD, mine))

    def make() -> str:
        record = replace(Need(title="被询问的需求"), organisation=owner, status="published")
        number = at.service.postings.post(record, "测试").id
        made = at.service.interests.express("need", number, at.organisations[asker], QUESTIONS, "测试")
        if whose != "owner, new":
            at.service.interests.forward(made, at.organisations[BROKERS], "测试")
        return made

    return str(kept(at, "interest", (mine, whose), make))


def engagement(at: World, place: str, whose: str) -> str:
    """Return an engagement about a need of `place`, carried by the broker of the matrix or by somebody else."""

    def make() -> str:
        sides = (Need(title="需求", organisation=place), Achievement(title="成果", organisation=THIRD))
        ids = [at.service.postings.post(replace(each, status="published"), "测试").id for each in sides]
        login = "broker" if whose.endswith("carried") else "lonely"
        account = next(each for each in at.service.accounts.listing().items if each.login == login)
        state = "suggested" if whose.endswith("untold") else "contacting"
        return at.service.engagements.start(*ids, Viewer(account_id=account.id), state).public_id

    return str(kept(at, "engagement", (place, whose), make))


def carried(at: World, place: str, whose: str) -> int:
    return at.service.engagements.get(engagement(at, place, whose)).id


def meeting(at: World, place: str, whose: str) -> str:
    def make() -> str:
        found = at.service.engagements.get(engagement(at, place, whose))
        times = (datetime(2026, 12, 1, 7, tzinfo=UTC), datetime(2026, 12, 1, 8, tzinfo=UTC))
        made = Meeting(engagement_id=found.id, title="会议", starts_at=times[0], ends_at=times[1])
        return at.service.meetings.add(found, made, "测试")

    return str(kept(at, "meeting", (place, whose), make))


def table(home: Path) -> str:
    at = world(home)
    try:
        head = f"{'':<4} {'':<62} {'':<16} {' '.join(role[0].upper() for role in ROLES)}"
        return "\n".join([head, *cells(at)]) + "\n"
    finally:
        at.service.close()


@pytest.mark.wide
def test_every_cell_is_as_decided(tmp_path: Path) -> None:
    found, decided = table(tmp_path).splitlines(), TABLE.read_text(encoding="utf-8").splitlines()
    assert len(found) > 500
    assert [line for line in found if line not in set(decided)] == []
    assert found == decided


def test_every_route_stands_in_the_table(app: Flask) -> None:
    decided = TABLE.read_text(encoding="utf-8")
    routes = {route.rule for route in app.url_map.iter_rules()}
    assert {route for route in routes if f" {route} " not in decided} == set()
    assert all(rule_of(app, route.endpoint) for route in app.url_map.iter_rules())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(table(Path(folder)), end="")
