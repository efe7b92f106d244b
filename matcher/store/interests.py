"""Expressions of interest. One that ran out unanswered reads as expired; nothing has to run for that."""

from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from matcher.interest import OPEN, Interest, Questions
from matcher.models import Kind, Page
from matcher.store.rows import now_text, time_text, to_time

_COLUMNS = (
    "i.id, i.public_id, i.kind, i.item_id, i.organisation_id, a.name, i.owner_id, o.name, i.broker_id, i.asked_by,"
    " i.why, i.offer, i.expectation, i.contact, i.owner_contact, i.state, i.reason, i.note, i.created_at,"
    " i.expires_at, i.reminded_at, i.decided_at, i.decided_by"
)
_FROM = "from interest i join organisation a on a.id = i.organisation_id join organisation o on o.id = i.owner_id"
_IS_OPEN = f"i.state in ({', '.join(repr(state) for state in OPEN)})"
# What was taken back before it was passed on, or after, is nothing to its owner.
_OF_PARTY = (
    "(? is null or i.organisation_id = ? or (i.owner_id = ? and i.broker_id is not null and i.state <> 'withdrawn'))"
)


def add(
    db: Database,
    public_id: str,
    record: tuple[Kind, int],
    parties: tuple[int, int],
    asked_by: str,
    questions: Questions,
    expires_at: datetime,
) -> int:
    """Keep a new interest of the first of `parties` in a record of the second; return its id."""
    texts = (questions.why, questions.offer, questions.expectation, questions.contact)
    values = (public_id, *record, *parties, asked_by, *texts, "new", now_text(), time_text(expires_at))
    cursor = db.execute(
        "insert into interest (public_id, kind, item_id, organisation_id, owner_id, asked_by, why, offer, expectation,"
        f" contact, state, created_at, expires_at) values ({', '.join('?' * len(values))})",
        values,
    )
    return int(cursor.lastrowid or 0)


def get(db: Database, public_id: str) -> Interest | None:
    """Return the interest with this public id, if any."""
    return next(iter(_fetch(db, "where i.public_id = ?", [public_id])), None)


def standing(db: Database, kind: Kind, item_id: int, organisation_id: int) -> Interest | None:
    """Return the interest of an organisation in a record that waits or was agreed to, if any."""
    found = _fetch(
        db,
        "where i.kind = ? and i.item_id = ? and i.organisation_id = ? order by i.id",
        [kind, item_id, organisation_id],
    )
    return next((each for each in found if each.is_open or each.state == "accepted"), None)


def change(db: Database, interest_id: int, **values: Any) -> None:
    """Overwrite columns of an interest."""
    assignments = ", ".join(f"{name} = ?" for name in values)
    db.execute(f"update interest set {assignments} where id = ?", [*values.values(), interest_id])


def listing(db: Database, party_id: int | None, waiting: bool, number: int, size: int) -> Page[Interest]:
    """Return page `number` (from 1), newest first: of one organisation's or all, all or those that wait.

    The owner of a record sees an interest in it once a broker has forwarded it.
    """
    where = f"where {_OF_PARTY} and (not ? or ({_IS_OPEN} and i.expires_at > ?))"
    values = [party_id, party_id, party_id, waiting, now_text()]
    total = db.execute(f"select count(*) {_FROM} {where}", values).fetchone()[0]
    found = _fetch(db, f"{where} order by i.id desc limit ? offset ?", [*values, size, (number - 1) * size])
    return Page(items=tuple(found), total=total, number=number, size=size)


def waiting_for(db: Database, owner_id: int | None) -> int:
    """Return how many interests wait for an answer of the owner; for None, how many wait for a broker."""
    state, owned = ("new", "1") if owner_id is None else ("forwarded", "i.owner_id = ?")
    values = [state, now_text(), *([] if owner_id is None else [owner_id])]
    row = db.execute(f"select count(*) {_FROM} where i.state = ? and i.expires_at > ? and {owned}", values).fetchone()
    return int(row[0])


def expiring(db: Database, before: datetime) -> tuple[Interest, ...]:
    """Return the open interests that run out before a time and whose answerer was not told so."""
    clause = f"where {_IS_OPEN} and i.expires_at > ? and i.expires_at <= ? and i.expiry_told <> i.expires_at"
    return tuple(_fetch(db, f"{clause} order by i.id", [now_text(), time_text(before)]))


def note_expiry_told(db: Database, interest_id: int) -> None:
    """Note that whoever has to answer was told when it runs out; with a new time of expiry it is news again."""
    db.execute("update interest set expiry_told = expires_at where id = ?", (interest_id,))


def forget(db: Database, kind: Kind, item_id: int) -> None:
    """Remove the interests in a record."""
    db.execute("delete from interest where kind = ? and item_id = ?", (kind, item_id))


def _fetch(db: Database, clause: str, values: list[Any]) -> list[Interest]:
    return [_model(row) for row in db.execute(f"select {_COLUMNS} {_FROM} {clause}", values)]


def _model(row: tuple[Any, ...]) -> Interest:
    expires_at = to_time(row[19])
    has_run_out = row[15] in OPEN and expires_at <= datetime.now(UTC)
    return Interest(
        id=row[0],
        public_id=row[1],
        kind=row[2],
        item_id=row[3],
        organisation_id=row[4],
        organisation=row[5],
        owner_id=row[6],
        owner=row[7],
        broker_id=row[8],
        asked_by=row[9],
        questions=Questions(why=row[10], offer=row[11], expectation=row[12], contact=row[13]),
        owner_contact=row[14],
        state="expired" if has_run_out else row[15],
        reason=row[16],
        note=row[17],
        created_at=to_time(row[18]),
        expires_at=expires_at,
        reminded_at=to_time(row[20]) if row[20] else None,
        decided_at=to_time(row[21]) if row[21] else None,
        decided_by=row[22],
    )
