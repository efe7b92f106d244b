"""What `matcher.columns` keeps of each record, read from an index that holds it all."""

from collections.abc import Iterator, Sequence

from sqlite_utils import Database

from matcher.columns import Row
from matcher.models import Kind
from matcher.store.rows import ids_text

_LOT = 20_000
_MICROSECONDS = "cast(strftime('%s', p.updated_at) as integer) * 1000000 + cast(substr(p.updated_at, 21, 6) as integer)"
_OWN = {
    "need": "p.need_kind, p.is_chokepoint, p.is_common_key,"
    f" {_MICROSECONDS}, coalesce(cast(julianday(p.deadline) as integer), 0)",
    "achievement": f"'', 0, 0, {_MICROSECONDS}, 0",
}
# Of organisations only the kind is asked for, which never changes.
_SELECT = (
    "select p.id, p.status, p.visibility, p.organisation_id, coalesce(o.kind, ''), p.named_ids, p.field, p.region,"
    " p.maturity, p.modes"
)


def every(db: Database, kind: Kind) -> Iterator[list[Row]]:
    """Yield all records in the order of their ids, some thousands at a time."""
    last = 0
    while rows := db.execute(
        f"{_SELECT}, {_OWN[kind]} from {kind} p indexed by {kind}_overview left join organisation o"
        " on o.id = p.organisation_id where p.id > ? order by p.id limit ?",
        (last, _LOT),
    ).fetchall():
        last = rows[-1][0]
        yield rows


def among(db: Database, kind: Kind, item_ids: Sequence[int]) -> list[Row]:
    """Return those of `item_ids` that exist, in the order of their ids."""
    # Without the sign SQLite would rather read the whole index in the order of ids.
    rows = db.execute(
        f"{_SELECT}, {_OWN[kind]} from {kind} p left join organisation o on o.id = p.organisation_id"
        " where p.id in (select value from json_each(?)) order by +p.id",
        [ids_text(item_ids)],
    )
    return rows.fetchall()
