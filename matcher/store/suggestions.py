"""Suggested pairs: made once a pair, given to brokers, taken, dismissed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlite_utils import Database

from matcher.engagement import SETTLED
from matcher.models import Candidate, Kind
from matcher.store.assignment_rules import IS_BROKER
from matcher.store.rows import now_text, to_time
from matcher.suggestion import OPEN, Suggestion

_COLUMNS = (
    "s.id, s.public_id, s.need_id, s.achievement_id, s.level, s.probability, s.rank, s.ranker_version, s.made_at,"
    " s.state, s.owner_id, coalesce(a.name, ''), s.decided_at, s.decided_by, s.reason, s.note, s.verdict_id"
)
SELECT = f"select {_COLUMNS} from suggestion s left join account a on a.id = s.owner_id"
_IS_OPEN = f"state in ({', '.join(repr(state) for state in OPEN)})"
# A pair that somebody carries or has carried stands among the engagements, no more on the desk.
IS_CARRIED = "exists (select 1 from engagement e where e.need_id = s.need_id and e.achievement_id = s.achievement_id)"
_CHANGED = (
    "from revision r where r.id > ? and r.kind in ('need', 'achievement') and r.action = 'saved'"
    " and not exists (select 1 from revision l where l.kind = r.kind and l.item_id = r.item_id and l.id > r.id)"
)


class Change(NamedTuple):
    """The newest saving of a record, by its revision."""

    revision: int
    kind: Kind
    item_id: int


def next_change(db: Database, after: int) -> Change | None:
    """Return the oldest change after a revision of a record that has not changed again since, if any."""
    row = db.execute(f"select r.id, r.kind, r.item_id {_CHANGED} order by r.id limit 1", (after,)).fetchone()
    return None if row is None else Change(*row)


def count_changes(db: Database, after: int) -> int:
    """Return how many records have changed after a revision."""
    return int(db.execute(f"select count(*) {_CHANGED}", (after,)).fetchone()[0])


def add(db: Database, public_id: str, pair: tuple[int, int], found: Candidate, rank: int, ranker: str) -> bool:
    """Keep a pair of (need, achievement) unless it was suggested or carried before, or one is not published now."""
    cursor = db.execute(
        "insert or ignore into suggestion (public_id, need_id, achievement_id, level, probability, rank,"
        " ranker_version, made_at) select ?, n.id, a.id, ?, ?, ?, ?, ? from need n, achievement a"
        " where n.id = ? and a.id = ? and n.status = 'published' and a.status = 'published'"
        " and not exists (select 1 from engagement e where e.need_id = n.id and e.achievement_id = a.id)",
        (public_id, found.level, found.probability, rank, ranker, now_text(), *pair),
    )
    return cursor.rowcount == 1


def get(db: Database, public_id: str) -> Suggestion | None:
    """Return the suggestion with this public id, if any."""
    return next(iter(fetch(db, "where s.public_id = ?", [public_id])), None)


def of_pair(db: Database, need_id: int, achievement_id: int) -> Suggestion | None:
    """Return the suggestion of a pair, if there is one."""
    return next(iter(fetch(db, "where s.need_id = ? and s.achievement_id = ?", [need_id, achievement_id])), None)


def change(db: Database, suggestion_id: int, **values: Any) -> None:
    """Overwrite columns of a suggestion."""
    assignments = ", ".join(f"{name} = ?" for name in values)
    db.execute(f"update suggestion set {assignments} where id = ?", [*values.values(), suggestion_id])


def reopen_judged(db: Database, verdict_id: int) -> None:
    """Bring back the suggestion that a verdict dismissed, if it did."""
    db.execute(
        "update suggestion set state = 'new', reason = '', note = '', verdict_id = null"
        " where verdict_id = ? and state = 'dismissed'",
        (verdict_id,),
    )


def left(db: Database) -> list[Suggestion]:
    """Return the open suggestions of those who are neither brokers nor administrators any more, or locked."""
    holds = f"(a.is_administrator = 1 and a.locked_at is null or {IS_BROKER})"
    return fetch(
        db,
        f"where s.{_IS_OPEN} and s.owner_id is not null and not {IS_CARRIED}"
        f" and not exists (select 1 from account a where a.id = s.owner_id and {holds})",
        [],
    )


def open_counts(db: Database) -> dict[int, int]:
    """Return account id → how many open pairs it has: suggestions and engagements, each pair once.

    Accounts without one are left out.
    """
    rows = db.execute(
        "select broker_id, count(*) from ("
        f" select s.owner_id as broker_id from suggestion s where s.{_IS_OPEN} and not {IS_CARRIED}"
        " union all select broker_id from engagement where state not in (?, ?))"
        " where broker_id is not null group by broker_id",
        SETTLED,
    )
    return {row[0]: row[1] for row in rows}


def made_after(db: Database, suggestion_id: int) -> dict[int | None, int]:
    """Return owner (None: everyone) → how many suggestions behind the given one are still new."""
    rows = db.execute(
        "select owner_id, count(*) from suggestion where id > ? and state = 'new' group by owner_id", (suggestion_id,)
    )
    return {row[0]: row[1] for row in rows}


def newest_id(db: Database) -> int:
    """Return the id of the newest suggestion, 0 without any."""
    return int(db.execute("select coalesce(max(id), 0) from suggestion").fetchone()[0])


def fetch(db: Database, clause: str, values: Sequence[Any]) -> list[Suggestion]:
    """Return the suggestions that a clause on `s` leaves, in its order."""
    return [_model(row) for row in db.execute(f"{SELECT} {clause}", list(values))]


def _model(row: Any) -> Suggestion:
    return Suggestion(
        id=row[0],
        public_id=row[1],
        need_id=row[2],
        achievement_id=row[3],
        level=row[4],
        probability=row[5],
        rank=row[6],
        ranker_version=row[7],
        made_at=to_time(row[8]),
        state=row[9],
        owner_id=row[10],
        owner=row[11],
        decided_at=to_time(row[12]) if row[12] else None,
        decided_by=row[13],
        reason=row[14],
        note=row[15],
        verdict_id=row[16],
    )
