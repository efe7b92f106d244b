"""What is hidden follows the store at once, also in another process's memory."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import out_of_sight
from matcher.columns import Columns
from matcher.models import KINDS, Filters, Kind
from matcher.out_of_sight import OutOfSight
from matcher.policy import VISITOR, sight
from matcher.service import Service
from matcher.settings import Settings
from tests.conftest import OpenService
from tests.support.hash_encoder import HashEncoder
from tests.support.records import achievement, record

_VISIBILITIES = ("public", "members", "brokers")
_READABLE = sight(VISITOR)
_STEPS = st.tuples(st.sampled_from(["post", "show", "close", "delete"]), st.sampled_from(KINDS), st.integers(0, 20))


def test_what_is_hidden_follows_every_change(open_service: OpenService) -> None:
    here, there = open_service(), open_service()
    hidden, readable = OutOfSight(here.store, here.postings.overviews), sight(VISITOR)
    shown = here.postings.post(achievement("一"), "测试")
    kept = here.postings.post(achievement("二", visibility="brokers", summary="概述"), "测试")
    assert hidden.of("achievement", readable) == {kept.id}
    there.postings.edit(replace(shown, visibility="members", summary="概述"), "测试")
    there.postings.change_status("achievement", kept.id, "closed", "测试")
    assert hidden.of("achievement", readable) == {shown.id}
    assert hidden.of("achievement", None) == hidden.of("need", readable) == frozenset()


def test_what_is_hidden_from_one_is_not_taken_for_what_is_hidden_from_another(open_service: OpenService) -> None:
    service = open_service()
    kept = service.postings.post(achievement("一", visibility="members", summary="概述"), "测试")
    readable = sight(VISITOR)
    member = replace(readable, everywhere=readable.everywhere | {"members"})
    hidden = OutOfSight(service.store, service.postings.overviews)
    for _ in range(2):
        assert hidden.of("achievement", readable) == {kept.id}
        assert hidden.of("achievement", member) == hidden.not_matched("achievement") == frozenset()


def test_a_search_fills_its_list_although_the_best_are_hidden(open_service: OpenService) -> None:
    service = open_service()
    for number in range(30):
        given = {"visibility": "brokers", "summary": "概述"} if number < 20 else {}
        service.postings.post(achievement(f"锂离子电池{'池' * number}", **given), "测试")
    found = service.matching.search("achievement", "锂离子电池", k=10, sight=sight(VISITOR))
    assert len(found) == 10
    assert {record.visibility for record, _ in found} == {"public"}


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.lists(_STEPS, max_size=4), max_size=5))
def test_what_follows_is_what_is_found_anew(steps: list[list[tuple[str, Kind, int]]], changing: Service) -> None:
    following = OutOfSight(changing.store, changing.postings.overviews)
    for changes in steps:
        for change in changes:
            _change(changing, *change)
        anew = OutOfSight(changing.store, changing.postings.overviews)
        for kind in KINDS:
            assert following.of(kind, _READABLE) == anew.of(kind, _READABLE)
            assert following.not_matched(kind) == anew.not_matched(kind)


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that examples change further and further."""
    service = Service(Settings(home=tmp_path_factory.mktemp("changing")), HashEncoder())
    yield service
    service.close()


def _change(service: Service, step: str, kind: Kind, number: int) -> None:
    found = service.postings.listing(kind, Filters(status=""), "oldest", 1, 50).items
    if step == "post" or not found:
        own = {"need_kind": ("technology", "talent")[number % 2]} if kind == "need" else {}
        service.postings.post(record(kind, f"题{number}", **own), "测试")
        return
    chosen = found[number % len(found)]
    if step == "show":
        service.postings.edit(replace(chosen, visibility=_VISIBILITIES[number % 3], summary="概述"), "测试")
    elif step == "delete":
        service.postings.delete(kind, chosen.id, "测试")
    elif chosen.status == "published":
        service.postings.change_status(kind, chosen.id, "closed", "测试")


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many records each look has gone over."""
    found: list[int] = []
    find = out_of_sight._hidden

    def counted(columns: Columns, *asked: Any) -> frozenset[int]:
        found.append(len(columns.ids))
        return find(columns, *asked)

    monkeypatch.setattr(out_of_sight, "_hidden", counted)
    return found


def test_after_a_change_only_what_changed_is_looked_at(service: Service, looked_at: list[int]) -> None:
    for number in range(5):
        service.postings.post(achievement(f"题{number}", visibility="brokers", summary="概述"), "测试")
    hidden = OutOfSight(service.store, service.postings.overviews)
    assert len(hidden.of("achievement", _READABLE)) == 5
    looked_at.clear()
    service.postings.post(achievement("新", visibility="brokers", summary="概述"), "测试")
    assert len(hidden.of("achievement", _READABLE)) == 6
    service.postings.post(record("need", "别处"), "测试")
    assert len(hidden.of("achievement", _READABLE)) == 6
    assert looked_at == [1]


def test_what_is_too_much_to_remember_is_found_again(
    service: Service, looked_at: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        service.postings.post(achievement(f"题{number}", visibility="brokers", summary="概述"), "测试")
    member = replace(_READABLE, everywhere=_READABLE.everywhere | {"members"})
    for most, looks in ((10, 2), (9, 4)):
        monkeypatch.setattr(out_of_sight, "_MOST_IDS", most)
        hidden = OutOfSight(service.store, service.postings.overviews)
        looked_at.clear()
        for readable in (_READABLE, member, _READABLE, member):
            assert len(hidden.of("achievement", readable)) == 5
        assert len(looked_at) == looks
