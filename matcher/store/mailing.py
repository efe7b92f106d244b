"""Notices on their way into mails. What is claimed goes into one mail and is never claimed again unless released."""

from collections.abc import Sequence

from sqlite_utils import Database

from matcher.notices import MailMode, Notice
from matcher.store import inbox
from matcher.store.rows import now_text

# Whoever told somebody as a member or broker told them only while they are. What was read needs no mail.
_DUE = """d.mail_state = 'waiting' and d.read_at is null and n.created_at >= :oldest
    and ((d.mail = 'at_once' and n.created_at <= :at_once) or (d.mail = 'daily' and n.created_at < :daily)
        or (d.mail = 'weekly' and n.created_at < :weekly))
    and (d.tried_at is null or d.tried_at < :tried_before)
    and a.locked_at is null and instr(a.login, '@')
    and (d.route = 'account' or exists (select 1 from membership m where m.account_id = d.account_id
        and m.state = 'active' and ((d.route = 'organisation' and m.organisation_id = d.organisation_id)
            or (d.route = 'brokers' and m.role = 'broker'))))"""
_FROM = f"{inbox.FROM} join account a on a.id = d.account_id"
MOST_TRIES = 12


def bounds(due: dict[MailMode, str], oldest: str, tried_before: str) -> dict[str, str]:
    """Return what the queries below ask for: times, as they are stored."""
    return {"oldest": oldest, "tried_before": tried_before} | {str(mode): time for mode, time in due.items()}


def accounts_due(db: Database, when: dict[str, str]) -> tuple[tuple[int, str], ...]:
    """Return (id, login) of the accounts for which there is something to mail."""
    rows = db.execute(f"select distinct a.id, a.login {_FROM} where d.mail <> 'no' and {_DUE} order by a.id", when)
    return tuple((row[0], row[1]) for row in rows)


def claim(db: Database, account_id: int, when: dict[str, str]) -> tuple[Notice, ...]:
    """Return the notices that are to be mailed to an account, oldest first, and mark them: nobody else mails them."""
    rows = db.execute(
        f"select {inbox.COLUMNS} {_FROM} where d.account_id = :account and d.mail <> 'no' and {_DUE} order by n.id",
        {**when, "account": account_id},
    )
    found = tuple(inbox.model(row) for row in rows)
    _settle(db, found, "claimed")
    return found


def sent(db: Database, notices: Sequence[Notice]) -> None:
    """Note that the server took them."""
    _settle(db, notices, "sent")


def release(db: Database, notices: Sequence[Notice], counts: bool) -> None:
    """Let them be mailed later; one that `counts` was refused, and after MOST_TRIES of those it is given up."""
    for each in notices:
        db.execute(
            "update notice_delivery set tries = tries + ?, tried_at = ?,"
            " mail_state = case when tries + ? >= ? then 'failed' else 'waiting' end where public_id = ?",
            (counts, now_text() if counts else None, counts, MOST_TRIES, each.public_id),
        )


def state_counts(db: Database) -> dict[str, int]:
    """Return how many notices that somebody wants mailed are in each state."""
    rows = db.execute("select mail_state, count(*) from notice_delivery where mail <> 'no' group by mail_state")
    return {row[0]: row[1] for row in rows}


def _settle(db: Database, notices: Sequence[Notice], state: str) -> None:
    for each in notices:
        db.execute("update notice_delivery set mail_state = ? where public_id = ?", (state, each.public_id))
