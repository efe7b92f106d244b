"""Collections of vectors outside this database: which is in force, and the newest change that it holds."""

from typing import NamedTuple

from sqlite_utils import Database

from matcher.models import Kind
from matcher.store.rows import Vector, now_text, to_vector, vector_blob


class SharedCollection(NamedTuple):
    """A collection at a place: the model and the mean (dim,) of its vectors, and the last revision written to it."""

    collection: str
    place: str
    kind: Kind
    model_id: str
    mean: Vector
    revision: int


def in_force(db: Database, place: str, kind: Kind) -> SharedCollection | None:
    """Return the collection that searches use, if there is one."""
    row = db.execute(
        "select collection, place, kind, model_id, mean, revision from shared_index"
        " where place = ? and kind = ? and state = 'in_force'",
        (place, kind),
    ).fetchone()
    return None if row is None else SharedCollection(row[0], row[1], row[2], row[3], to_vector(row[4]), row[5])


def begin(db: Database, made: SharedCollection) -> None:
    """Note a collection before it is made, so that it is not forgotten when its making is cut off."""
    db.execute(
        "insert into shared_index (collection, place, kind, model_id, mean, revision, state, changed_at)"
        " values (?, ?, ?, ?, ?, ?, 'building', ?)",
        (made.collection, made.place, made.kind, made.model_id, vector_blob(made.mean), made.revision, now_text()),
    )


def advance(db: Database, collection: str, before: int, after: int) -> bool:
    """Note that a collection in force holds the changes up to `after`; False when it is no more at `before`."""
    return (
        db.execute(
            "update shared_index set revision = ? where collection = ? and revision = ? and state = 'in_force'",
            (after, collection, before),
        ).rowcount
        == 1
    )


def retire(db: Database, place: str, kind: Kind) -> None:
    """Take the collection in force, if any, out of force."""
    db.execute(
        "update shared_index set state = 'retired', changed_at = ? where place = ? and kind = ? and state = 'in_force'",
        (now_text(), place, kind),
    )


def switch(db: Database, made: SharedCollection, revision: int) -> None:
    """Put a finished collection, which holds the changes up to `revision`, in the place of the one in force."""
    retire(db, made.place, made.kind)
    db.execute(
        "update shared_index set state = 'in_force', revision = ?, changed_at = ? where collection = ?",
        (revision, now_text(), made.collection),
    )


def retired(db: Database, place: str, kind: Kind, before: str) -> list[str]:
    """Return the collections that went out of force before a time."""
    return _names(db, place, kind, "state = 'retired' and changed_at < ?", [before])


def unfinished(db: Database, place: str, kind: Kind) -> list[str]:
    """Return the collections whose making was begun and not finished."""
    return _names(db, place, kind, "state = 'building'", [])


def postpone(db: Database, collection: str) -> None:
    """Count a collection that should be no more among those that just went out of force."""
    db.execute(
        "update shared_index set state = 'retired', changed_at = ? where collection = ?", (now_text(), collection)
    )


def forget(db: Database, collection: str) -> None:
    """Forget a collection that is no more."""
    db.execute("delete from shared_index where collection = ?", (collection,))


def _names(db: Database, place: str, kind: Kind, condition: str, values: list[str]) -> list[str]:
    rows = db.execute(
        f"select collection from shared_index where place = ? and kind = ? and {condition} order by changed_at",
        [place, kind, *values],
    )
    return [str(row[0]) for row in rows.fetchall()]
