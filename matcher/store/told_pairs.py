"""Pairs of need and achievement that an owner was told of: each once."""

from sqlite_utils import Database

from matcher.store.rows import now_text


def has(db: Database, need_id: int, achievement_id: int) -> bool:
    """Return whether somebody was told of the pair."""
    sql = "select 1 from told_pair where need_id = ? and achievement_id = ?"
    return db.execute(sql, (need_id, achievement_id)).fetchone() is not None


def add(db: Database, need_id: int, achievement_id: int) -> None:
    """Note that somebody was told of the pair."""
    db.execute("insert into told_pair values (?, ?, ?)", (need_id, achievement_id, now_text()))
