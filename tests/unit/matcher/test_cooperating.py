"""Cooperation records: prefilled, recorded, edited, moved, with histories that cannot be rewritten."""

import sqlite3
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError, StaleEditError, StoreError
from matcher.models import Cooperation
from matcher.service import Service
from matcher.store import audit
from tests.conftest import OpenService
from tests.support.examples import RECORDS
from tests.support.records import achievement, need


@pytest.fixture
def filled(service: Service) -> Service:
    for each in RECORDS:
        service.postings.post(each, "李")
    return service


def agreement(**given: Any) -> Cooperation:
    return Cooperation(**{"title": "合同", "contract_type": "transfer", "party_a": "甲厂", "party_b": "乙校", **given})


def test_a_cooperation_is_prefilled_from_both_records(filled: Service) -> None:
    found = filled.cooperations.prefilled(1, 1)
    wood = filled.postings.get("need", 1)
    assert found == Cooperation(
        need_id=1,
        achievement_id=1,
        title=wood.title,
        # The only mode that both accept.
        contract_type="transfer",
        party_a="青桐坞家居制造有限公司",
        party_b="云麓林业大学",
        region="341504",
        amount_yuan=505_000,
        expected_results="霉变与蓝变面积≤5%\n处理成本≤35元/m³",
    )


def test_a_cooperation_is_prefilled_from_what_there_is(filled: Service) -> None:
    assert filled.cooperations.prefilled(None, None) == agreement(title="", contract_type="", party_a="", party_b="")
    only_need = filled.cooperations.prefilled(1, None)
    assert (only_need.contract_type, only_need.party_b) == ("commissioned_development", "")
    only_achievement = filled.cooperations.prefilled(None, 1)
    assert (only_achievement.party_a, only_achievement.contract_type) == ("", "transfer")
    assert only_achievement.title == filled.postings.get("achievement", 1).title
    with pytest.raises(NotFoundError):
        filled.cooperations.prefilled(1, 99)


def test_a_record_begins_its_history(filled: Service) -> None:
    stored = filled.cooperations.record(filled.cooperations.prefilled(1, 1), "李")
    assert (stored.state, stored.version) == ("signed", 1)
    assert stored.created_at == stored.updated_at
    assert stored == filled.cooperations.get(stored.id)
    assert stored.party_a_id == filled.postings.get("need", 1).organisation_id
    assert stored.party_b_id == filled.postings.get("achievement", 1).organisation_id
    (event,) = filled.cooperations.history(stored.id)
    assert (event.actor, event.action) == ("李", "recorded")
    assert event.changes["contract_type"] == ("", "技术转让")
    assert event.changes["amount_yuan"] == ("", "505000")
    assert "note" not in event.changes
    (line,) = audit.of_item(filled.store.db, "cooperation", stored.id)
    assert (line.actor, line.action, line.after["state"]) == ("李", "created", "signed")


def test_parties_that_are_unknown_are_kept_by_name(service: Service) -> None:
    stored = service.cooperations.record(agreement(), "李")
    assert (stored.party_a, stored.party_a_id, stored.party_b_id) == ("甲厂", None, None)
    service.postings.post(need(organisation="甲厂"), "李")
    edited = service.cooperations.edit(replace(stored, note="备注"), "李")
    assert edited.party_a_id is not None


def test_bad_input_stores_nothing(service: Service) -> None:
    with pytest.raises(InvalidInputError):
        service.cooperations.record(agreement(party_b="甲厂"), "李")
    with pytest.raises(NotFoundError):
        service.cooperations.record(agreement(need_id=99), "李")
    assert service.cooperations.listing().total == 0


@pytest.mark.parametrize(("status", "then"), [("published", "matched"), ("draft", "draft"), ("closed", "closed")])
def test_recording_can_end_the_matching_of_the_need(service: Service, status: Any, then: str) -> None:
    asking = service.postings.post(need(status=status), "李")
    service.cooperations.record(agreement(need_id=asking.id), "李", close_need=True)
    assert service.postings.get("need", asking.id).status == then


def test_recording_leaves_the_need_open_unless_asked(service: Service) -> None:
    asking = service.postings.post(need(), "李")
    service.cooperations.record(agreement(need_id=asking.id), "李")
    assert service.postings.get("need", asking.id).status == "published"


