"""Versions of needs and achievements. They can be added and read, never changed (triggers see to it)."""

from typing import Any

from sqlite_utils import Database

from matcher.models import Kind, Record
from matcher.record_content import Version, content_text, read_content, record_as_in
from matcher.store.rows import now_text, to_time

_COLUMNS = "number, actor, at, note, content"


def keep(db: Database, record: Record, actor: str, note: str = "") -> int:
    """Keep what a stored record says as its next version, unless it says what it said; return the present number.

    Inside the transaction that stores the record.
    """
    number = latest(db, record.kind, record.id)
    present = get(db, record.kind, record.id, number)
    if present is not None and record_as_in(present, record) == record:
        return number
    number += 1
    db.execute(
        "insert into record_version (kind, item_id, number, content, actor, at, note) values (?, ?, ?, ?, ?, ?, ?)",
        (record.kind, record.id, number, content_text(record), actor, now_text(), note),
    )
    return number


def latest(db: Database, kind: Kind, item_id: int) -> int:
    """Return the number of the present version; 0 for a record that is not there."""
    row = db.execute(
        "select max(number) from record_version where kind = ? and item_id = ?", (kind, item_id)
    ).fetchone()
    return int(row[0] or 0)


def get(db: Database, kind: Kind, item_id: int, number: int) -> Version | None:
    """Return one version, if it exists."""
    rows = db.execute(
        f"select {_COLUMNS} from record_version where kind = ? and item_id = ? and number = ?", (kind, item_id, number)
    )
    return next((_version(row) for row in rows), None)


def of_record(db: Database, kind: Kind, item_id: int) -> tuple[Version, ...]:
    """Return all versions of a record, newest first."""
    rows = db.execute(
        f"select {_COLUMNS} from record_version where kind = ? and item_id = ? order by number desc", (kind, item_id)
    )
    return tuple(_version(row) for row in rows)


def _version(row: tuple[Any, ...]) -> Version:
    number, actor, at, note, content = row
    return Version(number=number, actor=actor, at=to_time(at), note=note, content=read_content(content))
