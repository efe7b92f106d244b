"""Confidential annexes, and which organisations asked to read one, accepted the statement, and were admitted."""

from sqlite_utils import Database

from matcher.confidentiality import Admission
from matcher.models import Kind
from matcher.store.rows import now_text, to_time


def content(db: Database, kind: Kind, item_id: int) -> str:
    """Return the annex of a record; "" when there is none."""
    row = db.execute("select content from annex where kind = ? and item_id = ?", (kind, item_id)).fetchone()
    return row[0] if row else ""


def put(db: Database, kind: Kind, item_id: int, text: str) -> None:
    """Keep the annex of a record in the place of the one before; an empty one is removed."""
    db.execute("delete from annex where kind = ? and item_id = ?", (kind, item_id))
    if text:
        db.execute("insert into annex values (?, ?, ?, ?)", (kind, item_id, text, now_text()))


def accept(db: Database, kind: Kind, item_id: int, organisation_id: int, statement: str, actor: str) -> None:
    """Note that somebody accepted the statement for an organisation; one that was admitted stays so."""
    db.execute(
        "insert into admission (kind, item_id, organisation_id, statement, accepted_at, accepted_by)"
        " values (?, ?, ?, ?, ?, ?) on conflict do update set statement = excluded.statement,"
        " accepted_at = excluded.accepted_at, accepted_by = excluded.accepted_by",
        (kind, item_id, organisation_id, statement, now_text(), actor),
    )


def set_admitted(db: Database, kind: Kind, item_id: int, organisation_id: int, actor: str) -> None:
    """Let an organisation in, or, without an `actor`, out again."""
    db.execute(
        "update admission set admitted_at = ?, admitted_by = ? where kind = ? and item_id = ? and organisation_id = ?",
        (now_text() if actor else None, actor, kind, item_id, organisation_id),
    )


def admissions(db: Database, kind: Kind, item_id: int) -> tuple[Admission, ...]:
    """Return who asked to read the annex of a record, the first one first."""
    rows = db.execute(
        "select a.organisation_id, o.name, statement, accepted_at, accepted_by, admitted_at, admitted_by"
        " from admission a join organisation o on o.id = a.organisation_id"
        " where a.kind = ? and item_id = ? order by accepted_at",
        (kind, item_id),
    )
    return tuple(
        Admission(
            organisation_id=row[0],
            organisation=row[1],
            statement=row[2],
            accepted_at=to_time(row[3]),
            accepted_by=row[4],
            admitted_at=to_time(row[5]) if row[5] else None,
            admitted_by=row[6],
        )
        for row in rows
    )


def forget(db: Database, kind: Kind, item_id: int) -> None:
    """Remove the annex of a record with all admissions."""
    for table in ("annex", "admission"):
        db.execute(f"delete from {table} where kind = ? and item_id = ?", (kind, item_id))
