"""Three depths of a record, interests, a chained audit, second factors."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations
from matcher.store.rows import chained


@migrations()
def confidentiality(db: Database) -> None:
    """Three depths of a record, interests between organisations, and an audit whose lines are chained."""
    for kind in ("need", "achievement"):
        db.execute(f"alter table {kind} add column summary text not null default ''")
        db.execute(f"alter table {kind} add column named_ids text not null default '[]'")
        db.execute(f"alter table {kind} add column shows_organisation integer not null default 0")
        db.execute(f"create index {kind}_hidden on {kind}(status) where visibility <> 'public'")
    db.execute(
        """create table annex (
            kind text not null, item_id integer not null, content text not null, updated_at text not null,
            primary key (kind, item_id)) without rowid"""
    )
    db.execute(
        """create table admission (
            kind text not null, item_id integer not null,
            organisation_id integer not null references organisation(id) on delete cascade,
            statement text not null, accepted_at text not null, accepted_by text not null,
            admitted_at text, admitted_by text not null default '',
            primary key (kind, item_id, organisation_id)) without rowid"""
    )
    _create_interests(db)
    _chain_audit(db)


def _create_interests(db: Database) -> None:
    db.execute(
        """create table interest (
            id integer primary key autoincrement, public_id text not null unique,
            kind text not null, item_id integer not null,
            organisation_id integer not null references organisation(id),
            owner_id integer not null references organisation(id),
            broker_id integer references organisation(id),
            asked_by text not null, why text not null, offer text not null, expectation text not null,
            contact text not null, owner_contact text not null default '',
            state text not null, reason text not null default '', note text not null default '',
            created_at text not null, expires_at text not null, reminded_at text, decided_at text,
            decided_by text not null default '')"""
    )
    db.execute("create index interest_organisation on interest(organisation_id)")
    db.execute("create index interest_owner on interest(owner_id)")
    db.execute("create index interest_item on interest(kind, item_id)")


def _chain_audit(db: Database) -> None:
    """Give every line a hash over itself and the line before; see `matcher.store.audit`."""
    db.execute("alter table audit add column address text not null default ''")
    db.execute("alter table audit add column hash text not null default ''")
    db.execute("drop trigger audit_no_update")
    before = ""
    names = "at, actor, action, kind, item_id, before, after, address"
    for number, *line in db.execute(f"select id, {names} from audit order by id").fetchall():
        before = chained(before, line)
        db.execute("update audit set hash = ? where id = ?", (before, number))
    db.execute(
        """create trigger audit_no_update before update on audit
            begin select raise(abort, 'audit is append-only'); end"""
    )
    db.execute("create index audit_item on audit(kind, item_id)")


@migrations()
def second_factor(db: Database) -> None:
    """The secret of a second factor ("" without one) and the last half minute whose code was used."""
    db.execute("alter table account add column totp_secret text not null default ''")
    db.execute("alter table account add column totp_step integer not null default 0")
