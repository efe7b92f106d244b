"""What people are told of: written in the transaction of the change that it tells of."""

from typing import Literal

from sqlite_utils import Database

from matcher.notices import usual
from matcher.store.rows import now_text

About = Literal["need", "achievement", "interest", "engagement", "cooperation", "suggestion", "organisation"]

_MEMBERS = "select account_id from membership where state = 'active' and {0}"


def add(
    db: Database,
    kind: str,
    words: str,
    about: tuple[About, int],
    organisation_id: int | None = None,
    account_id: int | None = None,
) -> None:
    """Tell one account, all people of one organisation, or, with neither, all brokers.

    Those who are told are those of this moment: who joins later does not read what was before.
    `words` hold nothing that its readers may not read.
    """
    cursor = db.execute(
        "insert into notice (kind, words, about, about_id, organisation_id, account_id, created_at)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        (kind, words, *about, organisation_id, account_id, now_text()),
    )
    if account_id is not None:
        _deliver(db, cursor.lastrowid, kind, "account", "?", account_id)
    elif organisation_id is not None:
        _deliver(db, cursor.lastrowid, kind, "organisation", _MEMBERS.format("organisation_id = ?"), organisation_id)
    else:
        _deliver(db, cursor.lastrowid, kind, "brokers", _MEMBERS.format("role = ?"), "broker")


def told_since(db: Database, kind: str, organisation_id: int, since: str) -> int:
    """Return how many notices of a kind an organisation got from a time on."""
    row = db.execute(
        "select count(*) from notice where organisation_id = ? and kind = ? and created_at >= ?",
        (organisation_id, kind, since),
    ).fetchone()
    return int(row[0])


def _deliver(db: Database, notice_id: int | None, kind: str, route: str, receivers: str, whose: object) -> None:
    """Put the notice before each of the accounts that `receivers` selects, as they want such notices."""
    default = usual(kind)
    db.execute(
        "insert into notice_delivery (account_id, notice_id, public_id, route, organisation_id, in_app, mail)"
        " select a.id, ?, lower(hex(randomblob(9))), ?, ?, coalesce(p.in_app, ?), coalesce(p.mail, ?)"
        " from account a left join notice_preference p on p.account_id = a.id and p.kind = ?"
        f" where a.id in ({receivers})",
        (
            notice_id,
            route,
            whose if route == "organisation" else None,
            default.in_app,
            default.mail,
            default.kind,
            whose,
        ),
    )
