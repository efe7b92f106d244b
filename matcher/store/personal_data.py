"""What is held on a person, table by table, and making somebody unknown where names may be changed."""

from typing import Any

from sqlite_utils import Database

# By number of the account, and by the name that is written where somebody did something: alone or before a bracket.
_BY_ACCOUNT = {
    "account": "select login, name, is_administrator, locked_at, created_at from account where id = ?",
    "memberships": "select o.name as organisation, role, is_owner, state, m.created_at from membership m"
    " join organisation o on o.id = m.organisation_id where account_id = ?",
    "notices": "select n.kind, words, n.created_at, read_at, mail_state from notice_delivery d"
    " join notice n on n.id = d.notice_id where d.account_id = ?",
    "notice_preferences": "select kind, in_app, mail from notice_preference where account_id = ?",
    "sessions": "select created_at, seen_at, address, agent from session where account_id = ?",
}
# No LIKE: somebody's name may hold what that takes for any letter.
_IS_OF = "({0} = :name or substr({0}, 1, length(:name) + 1) = :name || '（')"
_BY_NAME = {
    "verdicts": f"select need_id, achievement_id, level, at, undone_at from verdict where {_IS_OF.format('judge')}",
    "interests": "select kind, item_id, why, offer, expectation, contact, state, created_at from interest"
    f" where {_IS_OF.format('asked_by')}",
    "statements": f"select kind, item_id, statement, accepted_at from admission where {_IS_OF.format('accepted_by')}",
    "files": "select about, about_id, name, size, created_at, removed_at from attachment"
    f" where {_IS_OF.format('uploaded_by')}",
    "rewrites": f"select need_id, explanation, state, created_at from rewrite where {_IS_OF.format('proposed_by')}",
    "joined_needs": f"select need_id, joined_at from need_joiner where {_IS_OF.format('joined_by')}",
    "versions": f"select kind, item_id, number, at from record_version where {_IS_OF.format('actor')}",
    "engagement_history": f"select engagement_id, at, action from engagement_event where {_IS_OF.format('actor')}",
    "cooperation_history": f"select cooperation_id, at, action from cooperation_event where {_IS_OF.format('actor')}",
    "audit": f"select at, action, kind, item_id, address from audit where {_IS_OF.format('actor')}",
}
_CHANGEABLE = {
    "verdict": ("judge",),
    "interest": ("asked_by", "decided_by"),
    "admission": ("accepted_by", "admitted_by"),
    "attachment": ("uploaded_by", "removed_by"),
    "ranker": ("actor",),
    "rewrite": ("proposed_by", "decided_by"),
    "need_joiner": ("joined_by",),
}


def held_on(db: Database, account_id: int, name: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows on a person by table; hashes of passwords and tokens are left out."""
    rows = {table: db.execute(sql, [account_id]) for table, sql in _BY_ACCOUNT.items()}
    rows |= {table: db.execute(sql, {"name": name}) for table, sql in _BY_NAME.items()}
    return {
        table: [dict(zip([column[0] for column in found.description], row, strict=True)) for row in found]
        for table, found in rows.items()
    }


def make_unknown(db: Database, account_id: int, public_id: str, name: str, unknown: str) -> None:
    """Take away all that an account may hold, and put `unknown` where its name stands and may be changed."""
    for table in ("session", "membership", "one_time_link", "notice_delivery", "notice_preference"):
        db.execute(f"delete from {table} where account_id = ?", [account_id])
    db.execute(
        "update account set login = ?, name = ?, password_hash = '', totp_secret = '', is_administrator = 0,"
        " locked_at = coalesce(locked_at, created_at) where id = ?",
        [f"gone-{public_id}".casefold(), unknown, account_id],
    )
    for table, columns in _CHANGEABLE.items():
        for column in columns:
            db.execute(
                f"update {table} set {column} = :unknown || substr({column}, length(:name) + 1)"
                f" where {_IS_OF.format(column)}",
                {"name": name, "unknown": unknown},
            )


def erase_contacts(db: Database, before: str) -> int:
    """Take the contacts out of interests that were settled or ran out before a time; return how many there were."""
    cursor = db.execute(
        "update interest set contact = '', owner_contact = '' where (contact <> '' or owner_contact <> '')"
        " and coalesce(case when state in ('new', 'forwarded') then null else decided_at end, expires_at) < ?",
        [before],
    )
    return int(cursor.rowcount)


def erase_addresses(db: Database, before: str) -> int:
    """Remove the sessions, one-time links and counts of attempts that are over; return how many sessions there were."""
    sessions = int(db.execute("delete from session where seen_at < ?", [before]).rowcount)
    db.execute("delete from one_time_link where expires_at < ?", [before])
    db.execute("delete from attempts where expires_at < unixepoch('now')")
    return sessions
