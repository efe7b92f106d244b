"""Rules by which brokers are given suggestions, and the level from which on each wants to see them."""

from typing import Any

from sqlite_utils import Database

from matcher.store.rows import list_text, now_text, to_tuple
from matcher.suggestion import AssignmentRule

IS_BROKER = (
    "a.locked_at is null and exists (select 1 from membership m where m.account_id = a.id"
    " and m.role = 'broker' and m.state = 'active')"
)
_SELECT = (
    "select r.account_id, a.name, r.fields, r.regions, r.cap, r.version"
    " from assignment_rule r join account a on a.id = r.account_id"
)


def in_force(db: Database) -> tuple[AssignmentRule, ...]:
    """Return the rules of those who are brokers at present and not locked, by account."""
    return tuple(_model(row) for row in db.execute(f"{_SELECT} where {IS_BROKER} order by a.id"))


def of_account(db: Database, account_id: int) -> AssignmentRule | None:
    """Return the rule of an account, if it has one."""
    row = db.execute(f"{_SELECT} where r.account_id = ?", (account_id,)).fetchone()
    return None if row is None else _model(row)


def put(db: Database, rule: AssignmentRule) -> None:
    """Keep the rule of an account, replacing the one before."""
    db.execute(
        "insert into assignment_rule (account_id, fields, regions, cap, updated_at) values (?, ?, ?, ?, ?)"
        " on conflict (account_id) do update set fields = excluded.fields, regions = excluded.regions,"
        " cap = excluded.cap, version = version + 1, updated_at = excluded.updated_at",
        (rule.account_id, list_text(rule.fields), list_text(rule.regions), rule.cap, now_text()),
    )


def remove(db: Database, account_id: int) -> None:
    """Forget the rule of an account."""
    db.execute("delete from assignment_rule where account_id = ?", (account_id,))


def brokers(db: Database) -> tuple[tuple[int, str, str], ...]:
    """Return (id, public id, name) of everybody who is a broker somewhere and not locked, by name."""
    rows = db.execute(f"select a.id, a.public_id, a.name from account a where {IS_BROKER} order by a.name")
    return tuple((row[0], row[1], row[2]) for row in rows)


def least_level(db: Database, account_id: int) -> int | None:
    """Return the level from which on somebody wants to see suggestions, if that was said."""
    row = db.execute("select least_level from desk_preference where account_id = ?", (account_id,)).fetchone()
    return None if row is None else int(row[0])


def put_least_level(db: Database, account_id: int, level: int) -> None:
    """Keep the level from which on somebody wants to see suggestions."""
    db.execute(
        "insert into desk_preference (account_id, least_level) values (?, ?)"
        " on conflict (account_id) do update set least_level = excluded.least_level",
        (account_id, level),
    )


def _model(row: Any) -> AssignmentRule:
    account_id, account, fields, regions, cap, version = row
    return AssignmentRule(
        account_id=account_id,
        account=account,
        fields=to_tuple(fields),
        regions=to_tuple(regions),
        cap=cap,
        version=version,
    )
