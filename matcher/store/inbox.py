"""The notices of an account as it may read them now, its marks on them, and what it wants of each kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from matcher.models import Page
from matcher.notices import KINDS, OTHER, Notice, Preference, known_kind, usual
from matcher.policy import Role, Viewer
from matcher.store.rows import now_text, to_time

COLUMNS = "d.public_id, n.kind, n.words, n.about, n.about_id, n.created_at, d.read_at"
FROM = "from notice_delivery d join notice n on n.id = d.notice_id"
# What somebody was told as a member or a broker is theirs to read only while they are.
_MINE = (
    "d.account_id = ? and d.in_app = 1 and"
    " (d.route = 'account' or (d.route = 'organisation' and d.organisation_id = ?) or (d.route = 'brokers' and ?))"
)
MOST_COUNTED = 100


def model(row: tuple[Any, ...]) -> Notice:
    """Return the notice that the columns `COLUMNS` hold."""
    public_id, kind, words, about, about_id, created_at, read_at = row
    return Notice(
        public_id=public_id,
        kind=kind,
        words=words,
        about=about,
        about_id=about_id,
        created_at=to_time(created_at),
        read_at=to_time(read_at) if read_at else None,
    )


def listing(db: Database, viewer: Viewer, unread: bool, kind: str, number: int, size: int) -> Page[Notice]:
    """Return page `number` (from 1) of the viewer's notices, newest first; `kind` "" means any."""
    where, values = _narrowed(viewer, kind)
    where += " and (not ? or d.read_at is null)"
    values.append(unread)
    total = db.execute(f"select count(*) {FROM} where {where}", values).fetchone()[0]
    rows = db.execute(
        f"select {COLUMNS} {FROM} where {where} order by d.notice_id desc limit ? offset ?",
        [*values, size, (number - 1) * size],
    )
    return Page(items=tuple(map(model, rows)), total=total, number=number, size=size)


def unread(db: Database, viewer: Viewer) -> int:
    """Return how many notices the viewer has not read, MOST_COUNTED at most: counting stops there."""
    row = db.execute(
        "select count(*) from (select 1 from notice_delivery d indexed by notice_delivery_unread"
        f" where {_MINE} and d.read_at is null limit {MOST_COUNTED})",
        _of(viewer),
    ).fetchone()
    return int(row[0])


def kind_counts(db: Database, viewer: Viewer, unread: bool) -> dict[str, int]:
    """Return how many notices of each kind the viewer has, or has not read."""
    rows = db.execute(
        f"select n.kind, count(*) {FROM} where {_MINE} and (not ? or d.read_at is null) group by n.kind",
        [*_of(viewer), unread],
    )
    found: dict[str, int] = {}
    for kind, count in rows:
        found[known_kind(kind)] = found.get(known_kind(kind), 0) + count
    return found


def get(db: Database, viewer: Viewer, public_id: str) -> Notice | None:
    """Return the viewer's notice with this public id, if any."""
    row = db.execute(f"select {COLUMNS} {FROM} where {_MINE} and d.public_id = ?", [*_of(viewer), public_id]).fetchone()
    return None if row is None else model(row)


def mark(db: Database, public_id: str, read: bool) -> None:
    """Note that a notice was read, or that it counts as unread; one read before keeps its time."""
    db.execute(
        "update notice_delivery set read_at = case when ? then coalesce(read_at, ?) end where public_id = ?",
        (read, now_text(), public_id),
    )


def mark_all_read(db: Database, viewer: Viewer, kind: str) -> None:
    """Note that the viewer has read all notices, or all of a kind, that there are now."""
    where, values = _narrowed(viewer, kind)
    db.execute(
        "update notice_delivery set read_at = ? where public_id in"
        f" (select d.public_id {FROM} where {where} and d.read_at is null)",
        [now_text(), *values],
    )


def preferences(db: Database, account_id: int) -> dict[str, Preference]:
    """Return what an account wants of each kind, in the order of the kinds."""
    rows = db.execute("select kind, in_app, mail from notice_preference where account_id = ?", (account_id,))
    chosen = {kind: Preference(kind=kind, in_app=bool(in_app), mail=mail) for kind, in_app, mail in rows}
    return {kind: chosen.get(kind, usual(kind)) for kind in KINDS}


def prefer(db: Database, account_id: int, wanted: Sequence[Preference]) -> None:
    """Keep what an account wants; how it is mailed holds at once for notices that wait to be mailed as well.

    What was not to be mailed when it was made stays so.
    """
    for each in wanted:
        values = (account_id, each.kind, each.in_app, each.mail)
        db.execute(
            "insert or replace into notice_preference (account_id, kind, in_app, mail) values (?, ?, ?, ?)", values
        )
    modes = {each.kind: each.mail for each in wanted}
    for kind in _kinds_waiting(db, account_id):
        _remail(db, account_id, kind, modes)


def forget_member(db: Database, account_id: int, organisation_id: int) -> None:
    """Take back what an account was told as a member of an organisation."""
    db.execute(
        "delete from notice_delivery where account_id = ? and organisation_id = ?", (account_id, organisation_id)
    )


def _kinds_waiting(db: Database, account_id: int) -> list[str]:
    rows = db.execute(
        f"select distinct n.kind {FROM} where d.account_id = ? and d.mail_state = 'waiting'", [account_id]
    )
    return [row[0] for row in rows]


def _remail(db: Database, account_id: int, kind: str, modes: Mapping[str, str]) -> None:
    mode = modes.get(known_kind(kind))
    if mode:
        db.execute(
            "update notice_delivery set mail = ? where account_id = ? and mail_state = 'waiting' and mail <> 'no'"
            " and notice_id in (select id from notice where kind = ?)",
            (mode, account_id, kind),
        )


def _narrowed(viewer: Viewer, kind: str) -> tuple[str, list[Any]]:
    if not kind:
        return _MINE, _of(viewer)
    if kind in KINDS and kind != OTHER:
        return f"{_MINE} and n.kind = ?", [*_of(viewer), kind]
    marks = ", ".join("?" * len(KINDS))
    return f"{_MINE} and (n.kind = ? or n.kind not in ({marks}))", [*_of(viewer), kind, *KINDS]


def _of(viewer: Viewer) -> list[Any]:
    return [viewer.account_id, viewer.organisation_id, Role.BROKER in viewer.roles]
