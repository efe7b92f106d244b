"""Organisations that joined a need of another one."""

from sqlite_utils import Database

from matcher.store.rows import now_text


def add(db: Database, need_id: int, organisation_id: int, actor: str) -> None:
    """Keep that an organisation has the same need."""
    db.execute("insert into need_joiner values (?, ?, ?, ?)", (need_id, organisation_id, now_text(), actor))


def remove(db: Database, need_id: int, organisation_id: int) -> None:
    """Keep no more that an organisation has the same need."""
    db.execute("delete from need_joiner where need_id = ? and organisation_id = ?", (need_id, organisation_id))


def of_need(db: Database, need_id: int) -> tuple[tuple[int, str], ...]:
    """Return (id, name) of the organisations that joined a need, in the order in which they did."""
    rows = db.execute(
        "select o.id, o.name from need_joiner j join organisation o on o.id = j.organisation_id"
        " where j.need_id = ? order by j.joined_at, o.id",
        (need_id,),
    )
    return tuple((row[0], row[1]) for row in rows)
