"""Needs and achievements: both kinds are kept alike, in a table named after the kind."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlite_utils import Database

from matcher.models import Achievement, Filters, Kind, Need, Record, Status
from matcher.policy import Sight
from matcher.store.filtering import where_clause
from matcher.store.rows import ids_text, list_text, now_text, to_date, to_time, to_tuple

_SHARED = (
    *("external_id", "organisation_id", "title", "description", "indicators", "field", "keywords", "maturity"),
    *(
        "modes",
        "region",
        "summary",
        "visibility",
        "named_ids",
        "shows_organisation",
        "status",
        "valid_until",
        "close_reason",
        "on_behalf_by",
        "is_demo",
        "created_at",
        "updated_at",
    ),
)
_OWN = {
    "need": [
        *("need_kind", "is_chokepoint", "is_common_key", "conditions", "present_state", "decision_owner"),
        *("budget_yuan", "deadline"),
    ],
    "achievement": ["ip_kind", "ip_number", "asking_price_yuan", "team"],
}
_DATES = {"deadline", "valid_until"}
_YES_OR_NO = {"is_demo", "shows_organisation", "is_chokepoint", "is_common_key"}
_MODELS: dict[Kind, type[Need] | type[Achievement]] = {"need": Need, "achievement": Achievement}

SORTS = {
    "newest": "p.updated_at desc, p.id desc",
    "oldest": "p.updated_at, p.id",
    "title": "p.title, p.id",
    "deadline": "p.deadline is null, p.deadline, p.id desc",
    "maturity": "p.maturity is null, p.maturity desc, p.id desc",
}


def sorts(kind: Kind) -> tuple[str, ...]:
    """Return the names of the orders in which `kind` can be listed."""
    return tuple(name for name in SORTS if name != "deadline" or kind == "need")


def get(db: Database, kind: Kind, item_id: int) -> Record | None:
    """Return the record with this id, if any."""
    return next(iter(get_many(db, kind, [item_id])), None)


def get_many(db: Database, kind: Kind, item_ids: Sequence[int]) -> tuple[Record, ...]:
    """Return the records that exist, in the order of `item_ids`."""
    marks = ", ".join("?" * len(item_ids))
    rows = db.execute(f"{_select(kind)} where p.id in ({marks})", list(item_ids))
    found = {record.id: record for record in _records(kind, rows)}
    return tuple(found[item_id] for item_id in item_ids if item_id in found)


def find_external(db: Database, kind: Kind, external_id: str) -> Record | None:
    """Return the record that carries this id from outside, if any; the empty id belongs to none.

    Saying so lets SQLite use the index, which leaves empty ids out.
    """
    rows = db.execute(f"{_select(kind)} where p.external_id = ? and p.external_id <> ''", (external_id,))
    return next(iter(_records(kind, rows)), None)


def insert(db: Database, record: Record) -> Record:
    """Store a new record; return it with its id and times."""
    values = _columns(record) | dict.fromkeys(("created_at", "updated_at"), now_text())
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    cursor = db.execute(f"insert into {record.kind} ({names}) values ({marks})", list(values.values()))
    return _stored(db, record.kind, int(cursor.lastrowid or 0))


def update(db: Database, record: Record) -> Record:
    """Overwrite the record with the same id; return it with its new time."""
    values = _columns(record) | {"updated_at": now_text()}
    assignments = ", ".join(f"{name} = ?" for name in values)
    db.execute(f"update {record.kind} set {assignments} where id = ?", [*values.values(), record.id])
    return _stored(db, record.kind, record.id)


def set_status(db: Database, record: Record, status: Status) -> Record:
    """Change the status alone; return the record as it now is."""
    return update(db, replace(record, status=status))


def delete(db: Database, kind: Kind, item_id: int) -> None:
    """Remove a record and its verdicts."""
    db.execute(f"delete from {kind} where id = ?", (item_id,))


def every(db: Database, kind: Kind, filters: Filters, sort: str, sight: Sight | None = None) -> Iterator[Record]:
    """Yield the records in `sight` that pass `filters` as they are at this moment, in order, one by one."""
    where, values = where_clause(kind, filters, sight)
    for row in db.execute(f"{_select(kind)} where {where} order by {_order(kind, sort)}", values):
        yield from _records(kind, [row])


def ids(db: Database, kind: Kind, filters: Filters) -> list[int]:
    """Return the ids of the records that pass `filters`, in order."""
    where, values = where_clause(kind, filters)
    rows = db.execute(f"select p.id from {_joined(kind)} where {where} order by p.id", values)
    return [row[0] for row in rows]


def by_title(db: Database, kind: Kind, item_ids: Sequence[int], first: int, size: int) -> list[int]:
    """Return `size` of `item_ids` from place `first` on (from 0) in the order of their titles, ties by id."""
    rows = db.execute(
        f"select id from {kind} where id in (select value from json_each(?)) order by title, id limit ? offset ?",
        [ids_text(item_ids), size, first],
    )
    return [row[0] for row in rows]


def every_by_title(db: Database, kind: Kind) -> Iterator[int]:
    """Yield all ids in the order of titles, ties by id, as they are at this moment."""
    for row in db.execute(f"select id from {kind} order by title, id"):
        yield row[0]


def _order(kind: Kind, sort: str) -> str:
    return SORTS[sort if sort in sorts(kind) else "newest"]


def expired(db: Database, kind: Kind, day: date, most: int) -> tuple[Record, ...]:
    """Return at most `most` published records whose last day was before `day`."""
    rows = db.execute(
        f"{_select(kind)} where p.status = 'published' and p.valid_until < ? order by p.id limit ?",
        (day.isoformat(), most),
    )
    return tuple(_records(kind, rows))


def expiring(db: Database, kind: Kind, day: date) -> tuple[Record, ...]:
    """Return the published records of organisations whose last day is `day` or before and who were not told of it."""
    rows = db.execute(
        f"{_select(kind)} where p.status = 'published' and p.valid_until <= ? and p.expiry_told <> p.valid_until"
        " and p.organisation_id is not null order by p.id",
        (day.isoformat(),),
    )
    return tuple(_records(kind, rows))


def note_told(db: Database, record: Record) -> None:
    """Keep that the owner was told of the present last day of a record."""
    db.execute(f"update {record.kind} set expiry_told = valid_until where id = ?", (record.id,))


def _joined(kind: Kind) -> str:
    return f"{kind} p left join organisation o on o.id = p.organisation_id"


def _select(kind: Kind) -> str:
    columns = ", ".join(f"p.{name}" for name in ["id", *_SHARED, *_OWN[kind]])
    return f"select {columns}, coalesce(o.name, ''), coalesce(o.kind, '') from {_joined(kind)}"


def _records(kind: Kind, rows: Any) -> list[Record]:
    names = ["id", *_SHARED, *_OWN[kind], "organisation", "organisation_kind"]
    return [_to_model(kind, dict(zip(names, row, strict=True))) for row in rows]


def _to_model(kind: Kind, values: dict[str, Any]) -> Record:
    for name in ("indicators", "keywords", "modes", "named_ids"):
        values[name] = to_tuple(values[name])
    for name in _YES_OR_NO & values.keys():
        values[name] = bool(values[name])
    for name in ("created_at", "updated_at"):
        values[name] = to_time(values[name])
    for name in _DATES & values.keys():
        values[name] = to_date(values[name])
    return _MODELS[kind](**values)


def _columns(record: Record) -> dict[str, Any]:
    names = [name for name in [*_SHARED, *_OWN[record.kind]] if name not in ("created_at", "updated_at")]
    values = {name: getattr(record, name) for name in names}
    for name in ("indicators", "keywords", "modes", "named_ids"):
        values[name] = list_text(values[name])
    for name in _DATES & values.keys():
        values[name] = values[name] and values[name].isoformat()
    return values


def _stored(db: Database, kind: Kind, item_id: int) -> Record:
    record = get(db, kind, item_id)
    assert record is not None
    return record
