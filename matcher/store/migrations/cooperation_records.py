"""The cooperation record with parties, payments, milestones, outcomes, amendments and filing numbers."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations

_COLUMNS = (
    *("kind text not null default 'project'", "paired_region text not null default ''"),
    *("need_version integer", "achievement_version integer", "engagement_id integer"),
    *("technology_amount_yuan integer", "direction text not null default ''"),
    *("registration_number text not null default ''", "registered_on text"),
    *("ip_ownership text not null default ''", "reason text not null default ''"),
    *("filing_number text not null default ''", "filed_on text"),
)


@migrations()
def cooperation_records(db: Database) -> None:
    """All that the paper form asks for; the two parties of old records become rows, and signed becomes submitted."""
    for column in _COLUMNS:
        db.execute(f"alter table cooperation add column {column}")
    db.execute("create unique index cooperation_filing_number on cooperation(filing_number) where filing_number <> ''")
    db.execute("create index cooperation_state on cooperation(state)")
    _create_parts(db)
    for position, side in enumerate(("a", "b")):
        db.execute(
            "insert into cooperation_party (cooperation_id, position, role, name, organisation_id)"
            f" select id, {position}, '{side}', party_{side}, party_{side}_id from cooperation"
        )
        db.execute(f"alter table cooperation drop column party_{side}_id")
        db.execute(f"alter table cooperation drop column party_{side}")
    db.execute("update cooperation set state = 'submitted' where state = 'signed'")
    _create_amendments(db)
    _give_public_ids(db)


def _create_parts(db: Database) -> None:
    parts = {
        "party": "role text not null, name text not null, credit_code text not null default '',"
        " organisation_id integer references organisation(id) on delete set null",
        "payment": "due_on text, amount_yuan integer, paid_on text, paid_yuan integer",
        "milestone": "title text not null, due_on text, state text not null, done_on text",
        "outcome": "kind text not null, title text not null, count integer, amount_yuan integer, obtained_on text,"
        " evidence text not null",
    }
    for name, columns in parts.items():
        db.execute(
            f"""create table cooperation_{name} (
                cooperation_id integer not null references cooperation(id), position integer not null, {columns},
                primary key (cooperation_id, position)) without rowid"""
        )
    db.execute("create index cooperation_party_organisation on cooperation_party(organisation_id)")


def _create_amendments(db: Database) -> None:
    db.execute(
        """create table cooperation_amendment (
            id integer primary key autoincrement, cooperation_id integer not null references cooperation(id),
            number integer not null, content text not null, reason text not null, actor text not null,
            at text not null, unique (cooperation_id, number))"""
    )
    for verb in ("update", "delete"):
        db.execute(
            f"""create trigger cooperation_amendment_no_{verb} before {verb} on cooperation_amendment
                begin select raise(abort, 'cooperation_amendment is append-only'); end"""
        )
    db.execute(
        """create table filing_counter (
            region text not null, year integer not null, last integer not null,
            primary key (region, year)) without rowid"""
    )


def _give_public_ids(db: Database) -> None:
    """Let cooperations stand in addresses as other rows do; see the step `public_ids`."""
    db.execute("insert into public_id select 'cooperation', id, lower(hex(randomblob(9))) from cooperation")
    db.execute(
        """create trigger cooperation_public_id after insert on cooperation
            begin insert into public_id values ('cooperation', new.id, lower(hex(randomblob(9)))); end"""
    )
