"""Sessions of people who signed in. Only hashes of their tokens are kept."""

from typing import Any

from sqlite_utils import Database

from matcher.people import Session
from matcher.store import accounts
from matcher.store.rows import now_text, to_time

_SELECT = (
    "select s.public_id, s.organisation_id, s.created_at, s.seen_at, s.address, s.agent,"
    f" {accounts.select('a')} from session s join account a on a.id = s.account_id"
)


def add(
    db: Database,
    token_hash: str,
    public_id: str,
    account_id: int,
    organisation_id: int | None,
    address: str,
    agent: str,
) -> None:
    """Keep a new session."""
    db.execute(
        "insert into session (token_hash, public_id, account_id, organisation_id, created_at, seen_at, address, agent)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        (token_hash, public_id, account_id, organisation_id, now_text(), now_text(), address, agent),
    )


def find(db: Database, token_hash: str) -> Session | None:
    """Return the session with this token, if any, whether it still holds or not."""
    row = db.execute(f"{_SELECT} where s.token_hash = ?", (token_hash,)).fetchone()
    return None if row is None else _model(row)


def of_account(db: Database, account_id: int) -> tuple[Session, ...]:
    """Return the sessions of an account, the one used last first."""
    rows = db.execute(f"{_SELECT} where s.account_id = ? order by s.seen_at desc", (account_id,))
    return tuple(_model(row) for row in rows)


def touch(db: Database, public_id: str) -> None:
    """Note that a session is used."""
    db.execute("update session set seen_at = ? where public_id = ?", (now_text(), public_id))


def set_organisation(db: Database, public_id: str, organisation_id: int) -> None:
    """Let a session act for another organisation."""
    db.execute("update session set organisation_id = ? where public_id = ?", (organisation_id, public_id))


def remove(db: Database, account_id: int, public_id: str) -> None:
    """End one session of an account."""
    db.execute("delete from session where account_id = ? and public_id = ?", (account_id, public_id))


def remove_others(db: Database, account_id: int, kept: str = "") -> None:
    """End all sessions of an account but the one whose public id is `kept`."""
    db.execute("delete from session where account_id = ? and public_id <> ?", (account_id, kept))


def remove_older(db: Database, created_before: str, seen_before: str) -> None:
    """Forget sessions that have run out."""
    db.execute("delete from session where created_at < ? or seen_at < ?", (created_before, seen_before))


def _model(row: Any) -> Session:
    public_id, organisation_id, created_at, seen_at, address, agent, *account = row
    return Session(
        public_id=public_id,
        account=accounts.model(account),
        organisation_id=organisation_id,
        created_at=to_time(created_at),
        seen_at=to_time(seen_at),
        address=address,
        agent=agent,
    )
