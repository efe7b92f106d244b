"""Small facts about the whole index, such as which model its vectors come from."""

from sqlite_utils import Database


def get(db: Database, key: str) -> str | None:
    """Return the value kept under `key`, if any."""
    row = db.execute("select value from search_state where key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def put(db: Database, key: str, value: str) -> None:
    """Keep `value` under `key`."""
    db.execute("insert or replace into search_state (key, value) values (?, ?)", (key, value))


def remove(db: Database, key: str) -> None:
    """Forget what is kept under `key`, if anything."""
    db.execute("delete from search_state where key = ?", (key,))
