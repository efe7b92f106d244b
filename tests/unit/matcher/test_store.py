"""The database file: made, migrated, shared between processes, refused when it is not ours."""

import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from matcher.errors import StoreError
from matcher.models import Organisation, Verdict
from matcher.store import Store, audit, organisations, postings, revisions, search_terms, verdicts
from matcher.store.migrations import MIGRATION_NAMES, migrations
from tests.support.records import achievement, need

OPEN = """
import sys, time
from pathlib import Path
from matcher.store import Store
path = Path(sys.argv[1])
Path(f"{path}.ready{sys.argv[2]}").touch()
while not Path(f"{path}.go").exists():
    time.sleep(0.001)
Store(path).close()
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "deep" / "matcher.db")


def applied(store: Store) -> list[str]:
    return [step.name for step in migrations.applied(store.db)]


def test_the_folder_is_made_and_each_step_applied_once(store: Store) -> None:
    again = Store(store.path)
    assert sorted(applied(again)) == sorted(MIGRATION_NAMES)


def test_a_store_keeps_its_id(store: Store) -> None:
    sql = "select value from search_state where key = 'store_id'"
    first = store.db.execute(sql).fetchone()[0]
    assert len(first) == 32
    assert Store(store.path).db.execute(sql).fetchone()[0] == first


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    path = tmp_path / "matcher.db"
    started = [subprocess.Popen([sys.executable, "-c", OPEN, str(path), str(number)]) for number in range(4)]
    while len(list(tmp_path.glob("*.ready*"))) < 4:
        time.sleep(0.01)
    (tmp_path / "matcher.db.go").touch()
    assert [process.wait(60) for process in started] == [0] * 4
    assert sorted(applied(Store(path))) == sorted(MIGRATION_NAMES)


def test_a_database_of_a_newer_version_is_refused(store: Store) -> None:
    store.db.execute(
        "insert into _sqlite_migrations (migration_set, name, applied_at) values ('matcher', 'from_2031', '2031-01-01')"
    )
    store.db.conn.commit()
    with pytest.raises(StoreError, match=r"from_2031.*请升级"):
        Store(store.path)


@pytest.mark.parametrize("content", [b"PK\x03\x04 no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "matcher.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=str(path)):
        Store(path)
    assert path.read_bytes() == content


def test_a_folder_in_the_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="无法打开数据库"):
        Store(tmp_path)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(StoreError, match="无法打开数据库"):
        Store(tmp_path / "home" / "matcher.db")


def test_every_connection_has_its_pragmas(store: Store) -> None:
    found = []

    def look() -> None:
        found.append([store.db.execute(f"pragma {name}").fetchone()[0] for name in ("journal_mode", "foreign_keys")])

    look()
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [["wal", 1], ["wal", 1]]


def test_threads_have_connections_of_their_own(store: Store) -> None:
    seen = []
    thread = threading.Thread(target=lambda: seen.append(store.db))
    thread.start()
    thread.join()
    assert seen[0] is not store.db
    assert store.db is store.db


def test_foreign_keys_hold(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError), store.transaction() as db:
        verdicts.add(db, Verdict(need_id=7, achievement_id=7, level=4, judge="甲"))


def test_a_failed_transaction_leaves_nothing_and_the_next_one_works(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), store.transaction() as db:
        organisations.add(db, Organisation(name="甲厂"))
        raise KeyboardInterrupt
    assert organisations.count(store.db) == 0
    with store.transaction() as db:
        organisations.add(db, Organisation(name="甲厂"))
    assert organisations.count(Store(store.path).db) == 1


def test_a_commit_that_fails_leaves_no_transaction_open(store: Store) -> None:
    # A deferred foreign key is checked at the commit, as a full disk is noticed there.
    with pytest.raises(sqlite3.IntegrityError), store.transaction() as db:
        db.execute("pragma defer_foreign_keys = on")
        verdicts.add(db, Verdict(need_id=7, achievement_id=7, level=4, judge="甲"))
    with store.transaction() as db:
        assert verdicts.count(db) == 0


def test_a_write_waits_for_another_one(store: Store) -> None:
    def write(name: str) -> None:
        for number in range(20):
            with store.transaction() as db:
                organisations.add(db, Organisation(name=f"{name}{number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "甲乙丙"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert organisations.count(store.db) == 60


def test_a_write_that_waits_too_long_says_that_nothing_was_kept(store: Store) -> None:
    hasty = Store(store.path, busy_timeout_ms=50)
    with store.transaction(), pytest.raises(StoreError, match=r"locked.*没有保存"), hasty.transaction():
        pass
    with hasty.transaction() as db:
        search_terms.put(db, "need", 1, ["膜"], [])


@pytest.mark.parametrize("table", ["audit", "cooperation_event", "cooperation_amendment"])
@pytest.mark.parametrize("change", ["update {} set actor = 'x'", "delete from {}"])
def test_histories_are_append_only(store: Store, table: str, change: str) -> None:
    with store.transaction() as db:
        audit.add(db, "甲", "created", "need", 1, {}, {"title": "标题"})
        db.execute(
            "insert into cooperation (title, contract_type, region, expected_results, note, state, version, created_at,"
            " updated_at) values ('', '', '', '', '', 'draft', 1, '', '')"
        )
        db.execute(
            "insert into cooperation_event (cooperation_id, at, actor, action, changes) values (1, '', '甲', '', '{}')"
        )
        db.execute(
            "insert into cooperation_amendment (cooperation_id, number, content, reason, actor, at)"
            " values (1, 1, '{}', '', '甲', '')"
        )
    with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"), store.transaction() as db:
        db.execute(change.format(table))
    assert store.db.execute(f"select actor from {table}").fetchall() == [("甲",)]


def test_an_audit_line_keeps_what_changed(store: Store) -> None:
    with store.transaction() as db:
        audit.add(db, "甲", "changed", "need", 3, {"title": "旧"}, {"title": "新"})
    (line,) = audit.of_item(store.db, "need", 3)
    assert line.at
    assert {name: getattr(line, name) for name in ("actor", "action", "before", "after")} == {
        "actor": "甲",
        "action": "changed",
        "before": {"title": "旧"},
        "after": {"title": "新"},
    }
    assert audit.of_item(store.db, "achievement", 3) == ()


def test_an_organisation_is_kept_once_by_name(store: Store) -> None:
    with store.transaction() as db:
        first = organisations.add(db, Organisation(name="云麓林业大学", kind="university", is_demo=True))
        again = organisations.add(db, Organisation(name="云麓林业大学", kind="enterprise"))
    assert first == again == organisations.get(store.db, first.id)
    assert organisations.names(store.db) == ("云麓林业大学",)


def test_a_deleted_id_is_not_given_again(store: Store) -> None:
    with store.transaction() as db:
        first = postings.insert(db, need())
        postings.delete(db, "need", first.id)
        second = postings.insert(db, need())
    assert second.id > first.id


def test_records_come_in_the_order_asked_for(store: Store) -> None:
    with store.transaction() as db:
        ids = [postings.insert(db, need(str(number))).id for number in range(3)]
    assert [each.id for each in postings.get_many(store.db, "need", [ids[2], 99, ids[0]])] == [ids[2], ids[0]]


def test_the_newest_verdict_of_each_judge_counts(store: Store) -> None:
    with store.transaction() as db:
        need_id, achievement_id = postings.insert(db, need()).id, postings.insert(db, achievement()).id
        for judge, level in (("甲", 1), ("乙", 3), ("甲", 4)):
            pair = {"need_id": need_id, "achievement_id": achievement_id}
            verdicts.add(db, Verdict(**pair, level=level, judge=judge))  # type: ignore[arg-type]
    found = verdicts.latest_of_pair(store.db, need_id, achievement_id)
    assert [(each.judge, each.level) for each in found] == [("甲", 4), ("乙", 3)]
    assert verdicts.count(store.db) == 3


def test_terms_with_marks_are_found_whole(store: Store) -> None:
    with store.transaction() as db:
        search_terms.put(db, "need", 1, ["zif-8"], ["pm2.5", "膜"])
        search_terms.put(db, "need", 2, ["zif"], ["8"])
    assert search_terms.document_frequencies(store.db, "need", ["zif-8", "pm2.5", "膜"]) == {
        "zif-8": 1,
        "pm2.5": 1,
        "膜": 1,
    }
    assert [item_id for item_id, _ in search_terms.best(store.db, "need", {"zif-8": 1}, 5)] == [1]


def test_a_search_for_terms_counts_titles_twice_and_breaks_ties_by_id(store: Store) -> None:
    with store.transaction() as db:
        search_terms.put(db, "need", 1, ["甲"], ["乙"])
        search_terms.put(db, "need", 3, ["乙"], ["甲"])
        search_terms.put(db, "need", 2, ["乙"], ["甲"])
        search_terms.put(db, "need", 4, ["丙"], ["丙"])
    found = search_terms.best(store.db, "need", {"乙": 1}, 9)
    assert [item_id for item_id, _ in found] == [2, 3, 1]
    assert found[0][1] == found[1][1] > found[2][1]
    assert [item_id for item_id, _ in search_terms.best(store.db, "need", {"乙": 1}, 9, allowed=[1, 4])] == [1]
    assert search_terms.best(store.db, "need", {}, 9) == []
    assert search_terms.count(store.db, "need") == 4


def test_counts_of_terms_follow_what_is_findable(store: Store) -> None:
    with store.transaction() as db:
        search_terms.put(db, "need", 1, ["膜"], ["水", "水"])
        search_terms.put(db, "need", 2, ["膜"], [])
        search_terms.put(db, "need", 1, ["膜"], ["油"])
        search_terms.remove(db, "need", 2)
        search_terms.remove(db, "need", 9)
    assert search_terms.document_frequencies(store.db, "need", ["膜", "水", "油"]) == {"膜": 1, "油": 1}
    assert search_terms.totals(store.db, "need") == (1, 2)
    counted = store.db.execute("select term, doc from need_vocabulary order by term").fetchall()
    assert store.db.execute("select term, records from need_frequency order by term").fetchall() == counted


def test_following_reads_only_the_newest_revisions(store: Store) -> None:
    statements: list[str] = []
    store.db.conn.set_trace_callback(statements.append)
    revisions.after(store.db, 3, "need", 5)
    store.db.conn.set_trace_callback(None)
    plan = store.db.execute(f"explain query plan {statements[0]}").fetchall()
    assert [step[3] for step in plan] == ["SEARCH revision USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"]


def test_a_filtered_search_asks_fts5_once(store: Store) -> None:
    statements: list[str] = []
    store.db.conn.set_trace_callback(statements.append)
    search_terms.best(store.db, "need", {"膜": 1}, 9, allowed=[1, 4])
    store.db.conn.set_trace_callback(None)
    plan = store.db.execute(f"explain query plan {statements[0]}").fetchall()
    # An index of FTS5 ending in "=" would stand for a look-up of one id.
    assert plan[0][3] == "SCAN need_terms VIRTUAL TABLE INDEX 0:M2"
