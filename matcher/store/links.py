"""One-time links. Only hashes of their tokens are kept; one that is used is gone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from matcher.people import Link
from matcher.store.rows import now_text, time_text, to_time

_COLUMNS = "public_id, purpose, account_id, organisation_id, role, is_owner, created_by, expires_at"


def add(db: Database, token_hash: str, link: Link) -> None:
    """Keep a new link; those that have expired are forgotten."""
    db.execute("delete from one_time_link where expires_at < ?", (now_text(),))
    db.execute(
        f"insert into one_time_link (token_hash, {_COLUMNS}, created_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            token_hash,
            link.public_id,
            link.purpose,
            link.account_id,
            link.organisation_id,
            link.role,
            link.is_owner,
            link.created_by,
            time_text(link.expires_at),
            now_text(),
        ),
    )


def find(db: Database, token_hash: str, purpose: str, now: datetime) -> Link | None:
    """Return the link with this token that still holds, if any."""
    sql = f"select {_COLUMNS} from one_time_link where token_hash = ? and purpose = ? and expires_at > ?"
    row = db.execute(sql, (token_hash, purpose, time_text(now))).fetchone()
    return None if row is None else _model(row)


def of_organisation(db: Database, organisation_id: int, now: datetime) -> tuple[Link, ...]:
    """Return the invitations into an organisation that still hold, newest first."""
    rows = db.execute(
        f"select {_COLUMNS} from one_time_link where organisation_id = ? and expires_at > ? order by created_at desc",
        (organisation_id, time_text(now)),
    )
    return tuple(_model(row) for row in rows)


def remove(db: Database, public_id: str) -> None:
    """Make a link worthless: it was used or withdrawn."""
    db.execute("delete from one_time_link where public_id = ?", (public_id,))


def remove_resets(db: Database, account_id: int) -> None:
    """Make all links for a new password of an account worthless."""
    db.execute("delete from one_time_link where purpose = 'reset' and account_id = ?", (account_id,))


def _model(row: Sequence[Any]) -> Link:
    public_id, purpose, account_id, organisation_id, role, is_owner, created_by, expires_at = row
    return Link(
        public_id=public_id,
        purpose=purpose,
        account_id=account_id,
        organisation_id=organisation_id,
        role=role,
        is_owner=bool(is_owner),
        created_by=created_by,
        expires_at=to_time(expires_at),
    )
