"""Accounts. Passwords are kept as hashes that only `password_hash` gives out."""

from typing import Any

from sqlite_utils import Database

from matcher.models import Page
from matcher.people import Account
from matcher.store.rows import now_text, to_time

COLUMNS = ("id", "public_id", "login", "name", "is_administrator", "is_demo", "locked_at", "created_at")


def select(alias: str) -> str:
    """Return the columns of an account, for queries that join it under `alias`."""
    return ", ".join([*(f"{alias}.{name}" for name in COLUMNS), f"{alias}.totp_secret <> ''"])


def model(row: Any) -> Account:
    """Return the account that the columns of `select` hold."""
    values = dict(zip([*COLUMNS, "has_second_factor"], row, strict=True))
    values |= {name: bool(values[name]) for name in ("is_administrator", "is_demo", "has_second_factor")}
    values |= {"locked_at": to_time(values["locked_at"]) if values["locked_at"] else None}
    return Account(**values | {"created_at": to_time(values["created_at"])})


def insert(
    db: Database, public_id: str, login: str, name: str, password_hash: str, is_administrator: bool, is_demo: bool
) -> Account:
    """Store a new account and return it."""
    db.execute(
        "insert into account (public_id, login, name, password_hash, is_administrator, is_demo, created_at)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        (public_id, login, name, password_hash, is_administrator, is_demo, now_text()),
    )
    stored = find(db, public_id)
    assert stored is not None
    return stored


def get(db: Database, account_id: int) -> Account | None:
    """Return the account with this number, if any."""
    return _first(db, "id", account_id)


def find(db: Database, public_id: str) -> Account | None:
    """Return the account with this public id, if any."""
    return _first(db, "public_id", public_id)


def find_by_login(db: Database, login: str) -> Account | None:
    """Return the account with this login, if any."""
    return _first(db, "login", login)


def has_name(db: Database, name: str) -> bool:
    """Return whether an account bears this name."""
    return _first(db, "name", name) is not None


def has_administrator(db: Database) -> bool:
    """Return whether there is an account that may administer."""
    return db.execute("select 1 from account where is_administrator = 1 limit 1").fetchone() is not None


def password_hash(db: Database, account_id: int) -> str:
    """Return the hash of the account's password."""
    return str(db.execute("select password_hash from account where id = ?", (account_id,)).fetchone()[0])


def set_password(db: Database, account_id: int, hashed: str) -> None:
    """Keep another password."""
    db.execute("update account set password_hash = ? where id = ?", (hashed, account_id))


def second_factor(db: Database, account_id: int) -> tuple[str, int]:
    """Return the secret of the second factor ("" without one) and the last half minute whose code was used."""
    row = db.execute("select totp_secret, totp_step from account where id = ?", (account_id,)).fetchone()
    return str(row[0]), int(row[1])


def set_second_factor(db: Database, account_id: int, secret: str, step: int) -> None:
    """Keep the secret of a second factor, or none, and the half minute whose code was used."""
    db.execute("update account set totp_secret = ?, totp_step = ? where id = ?", (secret, step, account_id))


def administrators(db: Database) -> int:
    """Return how many accounts may administer."""
    return len(administrator_ids(db))


def administrator_ids(db: Database) -> tuple[int, ...]:
    """Return the ids of the accounts that may administer."""
    rows = db.execute("select id from account where is_administrator = 1 and locked_at is null order by id")
    return tuple(row[0] for row in rows)


def set_locked(db: Database, account_id: int, locked: bool) -> None:
    """Lock or unlock the account."""
    db.execute("update account set locked_at = ? where id = ?", (now_text() if locked else None, account_id))


def remove(db: Database, account_id: int) -> None:
    """Remove an account that was not admitted anywhere, with all that hangs on it."""
    db.execute("delete from account where id = ?", (account_id,))


def listing(db: Database, text: str, number: int, size: int) -> Page[Account]:
    """Return page `number` (from 1) of the accounts whose login or name holds `text`, newest first."""
    where, values = "where (? = '' or instr(login || char(10) || name, ?))", [text, text]
    total: int = db.execute(f"select count(*) from account {where}", values).fetchone()[0]
    rows = db.execute(
        f"select {select('account')} from account {where} order by id desc limit ? offset ?",
        [*values, size, (number - 1) * size],
    )
    return Page(items=tuple(model(row) for row in rows), total=total, number=number, size=size)


def _first(db: Database, column: str, value: object) -> Account | None:
    row = db.execute(f"select {select('account')} from account where {column} = ?", (value,)).fetchone()
    return None if row is None else model(row)
