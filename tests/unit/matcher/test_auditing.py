"""The chain of the audit: what was changed, taken out or put in between shows; old lines are chained when migrated."""

from pathlib import Path

import pytest
from sqlite_utils import Database

from matcher.auditing import Auditing, coming_from
from matcher.sheets import plain_cell
from matcher.store import Store, audit
from matcher.store.migrations import migrations


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "matcher.db")
    with store.transaction() as db:
        for number in range(4):
            audit.add(db, "甲", "changed", "need", number, {"title": "旧"}, {"title": f"新{number}"})
    return store


def tampered(store: Store, sql: str) -> Auditing:
    for verb in ("update", "delete"):
        store.db.execute(f"drop trigger audit_no_{verb}")
    store.db.execute(sql)
    store.db.commit()
    return Auditing(store)


def test_an_untouched_chain_holds(store: Store) -> None:
    verdict = Auditing(store).verify()
    assert (verdict.count, verdict.broken_at) == (4, None) and len(verdict.head) == 64


@pytest.mark.parametrize(
    ("sql", "broken_at"),
    [
        ("update audit set after = '{}' where id = 2", 2),
        ("update audit set address = '192.0.2.1' where id = 3", 3),
        ("delete from audit where id = 2", 3),
        ("delete from audit where id = 1", 2),
        ("update audit set hash = 'x' where id = 4", 4),
        ("update audit set id = 9 where id = 2", 3),
    ],
)
def test_tampering_shows(store: Store, sql: str, broken_at: int) -> None:
    assert tampered(store, sql).verify().broken_at == broken_at


def test_what_is_cut_off_shows_against_a_noted_hash(store: Store) -> None:
    noted = Auditing(store).verify().head
    assert tampered(store, "delete from audit where id = 4").verify().head != noted


def test_a_line_says_from_where(store: Store) -> None:
    coming_from("192.0.2.7")
    try:
        with store.transaction() as db:
            audit.add(db, "乙", "read annex", "need", 9, {}, {})
    finally:
        coming_from("")
    (line,) = Auditing(store).listing("192.0.2.7").items
    assert (line.actor, line.address, line.item_id) == ("乙", "192.0.2.7", 9)


def test_lines_are_searched_and_paged(store: Store) -> None:
    page = Auditing(store).listing("新", number=2, size=3)
    assert (page.total, [line.after["title"] for line in page.items]) == (4, ["新0"])
    assert [line.item_id for line in Auditing(store).every()] == [0, 1, 2, 3]
    assert Auditing(store).listing("没有").items == ()


def test_lines_from_before_the_chain_are_chained(tmp_path: Path) -> None:
    old = Database(tmp_path / "matcher.db")
    migrations.apply(old, stop_before="confidentiality")
    old.execute("insert into audit values (1, '2026-01-01T00:00:00+00:00', '甲', 'created', 'need', 1, '{}', '{}')")
    old.conn.commit()
    old.conn.close()
    verdict = Auditing(Store(tmp_path / "matcher.db")).verify()
    assert (verdict.count, verdict.broken_at) == (1, None) and verdict.head


@pytest.mark.parametrize(
    ("given", "cell"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("-", "'-"), (None, ""), (3, "3"), ("a=", "a=")]
)
def test_cells_compute_nothing(given: object, cell: str) -> None:
    assert plain_cell(given) == cell
