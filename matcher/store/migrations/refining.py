"""The life of a record: its versions, and what else it says of itself."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations

_TEXTS = ("title", "description", "field", "maturity", "region", "summary", "visibility")
_LISTS = ("indicators", "keywords", "modes", "named_ids")
_OWN = {"need": ("budget_yuan", "deadline"), "achievement": ("ip_kind", "ip_number", "asking_price_yuan", "team")}


@migrations()
def record_versions(db: Database) -> None:
    """What each record said before and after each change; what there is becomes version 1."""
    db.execute(
        """create table record_version (
            kind text not null, item_id integer not null, number integer not null, content text not null,
            actor text not null, at text not null, note text not null,
            primary key (kind, item_id, number)) without rowid"""
    )
    for kind, own in _OWN.items():
        pairs = [
            *(f"'{name}', p.{name}" for name in (*_TEXTS, *own)),
            *(f"'{each}', json(p.{each})" for each in _LISTS),
        ]
        shows = "json(case when p.shows_organisation then 'true' else 'false' end)"
        pairs += [f"'shows_organisation', {shows}", "'organisation', coalesce(o.name, '')"]
        db.execute(
            "insert into record_version"
            f" select '{kind}', p.id, 1, json_object({', '.join(pairs)}), '', p.updated_at, ''"
            f" from {kind} p left join organisation o on o.id = p.organisation_id"
        )
    for verb in ("update", "delete"):
        db.execute(
            f"""create trigger record_version_no_{verb} before {verb} on record_version
                begin select raise(abort, 'record_version is append-only'); end"""
        )
    for column in ("need_version", "achievement_version"):
        db.execute(f"alter table verdict add column {column} integer")


@migrations()
def completeness(db: Database) -> None:
    """What a need says of its conditions, of what was tried, and who decides."""
    for column in ("conditions", "present_state", "decision_owner"):
        db.execute(f"alter table need add column {column} text not null default ''")


@migrations()
def need_kinds(db: Database) -> None:
    """What kind of need it is, and what marks it as pressing."""
    db.execute("alter table need add column need_kind text not null default 'technology'")
    db.execute("alter table need add column is_chokepoint integer not null default 0")
    db.execute("alter table need add column is_common_key integer not null default 0")
    db.execute("create index need_not_matched on need(status) where need_kind <> 'technology'")


@migrations()
def validity(db: Database) -> None:
    """Until when a record holds, and why it was closed; what is published now holds a year from now."""
    for kind in _OWN:
        db.execute(f"alter table {kind} add column valid_until text")
        db.execute(f"alter table {kind} add column close_reason text not null default ''")
        db.execute(f"alter table {kind} add column expiry_told text not null default ''")
        db.execute(f"update {kind} set valid_until = date('now', '+365 days') where status = 'published'")
        db.execute(f"create index {kind}_valid_until on {kind}(valid_until) where status = 'published'")


@migrations()
def rewrites(db: Database) -> None:
    """What brokers propose that a need should rather say."""
    db.execute(
        """create table rewrite (
            id integer primary key autoincrement, public_id text not null unique,
            need_id integer not null references need(id) on delete cascade,
            base_version integer not null, content text not null, explanation text not null,
            broker_id integer not null references organisation(id), proposed_by text not null,
            state text not null check (state in ('open', 'accepted', 'declined')), reason text not null default '',
            created_at text not null, decided_at text, decided_by text not null default '')"""
    )
    db.execute("create index rewrite_need on rewrite(need_id)")
    db.execute("create index rewrite_broker on rewrite(broker_id)")


@migrations()
def posting_on_behalf(db: Database) -> None:
    """Which organisation posted a record for the one that it belongs to; empty when it posted itself."""
    for kind in _OWN:
        db.execute(f"alter table {kind} add column on_behalf_by text not null default ''")


@migrations()
def need_joiners(db: Database) -> None:
    """Organisations that have the same need as another one's and joined it."""
    db.execute(
        """create table need_joiner (
            need_id integer not null references need(id) on delete cascade,
            organisation_id integer not null references organisation(id) on delete cascade,
            joined_at text not null, joined_by text not null,
            primary key (need_id, organisation_id)) without rowid"""
    )