def test_an_edit_logs_each_changed_field(service: Service) -> None:
    stored = service.cooperations.record(agreement(amount_yuan=1), "李")
    edited = service.cooperations.edit(
        replace(stored, amount_yuan=None, signed_on=date(2026, 5, 1), contract_type="licence", state="completed"), "王"
    )
    assert (edited.version, edited.state) == (2, "signed")
    newest = service.cooperations.history(stored.id)[0]
    assert (newest.actor, newest.action) == ("王", "edited")
    assert newest.changes == {
        "contract_type": ("技术转让", "技术许可"),
        "amount_yuan": ("1", ""),
        "signed_on": ("", "2026-05-01"),
    }
    line = audit.of_item(service.store.db, "cooperation", stored.id)[-1]
    assert line.before == {"contract_type": "技术转让", "amount_yuan": "1", "signed_on": ""}
    assert line.after == {"contract_type": "技术许可", "amount_yuan": "", "signed_on": "2026-05-01"}


def test_an_edit_that_changes_nothing_leaves_no_trace(service: Service) -> None:
    stored = service.cooperations.record(agreement(), "李")
    assert service.cooperations.edit(stored, "王") == stored
    assert len(service.cooperations.history(stored.id)) == 1


def test_the_second_of_two_edits_is_refused(open_service: OpenService) -> None:
    one, other = open_service(), open_service()
    stored = one.cooperations.record(agreement(), "李")
    one.cooperations.edit(replace(stored, note="李的"), "李")
    with pytest.raises(StaleEditError, match="已被他人修改"):
        other.cooperations.edit(replace(stored, note="王的"), "王")
    assert other.cooperations.get(stored.id).note == "李的"


def test_moves_follow_the_workflow(service: Service) -> None:
    stored = service.cooperations.record(agreement(), "李")
    with pytest.raises(IllegalTransitionError):
        service.cooperations.move(stored.id, "completed", "李")
    service.cooperations.move(stored.id, "performing", "李")
    done = service.cooperations.move(stored.id, "completed", "王")
    assert (done.state, done.version) == ("completed", 3)
    with pytest.raises(IllegalTransitionError, match="最终状态"):
        service.cooperations.move(stored.id, "terminated", "李")
    history = service.cooperations.history(stored.id)
    assert [event.action for event in history] == ["moved", "moved", "recorded"]
    assert history[0].changes == {"state": ("performing", "completed")}
    assert service.cooperations.state_counts() == {"completed": 1}


def test_an_edit_after_a_move_is_stale(service: Service) -> None:
    stored = service.cooperations.record(agreement(), "李")
    service.cooperations.move(stored.id, "performing", "王")
    with pytest.raises(StaleEditError):
        service.cooperations.edit(replace(stored, note="x"), "李")


def test_what_does_not_exist_is_named(service: Service) -> None:
    for use in (
        lambda: service.cooperations.get(7),
        lambda: service.cooperations.move(7, "performing", "李"),
        lambda: service.cooperations.edit(agreement(id=7), "李"),
    ):
        with pytest.raises(NotFoundError, match="7"):
            use()


def test_lists(service: Service) -> None:
    asking, offering = service.postings.post(need(), "李"), service.postings.post(achievement(), "李")
    linked = service.cooperations.record(agreement(need_id=asking.id, achievement_id=offering.id, amount_yuan=5), "李")
    other = service.cooperations.record(agreement(title="第二份%_", signed_on=date(2026, 1, 1)), "李")
    service.cooperations.move(other.id, "terminated", "李")
    listing = service.cooperations.listing

    def ids(*given: Any, **named: Any) -> list[int]:
        return [each.id for each in listing(*given, **named).items]

    assert ids() == ids(sort="signed") == ids(sort="no such order") == [other.id, linked.id]
    assert ids(sort="amount") == [linked.id, other.id]
    assert ids("signed") == [linked.id]
    assert ids("", "%_") == ids("", "第二") == [other.id]
    assert ids("", "乙校") == [other.id, linked.id]
    assert ids(number=2, size=1) == [linked.id]
    for kind, item_id in (("need", asking.id), ("achievement", offering.id)):
        assert service.cooperations.of_record(kind, item_id) == (linked,)  # type: ignore[arg-type]
        assert service.cooperations.of_record(kind, 99) == ()  # type: ignore[arg-type]


def test_a_failure_midway_leaves_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(audit, "add", fail)
    with pytest.raises(StoreError, match="disk full"):
        service.cooperations.record(agreement(), "李")
    assert service.cooperations.listing().total == 0
    assert service.store.db.execute("select count(*) from cooperation_event").fetchone() == (0,)
