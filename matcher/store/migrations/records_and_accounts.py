"""Records, what search keeps of them, verdicts, cooperations, accounts."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations

_POSTING_COLUMNS = """
    id integer primary key autoincrement,
    external_id text not null default '',
    organisation_id integer references organisation(id),
    title text not null,
    description text not null default '',
    indicators text not null default '[]',
    field text not null default '',
    keywords text not null default '[]',
    maturity integer check (maturity between 1 and 9),
    modes text not null default '[]',
    region text not null default '',
    visibility text not null default 'public',
    status text not null check (status in ('draft', 'published', 'matched', 'closed')),
    is_demo integer not null default 0,
    created_at text not null,
    updated_at text not null
"""


@migrations()
def first_schema(db: Database) -> None:
    """Organisations, both kinds of record, what search keeps of them, and what people do with matches."""
    db.execute(
        """create table organisation (
            id integer primary key autoincrement,
            external_id text not null default '',
            name text not null unique,
            kind text not null default '',
            credit_code text not null default '',
            region text not null default '',
            contact text not null default '',
            is_demo integer not null default 0)"""
    )
    db.execute(f"create table need ({_POSTING_COLUMNS}, budget_yuan integer, deadline text)")
    db.execute(
        f"""create table achievement ({_POSTING_COLUMNS}, ip_kind text not null default '',
            ip_number text not null default '', asking_price_yuan integer, team text not null default '')"""
    )
    for kind in ("need", "achievement"):
        db.execute(f"create unique index {kind}_external_id on {kind}(external_id) where external_id <> ''")
        db.execute(f"create index {kind}_status on {kind}(status, field)")
        db.execute(f"create index {kind}_organisation on {kind}(organisation_id)")
        # Terms come cut and folded: the tokenizer has only to split at spaces, so the marks of zif-8 or pm2.5 stay.
        db.execute(
            f"create virtual table {kind}_terms using"
            " fts5(title, body, tokenize = \"unicode61 remove_diacritics 0 tokenchars '.-'\")"
        )
        db.execute(f"create virtual table {kind}_vocabulary using fts5vocab({kind}_terms, 'row')")
    _create_search_tables(db)
    _create_record_tables(db)


def _create_search_tables(db: Database) -> None:
    db.execute(
        """create table embedding (
            kind text not null, item_id integer not null, model_id text not null,
            text_hash text not null, vector blob not null,
            primary key (kind, item_id, model_id)) without rowid"""
    )
    db.execute(
        """create table revision (
            id integer primary key autoincrement,
            kind text not null, item_id integer not null, action text not null, at text not null)"""
    )
    db.execute(
        """create table centre (
            kind text not null, model_id text not null, count integer not null, vector blob not null,
            primary key (kind, model_id)) without rowid"""
    )
    db.execute("create table search_state (key text primary key, value text not null) without rowid")
    db.execute("insert into search_state values ('store_id', lower(hex(randomblob(16))))")


def _create_record_tables(db: Database) -> None:
    db.execute(
        """create table verdict (
            id integer primary key autoincrement,
            need_id integer not null references need(id) on delete cascade,
            achievement_id integer not null references achievement(id) on delete cascade,
            level integer not null check (level between 1 and 4),
            judge text not null, at text not null)"""
    )
    db.execute("create index verdict_pair on verdict(need_id, achievement_id)")
    db.execute(
        """create table cooperation (
            id integer primary key autoincrement,
            need_id integer references need(id), achievement_id integer references achievement(id),
            title text not null, contract_type text not null,
            party_a text not null, party_b text not null,
            party_a_id integer references organisation(id), party_b_id integer references organisation(id),
            region text not null, amount_yuan integer, signed_on text, starts_on text, ends_on text,
            expected_results text not null, note text not null, state text not null, version integer not null,
            created_at text not null, updated_at text not null)"""
    )
    db.execute("create index cooperation_need on cooperation(need_id)")
    db.execute("create index cooperation_achievement on cooperation(achievement_id)")
    _create_histories(db)


def _create_histories(db: Database) -> None:
    db.execute(
        """create table cooperation_event (
            id integer primary key autoincrement,
            cooperation_id integer not null references cooperation(id),
            at text not null, actor text not null, action text not null, changes text not null)"""
    )
    db.execute(
        """create table audit (
            id integer primary key autoincrement, at text not null, actor text not null,
            action text not null, kind text not null, item_id integer not null,
            before text not null, after text not null)"""
    )
    for table in ("cooperation_event", "audit"):
        for verb in ("update", "delete"):
            db.execute(
                f"""create trigger {table}_no_{verb} before {verb} on {table}
                    begin select raise(abort, '{table} is append-only'); end"""
            )


@migrations()
def learning_from_verdicts(db: Database) -> None:
    """What a judge was shown, verdicts taken back, and the rankers learned here."""
    for column in (
        "shown_rank integer",
        "shown_probability real",
        "shown_level integer",
        "ranker text",
        "undone_at text",
    ):
        db.execute(f"alter table verdict add column {column}")
    db.execute("create index verdict_judge on verdict(judge, need_id)")
    db.execute(
        """create table ranker (
            id integer primary key autoincrement, version text not null unique, created_at text not null,
            actor text not null, model_id text not null, content text not null, facts text not null)"""
    )


@migrations()
def accounts(db: Database) -> None:
    """People, what they are in which organisation, their sessions and one-time links, and counts of attempts."""
    db.execute("alter table organisation add column is_pending integer not null default 0")
    db.execute(
        """create table account (
            id integer primary key autoincrement, public_id text not null unique,
            login text not null unique, name text not null unique, password_hash text not null,
            is_administrator integer not null default 0, is_demo integer not null default 0,
            locked_at text, created_at text not null)"""
    )
    db.execute(
        """create table membership (
            account_id integer not null references account(id) on delete cascade,
            organisation_id integer not null references organisation(id) on delete cascade,
            role text not null check (role in ('enterprise', 'university', 'institute', 'broker')),
            is_owner integer not null default 0,
            state text not null check (state in ('pending', 'active')), created_at text not null,
            primary key (account_id, organisation_id)) without rowid"""
    )
    db.execute("create index membership_organisation on membership(organisation_id)")
    _create_sessions(db)


def _create_sessions(db: Database) -> None:
    db.execute(
        """create table session (
            token_hash text primary key, public_id text not null unique,
            account_id integer not null references account(id) on delete cascade,
            organisation_id integer references organisation(id) on delete set null,
            created_at text not null, seen_at text not null, address text not null, agent text not null)
            without rowid"""
    )
    db.execute("create index session_account on session(account_id)")
    db.execute(
        """create table one_time_link (
            token_hash text primary key, public_id text not null unique,
            purpose text not null check (purpose in ('invitation', 'reset')),
            account_id integer references account(id) on delete cascade,
            organisation_id integer references organisation(id) on delete cascade,
            role text not null default '', is_owner integer not null default 0,
            created_by text not null, created_at text not null, expires_at text not null) without rowid"""
    )
    db.execute(
        "create table attempts (key text primary key, count integer not null, expires_at real not null) without rowid"
    )
