"""Lists in memory: the same as the store's SQL says, in step with every change, and read from indexes."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import overview
from matcher.models import KINDS, Filters, Kind, Organisation, Record
from matcher.policy import Sight
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import organisations, overview_rows, postings
from tests.conftest import OpenService
from tests.support.hash_encoder import HashEncoder
from tests.support.records import achievement, need, record

_VISIBILITIES = ("public", "members", "brokers", "named", "unheard of")
_STATUSES = ("draft", "published", "matched", "closed")
_CONDITIONS = (*_VISIBILITIES[:4], *_STATUSES, "kept")

FILTERS = st.builds(
    Filters,
    field=st.sampled_from(["", "1", "1.2", "别处"]),
    region=st.sampled_from(["", "340000", "341500", "341502", "合肥"]),
    maturity=st.sampled_from([None, 3, 9]),
    mode=st.sampled_from(["", "transfer"]),
    organisation_kind=st.sampled_from(["", "university"]),
    organisation_id=st.sampled_from([None, 1]),
    need_kind=st.sampled_from(["", "talent"]),
    flag=st.sampled_from(["", "chokepoint", "nothing"]),
    status=st.sampled_from(["", "published", "closed"]),
)
NAMES = st.frozensets(st.sampled_from(_CONDITIONS))
SIGHTS = st.none() | st.builds(
    Sight, everywhere=NAMES, own=NAMES, granted=NAMES, organisation_id=st.sampled_from([None, 1, 2])
)


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with records of every sort, hardly any of them alike."""
    service = Service(Settings(home=tmp_path_factory.mktemp("varied")), HashEncoder())
    with service.store.transaction() as db:
        for number, kind in ((1, "university"), (2, "enterprise")):
            organisations.add(db, Organisation(name=f"单位{number}", kind=kind))
        for each in KINDS:
            for number in range(90):
                postings.insert(db, various(each, number))
            db.execute(f"update {each} set updated_at = '2026-01-01T00:00:00.00000' || (id % 7) || '+00:00'")
    yield service
    service.close()


