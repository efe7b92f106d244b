"""Stores from before counts of terms were kept."""

from pathlib import Path

from sqlite_utils import Database

from matcher.store import Store, search_terms
from matcher.store.migrations import migrations


def test_counts_are_taken_from_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "matcher.db"
    old = Database(path)
    migrations.apply(old, stop_before="kept_frequencies")
    old.execute("insert into achievement_terms (rowid, title, body) values (3, '膜', '水 水 油'), (5, '膜 水', '')")
    old.conn.commit()
    old.conn.close()
    store = Store(path)
    assert search_terms.document_frequencies(store.db, "achievement", ["膜", "水", "油"]) == {"膜": 2, "水": 2, "油": 1}
    assert search_terms.totals(store.db, "achievement") == (2, 6)
    assert search_terms.totals(store.db, "need") == (0, 0)
    store.close()
