"""What accounts are in which organisations."""

from typing import Any

from sqlite_utils import Database

from matcher.people import Membership
from matcher.store import accounts, inbox
from matcher.store.rows import now_text, to_time

_SELECT = (
    f"select m.organisation_id, o.name, o.is_pending, m.role, m.is_owner, m.state, m.created_at, {accounts.select('a')}"
    " from membership m join account a on a.id = m.account_id join organisation o on o.id = m.organisation_id"
)


def put(db: Database, account_id: int, organisation_id: int, role: str, is_owner: bool, state: str) -> None:
    """Keep what an account is in an organisation, replacing what it was there before."""
    db.execute(
        "insert into membership (account_id, organisation_id, role, is_owner, state, created_at)"
        " values (?, ?, ?, ?, ?, ?) on conflict (account_id, organisation_id)"
        " do update set role = excluded.role, is_owner = excluded.is_owner, state = excluded.state",
        (account_id, organisation_id, role, is_owner, state, now_text()),
    )


def remove(db: Database, account_id: int, organisation_id: int) -> None:
    """End a membership; what the account was told as a member goes with it."""
    inbox.forget_member(db, account_id, organisation_id)
    db.execute("delete from membership where account_id = ? and organisation_id = ?", (account_id, organisation_id))


def get(db: Database, account_id: int, organisation_id: int) -> Membership | None:
    """Return the membership, if there is one."""
    return next(iter(_fetch(db, "m.account_id = ? and m.organisation_id = ?", account_id, organisation_id)), None)


def of_account(db: Database, account_id: int) -> tuple[Membership, ...]:
    """Return the memberships of an account, oldest first."""
    return _fetch(db, "m.account_id = ?", account_id)


def of_organisation(db: Database, organisation_id: int) -> tuple[Membership, ...]:
    """Return the memberships in an organisation, oldest first."""
    return _fetch(db, "m.organisation_id = ?", organisation_id)


def brokers(db: Database) -> tuple[Membership, ...]:
    """Return the active members who are brokers, oldest first."""
    return _fetch(db, "m.role = 'broker' and m.state = 'active' and a.locked_at is null")


def pending(db: Database) -> tuple[Membership, ...]:
    """Return the memberships that wait to be admitted, oldest first."""
    return _fetch(db, "m.state = 'pending'")


def has_owner(db: Database, organisation_id: int) -> bool:
    """Return whether an organisation has somebody who manages its people."""
    return any(each.is_owner and each.state == "active" for each in of_organisation(db, organisation_id))


def counts(db: Database) -> tuple[tuple[int, str, str, int], ...]:
    """Return (id, name, kind, people) of each organisation that is admitted, those with most people first."""
    rows = db.execute(
        "select o.id, o.name, o.kind, count(m.account_id) from organisation o"
        " left join membership m on m.organisation_id = o.id and m.state = 'active'"
        " where o.is_pending = 0 group by o.id order by 4 desc, o.name"
    )
    return tuple((row[0], row[1], row[2], row[3]) for row in rows)


def _fetch(db: Database, condition: str, *values: Any) -> tuple[Membership, ...]:
    rows = db.execute(f"{_SELECT} where {condition} order by m.created_at, m.account_id", values)
    return tuple(_model(row) for row in rows)


def _model(row: Any) -> Membership:
    organisation_id, name, is_pending, role, is_owner, state, created_at, *account = row
    return Membership(
        account=accounts.model(account),
        organisation_id=organisation_id,
        organisation=name,
        organisation_is_pending=bool(is_pending),
        role=role,
        is_owner=bool(is_owner),
        state=state,
        created_at=to_time(created_at),
    )