def various(kind: Kind, number: int) -> Record:
    shared: dict[str, Any] = {
        "organisation_id": (None, 1, 2)[number % 3],
        "visibility": _VISIBILITIES[number % 5],
        "named_ids": ((), (1,), (1, 2))[number % 3],
        "status": _STATUSES[number % 7 % 4],
        "field": ("", "1", "1.2", "12.1", "别处")[number // 2 % 5],
        "region": ("", "341502", "341500", "350000", "合肥")[number // 3 % 5],
        "maturity": (None, 1, 3, 9)[number // 5 % 4],
        "modes": ((), ("transfer",), ("license", "transfer"))[number // 4 % 3],
    }
    if kind == "achievement":
        return achievement(f"题{number % 11}", **shared)
    own = {"need_kind": ("technology", "talent")[number % 2], "is_chokepoint": number % 6 == 0}
    return need(f"题{number % 11}", deadline=(None, date(2026, 1, 1 + number % 9))[number % 2], **shared, **own)


@settings(max_examples=80, deadline=None)
@given(kind=st.sampled_from(["need", "achievement"]), wanted=FILTERS, sight=SIGHTS)
def test_what_is_in_sight_and_passes_is_what_sql_says(
    varied: Service, kind: Kind, wanted: Filters, sight: Sight | None
) -> None:
    shown = varied.postings.overviews[kind]
    by_sql = [each.id for each in postings.every(varied.store.db, kind, wanted, "oldest", sight)]
    assert shown.ids(wanted, sight) == sorted(by_sql)
    assert shown.count(wanted, sight) == len(by_sql)
    for order in postings.sorts(kind):
        expected = [each.id for each in postings.every(varied.store.db, kind, wanted, order, sight)]
        for number in (1, 2, 4):
            page = shown.page(wanted, order, number, 7, sight)
            assert [each.id for each in page.items] == expected[7 * (number - 1) : 7 * number]
            assert page.total == len(expected)


@settings(max_examples=40, deadline=None)
@given(kind=st.sampled_from(["need", "achievement"]), wanted=FILTERS, sight=SIGHTS)
def test_facets_count_what_is_left_without_their_own_filter(
    varied: Service, kind: Kind, wanted: Filters, sight: Sight | None
) -> None:
    counts = varied.postings.facets(kind, wanted, sight)

    def left(name: str) -> list[Record]:
        without = replace(wanted, **{name: None if name == "maturity" else ""})
        return list(postings.every(varied.store.db, kind, without, "oldest", sight))

    assert counts["field"] == Counter(each.field.split(".")[0] for each in left("field") if each.field)
    regions = (each.region[:2] + "0000" if each.region.isdecimal() else each.region for each in left("region"))
    assert counts["region"] == Counter(region for region in regions if region)
    assert counts["maturity"] == Counter(str(each.maturity) for each in left("maturity") if each.maturity)
    assert counts["status"] == Counter(each.status for each in left("status"))
    assert counts["mode"] == Counter(mode for each in left("mode") for mode in each.modes)
    assert list(counts["mode"].values()) == sorted(counts["mode"].values(), reverse=True)
    if kind == "need":
        assert counts["need_kind"] == Counter(each.need_kind for each in left("need_kind"))
        assert counts["flag"] == Counter(flag for each in left("flag") for flag in each.flags)


def test_every_change_shows_at_once_in_every_process(open_service: OpenService) -> None:
    here, there = open_service(), open_service()
    assert there.postings.count("achievement", Filters(status="")) == 0
    ids = [here.postings.post(achievement(f"成果{number}", maturity=number), "李").id for number in range(1, 6)]
    assert there.postings.overviews["achievement"].ids(Filters()) == ids
    here.postings.delete("achievement", ids[1], "李")
    here.postings.change_status("achievement", ids[2], "closed", "李")
    here.postings.edit(replace(here.postings.get("achievement", ids[3]), maturity=9), "李")
    found = there.postings.listing("achievement", Filters(), "maturity")
    assert [each.id for each in found.items] == [ids[3], ids[4], ids[0]]
    assert [each.id for each in there.postings.listing("achievement", Filters()).items] == [ids[3], ids[4], ids[0]]


def test_who_reads_columns_while_a_row_takes_a_new_value_is_not_disturbed(service: Service) -> None:
    stored = service.postings.post(achievement("一", region="340000"), "测试")
    reading = service.postings.overviews["achievement"].columns()
    service.postings.edit(replace(stored, region="341502"), "测试")
    service.postings.overviews["achievement"].columns()
    assert reading.mask("achievement", Filters(region="340000")).all()


def test_ids_that_come_late_stand_in_their_place(service: Service) -> None:
    service.postings.post(achievement("一"), "李")
    service.postings.post(achievement("二"), "李")
    rows = overview_rows.among(service.store.db, "achievement", [1, 2])
    columns = overview.no_columns().changed(rows[1:]).changed(rows[:1])
    assert columns.ids.tolist() == [1, 2]
    assert columns.changed([], [1]).ids.tolist() == [2]


def test_after_very_many_changes_all_is_read_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "_MANY_CHANGES", 2)
    monkeypatch.setattr(overview_rows, "_LOT", 2)
    service.postings.count("need", Filters())
    for number in range(5):
        service.postings.post(need(f"需求{number}"), "李")
    monkeypatch.setattr(overview_rows, "among", None)
    assert service.postings.count("need", Filters()) == 5


@pytest.mark.parametrize("kind", ["need", "achievement"])
def test_titles_of_many_are_read_in_the_order_of_their_index(
    service: Service, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    for title in "丙甲乙丁":
        service.postings.post(record(kind, title, status="draft" if title == "甲" else "published"), "李")
    few = [each.title for each in service.postings.listing(kind, Filters(), "title", 1, 2).items]
    monkeypatch.setattr(overview, "_SORTED_TITLES", 1)
    assert (
        [each.title for each in service.postings.listing(kind, Filters(), "title", 1, 2).items] == few == ["丁", "丙"]
    )
    assert [each.title for each in service.postings.listing(kind, Filters(), "title", 2, 2).items] == ["乙"]


@pytest.mark.parametrize("kind", ["need", "achievement"])
def test_a_start_and_an_order_of_titles_read_indexes_and_no_texts(
    service: Service, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    service.store.db.conn.set_trace_callback(statements.append)
    list(overview_rows.every(service.store.db, kind))
    list(postings.every_by_title(service.store.db, kind))
    service.store.db.conn.set_trace_callback(None)
    assert [plan(service, each) for each in statements] == [
        f"SEARCH p USING COVERING INDEX {kind}_overview (id>?)",
        f"SCAN {kind} USING COVERING INDEX {kind}_title",
    ]


def plan(service: Service, statement: str) -> str:
    """Return the first step of the query plan of a statement."""
    return str(service.store.db.execute(f"explain query plan {statement}").fetchone()[3])
