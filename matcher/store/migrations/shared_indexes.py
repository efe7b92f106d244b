"""Vectors that lie outside, for all processes: which collection is in force and what it holds."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations


@migrations()
def shared_indexes(db: Database) -> None:
    """A line a collection; at most one of a place and kind is in force."""
    db.execute(
        """create table shared_index (
            collection text primary key, place text not null, kind text not null, model_id text not null,
            mean blob not null, revision integer not null,
            state text not null check (state in ('building', 'in_force', 'retired')), changed_at text not null)"""
    )
    db.execute("create unique index shared_index_in_force on shared_index(place, kind) where state = 'in_force'")
