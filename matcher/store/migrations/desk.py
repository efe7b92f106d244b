"""The desk: background jobs, suggested pairs, who is given which of them."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations


@migrations()
def background_jobs(db: Database) -> None:
    """Work that goes on behind the pages, held by one worker at a time under a lease that runs out."""
    db.execute(
        """create table job (
            id integer primary key autoincrement, public_id text not null unique, kind text not null,
            state text not null default 'waiting'
                check (state in ('waiting', 'running', 'done', 'failed', 'stopped')),
            done integer not null default 0, total integer not null default 0,
            message text not null default '', errors text not null default '[]',
            worker text not null default '', lease_until text, attempts integer not null default 0,
            created_by text not null, created_at text not null, started_at text, finished_at text)"""
    )
    db.execute("create unique index job_open on job(kind) where state in ('waiting', 'running')")


@migrations()
def suggestions(db: Database) -> None:
    """Pairs that the service suggests to brokers, each once; `owner_id` is the broker who was given it or took it."""
    db.execute("create index revision_item on revision(kind, item_id)")
    db.execute(
        """create table suggestion (
            id integer primary key autoincrement, public_id text not null unique,
            need_id integer not null references need(id) on delete cascade,
            achievement_id integer not null references achievement(id) on delete cascade,
            level integer not null, probability real not null, rank integer not null, ranker_version text not null,
            made_at text not null,
            state text not null default 'new' check (state in ('new', 'taken', 'dismissed')),
            owner_id integer references account(id) on delete set null,
            decided_at text, decided_by text not null default '', reason text not null default '',
            note text not null default '', verdict_id integer references verdict(id) on delete set null,
            unique (need_id, achievement_id))"""
    )
    db.execute("create index suggestion_achievement on suggestion(achievement_id)")
    db.execute("create index suggestion_queue on suggestion(state, substr(made_at, 1, 10) desc, probability desc, id)")
    db.execute("create index suggestion_owner on suggestion(owner_id, state) where owner_id is not null")
    db.execute("create index suggestion_verdict on suggestion(verdict_id) where verdict_id is not null")


@migrations()
def assignment(db: Database) -> None:
    """Which new suggestions a broker is given, and from which level on a broker wants to see them."""
    db.execute(
        """create table assignment_rule (
            account_id integer primary key references account(id) on delete cascade,
            fields text not null, regions text not null, cap integer not null check (cap >= 0),
            version integer not null default 1, updated_at text not null)"""
    )
    db.execute(
        """create table desk_preference (
            account_id integer primary key references account(id) on delete cascade,
            least_level integer not null check (least_level between 1 and 4))"""
    )
