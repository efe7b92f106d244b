"""What is known of attached files; the files themselves lie in a folder."""

from typing import Any

from sqlite_utils import Database

from matcher.attachment import About, Attachment
from matcher.store.rows import now_text, to_time

_COLUMNS = (
    "id, public_id, about, about_id, name, media_type, size, sha256, stored_name, note, uploaded_by, created_at,"
    " removed_at, removed_by"
)


def add(db: Database, attachment: Attachment) -> None:
    """Keep a new row; its time is the present one."""
    names = [
        *("public_id", "about", "about_id", "name", "media_type", "size", "sha256", "stored_name", "note"),
        "uploaded_by",
    ]
    values = [getattr(attachment, name) for name in names]
    db.execute(
        f"insert into attachment ({', '.join(names)}, created_at) values ({', '.join('?' * (len(names) + 1))})",
        [*values, now_text()],
    )


def get(db: Database, public_id: str) -> Attachment | None:
    """Return the attachment with this public id, if any; one that was removed too."""
    return next(iter(_fetch(db, "where public_id = ?", [public_id])), None)


def of(db: Database, about: About, about_id: int) -> tuple[Attachment, ...]:
    """Return the attachments of a record, removed ones too, the oldest first."""
    return tuple(_fetch(db, "where about = ? and about_id = ? order by id", [about, about_id]))


def owners(db: Database, about: About) -> frozenset[int]:
    """Return the ids of the records of a kind that have a file which was not removed."""
    rows = db.execute("select distinct about_id from attachment where about = ? and removed_at is null", [about])
    return frozenset(row[0] for row in rows)


def set_removed(db: Database, public_id: str, actor: str) -> None:
    """Mark as removed, or, without an `actor`, as there again."""
    db.execute(
        "update attachment set removed_at = ?, removed_by = ? where public_id = ?",
        (now_text() if actor else None, actor, public_id),
    )


def stored_names(db: Database) -> frozenset[str]:
    """Return the names of all files that a row knows, removed ones too."""
    return frozenset(row[0] for row in db.execute("select stored_name from attachment"))


def _fetch(db: Database, clause: str, values: list[Any]) -> list[Attachment]:
    return [_model(row) for row in db.execute(f"select {_COLUMNS} from attachment {clause}", values)]


def _model(row: tuple[Any, ...]) -> Attachment:
    return Attachment(
        id=row[0],
        public_id=row[1],
        about=row[2],
        about_id=row[3],
        name=row[4],
        media_type=row[5],
        size=row[6],
        sha256=row[7],
        stored_name=row[8],
        note=row[9],
        uploaded_by=row[10],
        created_at=to_time(row[11]),
        removed_at=to_time(row[12]) if row[12] else None,
        removed_by=row[13],
    )
