"""Cooperation records: kept, listed, numbered."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlite_utils import Database

from matcher.controlled_lists import regions
from matcher.cooperation import PARTS, Cooperation, CooperationFilters
from matcher.models import Kind, Page
from matcher.store import cooperation_parts
from matcher.store.rows import now_text, to_time

_COLUMNS = tuple(
    item.name for item in fields(Cooperation) if item.name not in {"id", "created_at", "updated_at", *PARTS}
)
_SORTS = {
    "newest": "id desc",
    "signed": "signed_on is null, signed_on desc, id desc",
    "amount": "amount_yuan is null, amount_yuan desc, id desc",
    "filed": "filed_on is null, filed_on desc, filing_number desc, id desc",
    "ends": "ends_on is null, ends_on, id desc",
}
SORTS = tuple(_SORTS)
_READ_AT_ONCE = 500
_OF_PARTY = (
    "(? is null or exists (select 1 from cooperation_party p"
    " where p.cooperation_id = cooperation.id and p.organisation_id = ?))"
)
_PARTY_NAMED = "exists (select 1 from cooperation_party p where p.cooperation_id = cooperation.id and instr(p.name, ?))"


def get(db: Database, cooperation_id: int) -> Cooperation | None:
    """Return the cooperation with this id, if any."""
    return next(iter(_fetch(db, "where id = ?", [cooperation_id])), None)


def insert(db: Database, cooperation: Cooperation) -> Cooperation:
    """Store a new cooperation; return it with its id and times."""
    values = _values(cooperation) | dict.fromkeys(("created_at", "updated_at"), now_text())
    marks = ", ".join("?" * len(values))
    cursor = db.execute(f"insert into cooperation ({', '.join(values)}) values ({marks})", list(values.values()))
    return _with_parts(db, cooperation, int(cursor.lastrowid or 0))


def update(db: Database, cooperation: Cooperation) -> Cooperation:
    """Overwrite the cooperation with the same id; return it with its new time."""
    values = _values(cooperation) | {"updated_at": now_text()}
    assignments = ", ".join(f"{name} = ?" for name in values)
    db.execute(f"update cooperation set {assignments} where id = ?", [*values.values(), cooperation.id])
    return _with_parts(db, cooperation, cooperation.id)


def listing(
    db: Database, filters: CooperationFilters, sort: str = "newest", number: int = 1, size: int = 20
) -> Page[Cooperation]:
    """Return page `number` (from 1) of the cooperations that pass `filters`."""
    where, values = _where(filters)
    total: int = db.execute(f"select count(*) from cooperation {where}", values).fetchone()[0]
    order = _SORTS.get(sort, _SORTS["newest"])
    found = _fetch(db, f"{where} order by {order} limit ? offset ?", [*values, size, (number - 1) * size])
    return Page(items=tuple(found), total=total, number=number, size=size)


def every(db: Database, filters: CooperationFilters, sort: str) -> Iterator[Cooperation]:
    """Yield the cooperations that pass `filters` at this moment, in order; they are read some hundreds at a time."""
    where, values = _where(filters)
    order = _SORTS.get(sort, _SORTS["newest"])
    ids = [row[0] for row in db.execute(f"select id from cooperation {where} order by {order}", values)]
    for start in range(0, len(ids), _READ_AT_ONCE):
        some = ids[start : start + _READ_AT_ONCE]
        found = {each.id: each for each in _fetch(db, f"where id in ({', '.join('?' * len(some))})", some)}
        yield from (found[each] for each in some if each in found)


def of_record(db: Database, kind: Kind, item_id: int) -> tuple[Cooperation, ...]:
    """Return the cooperations linked to a need or achievement, newest first."""
    column = "need_id" if kind == "need" else "achievement_id"
    return tuple(_fetch(db, f"where {column} = ? order by id desc", [item_id]))


def state_counts(db: Database, party_id: int | None = None) -> dict[str, int]:
    """Return how many cooperations, with `party_id` of that organisation, are in each state."""
    counted = f"select state, count(*) from cooperation where {_OF_PARTY} group by state"
    return dict(db.execute(counted, [party_id] * 2).fetchall())


def years(db: Database) -> tuple[int, ...]:
    """Return the years in which recorded cooperations were signed, newest first."""
    sql = "select distinct cast(substr(signed_on, 1, 4) as integer) from cooperation where signed_on is not null"
    return tuple(row[0] for row in db.execute(f"{sql} order by 1 desc"))


def next_filing(db: Database, region: str, year: int) -> int:
    """Return the next number of a region and year; a transaction that is undone gives it back."""
    row = db.execute(
        "insert into filing_counter (region, year, last) values (?, ?, 1)"
        " on conflict (region, year) do update set last = last + 1 returning last",
        (region, year),
    ).fetchone()
    return int(row[0])


def _where(filters: CooperationFilters) -> tuple[str, list[Any]]:
    conditions = [_OF_PARTY]
    values: list[Any] = [filters.party_id] * 2
    equal = {name: getattr(filters, name) for name in ("state", "kind", "contract_type", "direction")}
    for name, value in equal.items():
        if value:
            conditions.append(f"{name} = ?")
            values.append(value)
    if filters.region:
        within = regions().within(filters.region)
        conditions.append(f"region in ({', '.join('?' * len(within))})")
        values += within
    if filters.year is not None:
        conditions.append("substr(signed_on, 1, 4) = ?")
        values.append(f"{filters.year:04d}")
    if filters.text:
        conditions.append(f"(instr(title || char(10) || filing_number, ?) or {_PARTY_NAMED})")
        values += [filters.text] * 2
    if filters.party:
        conditions.append(_PARTY_NAMED)
        values.append(filters.party)
    return f"where {' and '.join(conditions)}", values


def _fetch(db: Database, clause: str, values: Sequence[Any]) -> list[Cooperation]:
    names = ["id", *_COLUMNS, "created_at", "updated_at"]
    rows = db.execute(f"select {', '.join(names)} from cooperation {clause}", values).fetchall()
    parts = cooperation_parts.of(db, [row[0] for row in rows])
    return [_to_model(dict(zip(names, row, strict=True)), parts[row[0]]) for row in rows]


def _to_model(values: dict[str, Any], parts: dict[str, Any]) -> Cooperation:
    times = {name: to_time(values[name]) for name in ("created_at", "updated_at")}
    return Cooperation(**{**cooperation_parts.with_dates(values), **times, **parts})


def _values(cooperation: Cooperation) -> dict[str, Any]:
    return {name: cooperation_parts.column_of(getattr(cooperation, name)) for name in _COLUMNS}


def _with_parts(db: Database, cooperation: Cooperation, cooperation_id: int) -> Cooperation:
    """Store the parts of a row just written; return the whole as it is stored."""
    cooperation_parts.put(db, replace(cooperation, id=cooperation_id))
    stored = get(db, cooperation_id)
    assert stored is not None
    return stored
