"""Cooperations that were recorded before there were parties, states of filing and random ids."""

from pathlib import Path

from sqlite_utils import Database

from matcher.cooperation import Cooperation, Party
from matcher.store import Store, cooperation_histories, cooperations
from matcher.store.migrations import migrations


def test_old_records_are_carried_over(tmp_path: Path) -> None:
    path = tmp_path / "matcher.db"
    old = Database(path)
    migrations.apply(old, stop_before="cooperation_records")
    old.execute("insert into organisation (name) values ('甲厂')")
    for state in ("signed", "performing", "completed", "terminated"):
        old.execute(
            "insert into cooperation (title, contract_type, party_a, party_b, party_a_id, region, amount_yuan,"
            " signed_on, expected_results, note, state, version, created_at, updated_at) values ('合同', 'transfer',"
            " '甲厂', '乙校', 1, '341500', 5, '2026-05-01', '', '', ?, 3, '2026-05-02T00:00:00+00:00',"
            " '2026-05-02T00:00:00+00:00')",
            (state,),
        )
    old.execute(
        "insert into cooperation_event (cooperation_id, at, actor, action, changes) values (1, ?, '李', 'x', '{}')",
        ("2026-05-02T00:00:00+00:00",),
    )
    old.conn.commit()
    old.conn.close()
    store = Store(path)
    found = [cooperations.get(store.db, number) for number in (1, 2, 3, 4)]
    assert [each.state for each in found if each] == ["submitted", "performing", "completed", "terminated"]
    first = found[0]
    assert isinstance(first, Cooperation)
    assert first.parties == (Party(role="a", name="甲厂", organisation_id=1), Party(role="b", name="乙校"))
    assert (first.kind, first.version, first.amount_yuan, first.filing_number) == ("project", 3, 5, "")
    assert len(cooperation_histories.events(store.db, 1)) == 1
    ids = store.db.execute("select public_id from public_id where kind = 'cooperation'").fetchall()
    assert len(set(ids)) == 4
    assert not store.db.execute("pragma foreign_key_check").fetchall()
    store.close()
