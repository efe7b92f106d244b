"""The random ids that stand in addresses, one a row; triggers of the schema make them."""

from sqlite_utils import Database

# Rows that carry their public id themselves.
_OWN = ("engagement", "interest", "suggestion")


def of(db: Database, kind: str, item_id: int) -> str | None:
    """Return the public id of a row, if it exists."""
    if kind in _OWN:
        row = db.execute(f"select public_id from {kind} where id = ?", (item_id,)).fetchone()
    else:
        row = db.execute("select public_id from public_id where kind = ? and item_id = ?", (kind, item_id)).fetchone()
    return None if row is None else str(row[0])


def find(db: Database, kind: str, public_id: str) -> int | None:
    """Return the id of the row that has this public id, if any."""
    if kind in _OWN:
        row = db.execute(f"select id from {kind} where public_id = ?", (public_id,)).fetchone()
    else:
        row = db.execute("select item_id from public_id where kind = ? and public_id = ?", (kind, public_id)).fetchone()
    return None if row is None else int(row[0])
