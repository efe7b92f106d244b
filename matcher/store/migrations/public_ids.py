"""Ids for addresses: random, so that nobody can count records up or guess the next one."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations

_TABLES = ("need", "achievement", "organisation", "verdict")


@migrations()
def public_ids(db: Database) -> None:
    """One random id a row, given by triggers, so that no way of writing can forget it."""
    db.execute(
        """create table public_id (
            kind text not null, item_id integer not null, public_id text not null,
            primary key (kind, item_id)) without rowid"""
    )
    db.execute("create unique index public_id_text on public_id(kind, public_id)")
    for table in _TABLES:
        db.execute(f"insert into public_id select '{table}', id, lower(hex(randomblob(9))) from {table}")
        db.execute(
            f"""create trigger {table}_public_id after insert on {table}
                begin insert into public_id values ('{table}', new.id, lower(hex(randomblob(9)))); end"""
        )
        db.execute(
            f"""create trigger {table}_public_id_gone after delete on {table}
                begin delete from public_id where kind = '{table}' and item_id = old.id; end"""
        )
