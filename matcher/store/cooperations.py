"""Cooperation records and their histories."""

import json
from datetime import date
from typing import Any

from sqlite_utils import Database

from matcher.models import Cooperation, CooperationEvent, Page
from matcher.store.rows import now_text, to_date, to_time

_COLUMNS = (
    *("need_id", "achievement_id", "title", "contract_type", "party_a", "party_b", "party_a_id", "party_b_id"),
    *("region", "amount_yuan", "signed_on", "starts_on", "ends_on", "expected_results", "note", "state", "version"),
)
_DATES = ("signed_on", "starts_on", "ends_on")
_SORTS = {
    "newest": "id desc",
    "signed": "signed_on is null, signed_on desc, id desc",
    "amount": "amount_yuan is null, amount_yuan desc, id desc",
}
SORTS = tuple(_SORTS)
_OF_PARTY = "(? is null or party_a_id = ? or party_b_id = ?)"


def get(db: Database, cooperation_id: int) -> Cooperation | None:
    """Return the cooperation with this id, if any."""
    return next(iter(_fetch(db, "where id = ?", [cooperation_id])), None)


def insert(db: Database, cooperation: Cooperation) -> Cooperation:
    """Store a new cooperation; return it with its id and times."""
    values = _values(cooperation) | dict.fromkeys(("created_at", "updated_at"), now_text())
    marks = ", ".join("?" * len(values))
    cursor = db.execute(f"insert into cooperation ({', '.join(values)}) values ({marks})", list(values.values()))
    return _stored(db, int(cursor.lastrowid or 0))


def update(db: Database, cooperation: Cooperation) -> Cooperation:
    """Overwrite the cooperation with the same id; return it with its new time."""
    values = _values(cooperation) | {"updated_at": now_text()}
    assignments = ", ".join(f"{name} = ?" for name in values)
    db.execute(f"update cooperation set {assignments} where id = ?", [*values.values(), cooperation.id])
    return _stored(db, cooperation.id)


def listing(
    db: Database, state: str, text: str, sort: str, number: int, size: int, party_id: int | None = None
) -> Page[Cooperation]:
    """Return page `number` (from 1) of the cooperations in `state` ("" for all) whose title or party holds `text`.

    With `party_id` only those of that organisation.
    """
    where = (
        f"where {_OF_PARTY} and (? = '' or state = ?)"
        " and (? = '' or instr(title || char(10) || party_a || char(10) || party_b, ?))"
    )
    values: list[Any] = [party_id, party_id, party_id, state, state, text, text]
    total: int = db.execute(f"select count(*) from cooperation {where}", values).fetchone()[0]
    order = _SORTS.get(sort, _SORTS["newest"])
    found = _fetch(db, f"{where} order by {order} limit ? offset ?", [*values, size, (number - 1) * size])
    return Page(items=tuple(found), total=total, number=number, size=size)


def of_record(db: Database, kind: str, item_id: int) -> tuple[Cooperation, ...]:
    """Return the cooperations linked to a need or achievement, newest first."""
    column = "need_id" if kind == "need" else "achievement_id"
    return tuple(_fetch(db, f"where {column} = ? order by id desc", [item_id]))


def state_counts(db: Database, party_id: int | None = None) -> dict[str, int]:
    """Return how many cooperations, with `party_id` of that organisation, are in each state."""
    counted = f"select state, count(*) from cooperation where {_OF_PARTY} group by state"
    return dict(db.execute(counted, [party_id] * 3).fetchall())


def add_event(db: Database, cooperation_id: int, actor: str, action: str, changes: dict[str, tuple[str, str]]) -> None:
    """Write one line of history; lines cannot be changed afterwards."""
    db.execute(
        "insert into cooperation_event (cooperation_id, at, actor, action, changes) values (?, ?, ?, ?, ?)",
        (cooperation_id, now_text(), actor, action, json.dumps(changes, ensure_ascii=False)),
    )


def events(db: Database, cooperation_id: int) -> tuple[CooperationEvent, ...]:
    """Return the history of a cooperation, newest first."""
    rows = db.execute(
        "select id, cooperation_id, at, actor, action, changes from cooperation_event"
        " where cooperation_id = ? order by id desc",
        (cooperation_id,),
    )
    return tuple(
        CooperationEvent(
            id=row[0],
            cooperation_id=row[1],
            at=to_time(row[2]),
            actor=row[3],
            action=row[4],
            changes={name: (before, after) for name, (before, after) in json.loads(row[5]).items()},
        )
        for row in rows
    )


def _fetch(db: Database, clause: str, values: list[Any]) -> list[Cooperation]:
    names = ["id", *_COLUMNS, "created_at", "updated_at"]
    rows = db.execute(f"select {', '.join(names)} from cooperation {clause}", values)
    return [_to_model(dict(zip(names, row, strict=True))) for row in rows]


def _to_model(values: dict[str, Any]) -> Cooperation:
    dates: dict[str, date | None] = {name: to_date(values[name]) for name in _DATES}
    times = {name: to_time(values[name]) for name in ("created_at", "updated_at")}
    return Cooperation(**{**values, **dates, **times})


def _values(cooperation: Cooperation) -> dict[str, Any]:
    values = {name: getattr(cooperation, name) for name in _COLUMNS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _stored(db: Database, cooperation_id: int) -> Cooperation:
    cooperation = get(db, cooperation_id)
    assert cooperation is not None
    return cooperation
