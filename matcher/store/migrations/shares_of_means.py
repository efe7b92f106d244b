"""Means that centring removes: only a share of them, from here on, for models that ship one."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations


@migrations()
def means_anew(db: Database) -> None:
    """Forget the means in force: the next change takes them anew, until then the shipped ones serve."""
    db.execute("delete from centre")
