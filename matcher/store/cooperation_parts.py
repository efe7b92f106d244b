"""The repeated parts of cooperation records, a table each, and how values become columns and come back."""

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from typing import Any

from sqlite_utils import Database

from matcher.cooperation import PARTS, Cooperation
from matcher.store.rows import to_date

_TABLES = {
    "parties": "cooperation_party",
    "payments": "cooperation_payment",
    "milestones": "cooperation_milestone",
    "outcomes": "cooperation_outcome",
}


def put(db: Database, cooperation: Cooperation) -> None:
    """Make the stored parts of a cooperation those that it has."""
    for name, table in _TABLES.items():
        columns = [item.name for item in fields(PARTS[name])]
        db.execute(f"delete from {table} where cooperation_id = ?", (cooperation.id,))
        marks = ", ".join("?" * (len(columns) + 2))
        db.conn.executemany(
            f"insert into {table} (cooperation_id, position, {', '.join(columns)}) values ({marks})",
            [
                (cooperation.id, position, *(column_of(getattr(part, column)) for column in columns))
                for position, part in enumerate(getattr(cooperation, name))
            ],
        )


def of(db: Database, ids: Iterable[int]) -> dict[int, dict[str, tuple[Any, ...]]]:
    """Return the parts of cooperations: by id, then by the name of the field."""
    wanted = list(ids)
    found: dict[int, dict[str, tuple[Any, ...]]] = {each: dict.fromkeys(_TABLES, ()) for each in wanted}
    for name, table in _TABLES.items():
        columns = [item.name for item in fields(PARTS[name])]
        rows = db.execute(
            f"select cooperation_id, {', '.join(columns)} from {table}"
            " where cooperation_id in (select value from json_each(?)) order by cooperation_id, position",
            (json.dumps(wanted),),
        )
        for owner, *values in rows:
            part = PARTS[name](**with_dates(dict(zip(columns, values, strict=True))))
            found[owner][name] = (*found[owner][name], part)
    return found


def column_of(value: Any) -> Any:
    """Return a value as a column holds it."""
    return value.isoformat() if isinstance(value, date) else value


def with_dates(values: dict[str, Any]) -> dict[str, Any]:
    """Return `values` with the texts of dates (all that end in _on) made dates."""
    return {name: to_date(value) if name.endswith("_on") else value for name, value in values.items()}
