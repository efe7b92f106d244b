"""The ordered list of changes that every process's indexes follow."""

from typing import Literal, NamedTuple

from sqlite_utils import Database

from matcher.models import Kind
from matcher.store.rows import now_text


class Revision(NamedTuple):
    """One change: `action` is saved, deleted or recentred (the kind's mean vector changed; item 0)."""

    id: int
    kind: Kind
    item_id: int
    action: str


def add(db: Database, kind: Kind | Literal["ranker"], item_id: int, action: str) -> None:
    """Note a change; it commits with the change itself. A ranker (item 0: the shipped one) is `installed` or `used`."""
    db.execute(
        "insert into revision (kind, item_id, action, at) values (?, ?, ?, ?)", (kind, item_id, action, now_text())
    )


def latest(db: Database) -> int:
    """Return the id of the newest change, 0 when there is none."""
    newest: int = db.execute("select coalesce(max(id), 0) from revision").fetchone()[0]
    return newest


def after(db: Database, seen: int, kind: Kind, up_to: int) -> list[Revision]:
    """Return the changes of `kind` with `seen` < id <= `up_to`, oldest first."""
    # Without the sign SQLite would rather read all revisions of the kind than those few.
    rows = db.execute(
        "select id, kind, item_id, action from revision where id > ? and id <= ? and +kind = ? order by id",
        (seen, up_to, kind),
    )
    return [Revision(*row) for row in rows]
