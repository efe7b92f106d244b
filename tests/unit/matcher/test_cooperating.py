"""Cooperation records: prefilled, recorded, edited, moved, with histories that cannot be rewritten."""

import sqlite3
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from matcher.cooperation import Cooperation, CooperationFilters, Party
from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError, StaleEditError, StoreError
from matcher.policy import Viewer
from matcher.service import Service
from matcher.store import audit, engagements
from tests.conftest import OpenService
from tests.support.cooperations import PARTIES, agreement, complete, filed, full
from tests.support.examples import RECORDS
from tests.support.records import achievement, need


@pytest.fixture
def filled(service: Service) -> Service:
    for each in RECORDS:
        service.postings.post(each, "李")
    return service


def test_a_cooperation_is_prefilled_from_both_records(filled: Service) -> None:
    found = filled.cooperations.prefilled(1, 1)
    wood = filled.postings.get("need", 1)
    assert found == Cooperation(
        need_id=1,
        achievement_id=1,
        title=wood.title,
        # The only mode that both accept.
        contract_type="transfer",
        parties=(Party(role="a", name="青桐坞家居制造有限公司"), Party(role="b", name="云麓林业大学")),
        region="341504",
        amount_yuan=505_000,
        expected_results="霉变与蓝变面积≤5%\n处理成本≤35元/m³",
    )


def test_a_cooperation_is_prefilled_from_what_there_is(filled: Service) -> None:
    assert filled.cooperations.prefilled(None, None) == agreement(title="", contract_type="", parties=())
    only_need = filled.cooperations.prefilled(1, None)
    assert (only_need.contract_type, only_need.names_of("b")) == ("commissioned_development", "")
    only_achievement = filled.cooperations.prefilled(None, 1)
    assert (only_achievement.names_of("a"), only_achievement.contract_type) == ("", "transfer")
    assert only_achievement.title == filled.postings.get("achievement", 1).title
    with pytest.raises(NotFoundError):
        filled.cooperations.prefilled(1, 99)


def test_a_record_begins_its_history(filled: Service) -> None:
    stored = filled.cooperations.record(filled.cooperations.prefilled(1, 1), "李")
    assert (stored.state, stored.version) == ("draft", 1)
    assert stored.created_at == stored.updated_at
    assert stored == filled.cooperations.get(stored.id)
    sides = filled.postings.get("need", 1), filled.postings.get("achievement", 1)
    assert [party.organisation_id for party in stored.parties] == [side.organisation_id for side in sides]
    (event,) = filled.cooperations.history(stored.id)
    assert (event.actor, event.action) == ("李", "recorded")
    assert event.changes["contract_type"] == ("", "技术转让")
    assert event.changes["amount_yuan"] == ("", "505000")
    assert "note" not in event.changes
    (line,) = audit.of_item(filled.store.db, "cooperation", stored.id)
    assert (line.actor, line.action, line.after["state"]) == ("李", "created", "draft")


def test_parties_are_linked_by_credit_code_or_by_name(service: Service) -> None:
    stored = service.cooperations.record(agreement(), "李")
    assert stored.parties == PARTIES
    firm = service.postings.post(need(organisation="甲厂"), "李").organisation_id
    edited = service.cooperations.edit(replace(stored, note="备注"), "李")
    assert [party.organisation_id for party in edited.parties] == [firm, None]
    code = "91350100M000100Y43"
    service.store.db.execute("update organisation set credit_code = ? where id = ?", (code, firm))
    service.store.db.conn.commit()
    renamed = (Party(role="a", name="甲厂（更名后）", credit_code=code), PARTIES[1])
    again = service.cooperations.edit(replace(edited, parties=renamed), "李")
    assert again.party_ids == {firm}


def test_everything_is_kept(service: Service) -> None:
    stored = service.cooperations.record(full(), "李")
    assert replace(stored, id=0, created_at=None, updated_at=None) == full()
    assert service.cooperations.get(stored.id) == stored


def test_bad_input_stores_nothing(service: Service) -> None:
    with pytest.raises(InvalidInputError):
        service.cooperations.record(agreement(parties=(PARTIES[0], PARTIES[0])), "李")
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
    assert (edited.version, edited.state) == (2, "draft")
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
    stored = service.cooperations.record(complete(), "李")
    with pytest.raises(IllegalTransitionError):
        service.cooperations.move(stored.id, "completed", "李")
    submitted = service.cooperations.move(stored.id, "submitted", "李")
    done = service.cooperations.decide(stored.id, "filed", submitted.version, "管")
    service.cooperations.move(stored.id, "performing", "李")
    done = service.cooperations.move(stored.id, "completed", "王")
    assert (done.state, done.version) == ("completed", 5)
    with pytest.raises(IllegalTransitionError, match="最终状态"):
        service.cooperations.move(stored.id, "terminated", "李", "不做了")
    history = service.cooperations.history(stored.id)
    assert [event.action for event in history] == ["moved", "moved", "filed", "submitted", "recorded"]
    assert history[0].changes == {"state": ("performing", "completed")}
    assert service.cooperations.state_counts() == {"completed": 1}


def test_only_what_is_complete_is_submitted(service: Service) -> None:
    stored = service.cooperations.record(agreement(parties=PARTIES[:1], contract_type="", region="某园区"), "李")
    with pytest.raises(InvalidInputError) as refused:
        service.cooperations.move(stored.id, "submitted", "李")
    assert refused.value.problems.keys() == {"parties", "contract_type", "region", "signed_on"}
    assert service.cooperations.get(stored.id) == stored


def test_numbers_follow_each_other_by_region(service: Service) -> None:
    regions = ("341500", "341500", "340100", "341500")
    numbers = [filed(service, region=region).filing_number for region in regions]
    year = service.cooperations.get(1).filed_on.year  # type: ignore[union-attr]
    assert numbers == [
        f"产学研-{place}-{year}-{number}"
        for place, number in zip(regions, ("0001", "0002", "0001", "0003"), strict=True)
    ]


def test_a_filing_that_fails_takes_no_number(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched, pytest.raises(StoreError):
        patched.setattr(audit, "add", _fail_at_filing(audit.add))
        filed(service)
    assert service.cooperations.get(1).state == "submitted"
    assert filed(service).filing_number.endswith("-0001")


def _fail_at_filing(add: Any) -> Any:
    def fail(*given: Any) -> None:
        if given[-1].get("state") == "filed":
            raise sqlite3.OperationalError("disk full")
        add(*given)

    return fail


def test_the_bureau_decides_on_what_it_saw(service: Service) -> None:
    stored = service.cooperations.record(complete(), "李")
    seen = service.cooperations.move(stored.id, "submitted", "李")
    with pytest.raises(InvalidInputError, match="原因"):
        service.cooperations.decide(stored.id, "draft", seen.version, "管", " ")
    given_back = service.cooperations.decide(stored.id, "draft", seen.version, "管", "缺日期")
    assert (given_back.state, given_back.reason) == ("draft", "缺日期")
    again = service.cooperations.move(stored.id, "submitted", "李")
    assert again.reason == ""
    with pytest.raises(StaleEditError, match="最新内容"):
        service.cooperations.decide(stored.id, "filed", seen.version, "管")
    assert service.cooperations.get(stored.id) == again


@pytest.mark.parametrize("state", ["filed", "draft", "revoked"])
def test_what_the_bureau_decides_no_move_brings_about(service: Service, state: str) -> None:
    stored = service.cooperations.record(complete(), "李")
    service.cooperations.move(stored.id, "submitted", "李")
    with pytest.raises(IllegalTransitionError, match="管理员"):
        service.cooperations.move(stored.id, state, "李", "因为")


def test_the_parties_and_brokers_are_told(service: Service) -> None:
    firm = service.postings.post(need(organisation="甲厂"), "李").organisation_id
    told = filed(service)
    service.cooperations.decide(told.id, "revoked", told.version, "管", "重复备案")
    rows = service.store.db.execute("select kind, organisation_id, about, about_id, words from notice").fetchall()
    assert [row[:4] for row in rows] == [
        (kind, to, "cooperation", told.id) for kind in ("filed", "revoked") for to in (None, firm)
    ]
    assert told.filing_number in rows[0][4] and "重复备案" not in rows[-1][4]


def test_an_amendment_keeps_the_old(service: Service) -> None:
    before = filed(service, **{"title": "旧名", "milestones": full().milestones})
    changed = replace(before, title="新名", amount_yuan=5, milestones=before.milestones[1:])
    with pytest.raises(InvalidInputError, match="原因"):
        service.cooperations.amend(changed, "", "李")
    with pytest.raises(InvalidInputError, match="没有改动"):
        service.cooperations.amend(before, "补充", "李")
    after = service.cooperations.amend(changed, "补充协议", "李")
    assert (after.title, after.filing_number, after.state) == ("新名", before.filing_number, "filed")
    last = service.cooperations.amend(replace(after, title="更新的名"), "再改", "王")
    assert last.version == 5
    second, first = service.cooperations.amendments(before.id)
    assert (first.number, first.old, first.reason, first.actor) == (1, before, "补充协议", "李")
    assert (second.number, second.old, second.reason) == (2, after, "再改")
    event = service.cooperations.history(before.id)[1]
    assert event.changes["title"] == ("旧名", "新名") and event.changes["amendment"] == ("", "补充协议")


def test_what_is_filed_is_not_edited_and_a_draft_not_amended(service: Service) -> None:
    draft = service.cooperations.record(complete(), "李")
    with pytest.raises(IllegalTransitionError, match="直接编辑"):
        service.cooperations.amend(replace(draft, title="新"), "因为", "李")
    submitted = service.cooperations.move(draft.id, "submitted", "李")
    for change in (service.cooperations.edit, service.cooperations.report):
        with pytest.raises(IllegalTransitionError, match="退回"):
            change(replace(submitted, title="新"), "李")
    done = filed(service)
    with pytest.raises(IllegalTransitionError, match="变更"):
        service.cooperations.edit(replace(done, title="新"), "李")
    ended = service.cooperations.move(done.id, "terminated", "李", "经费不到位")
    with pytest.raises(IllegalTransitionError, match="不能再改"):
        service.cooperations.amend(replace(ended, title="新"), "因为", "李")


def test_reports_touch_only_what_was_done(service: Service) -> None:
    planned = full()
    before = filed(service, payments=planned.payments[1:], milestones=planned.milestones[1:])
    typed = replace(
        before,
        title="改名",
        payments=(replace(before.payments[0], amount_yuan=1, paid_yuan=7, paid_on=date(2026, 12, 1)),),
        milestones=(replace(before.milestones[0], title="改名", state="missed"),),
        outcomes=planned.outcomes,
    )
    after = service.cooperations.report(typed, "李")
    assert after.title == before.title and service.cooperations.amendments(before.id) == ()
    assert (after.payments[0].amount_yuan, after.payments[0].paid_yuan) == (600_000, 7)
    assert (after.milestones[0].title, after.milestones[0].state) == ("完成验收", "missed")
    assert after.outcomes == planned.outcomes
    event = service.cooperations.history(before.id)[0]
    assert (event.action, set(event.changes)) == ("reported", {"payments", "milestones", "outcomes"})


def test_an_edit_after_a_move_is_stale(service: Service) -> None:
    stored = service.cooperations.record(complete(), "李")
    service.cooperations.move(stored.id, "submitted", "王")
    with pytest.raises(StaleEditError):
        service.cooperations.edit(replace(stored, note="x"), "李")


def test_the_versions_agreed_upon_are_kept(service: Service) -> None:
    asking = service.postings.post(need(), "李")
    before = service.cooperations.record(agreement(need_id=asking.id), "李")
    service.postings.edit(replace(asking, description="改过的描述"), "李")
    after = service.cooperations.record(agreement(need_id=asking.id), "李")
    assert (before.need_version, after.need_version, after.achievement_version) == (1, 2, None)


def test_what_does_not_exist_is_named(service: Service) -> None:
    for use in (
        lambda: service.cooperations.get(7),
        lambda: service.cooperations.move(7, "performing", "李"),
        lambda: service.cooperations.decide(7, "filed", 1, "李"),
        lambda: service.cooperations.edit(agreement(id=7), "李"),
    ):
        with pytest.raises(NotFoundError, match="7"):
            use()


def test_lists(service: Service) -> None:
    asking, offering = service.postings.post(need(), "李"), service.postings.post(achievement(), "李")
    linked = service.cooperations.record(agreement(need_id=asking.id, achievement_id=offering.id, amount_yuan=5), "李")
    other = filed(service, title="第二份%_", direction="export", kind="alliance", signed_on=date(2025, 1, 1))

    def ids(sort: str = "newest", number: int = 1, size: int = 20, **filters: Any) -> list[int]:
        found = service.cooperations.listing(CooperationFilters(**filters), sort, number, size)
        return [each.id for each in found.items]

    assert ids() == ids("signed") == ids("no such order") == ids("filed") == [other.id, linked.id]
    assert ids("amount") == [linked.id, other.id]
    assert ids(number=2, size=1) == [linked.id]
    assert ids(state="draft") == [linked.id]
    for filters in (
        {"text": "%_"},
        {"text": other.filing_number},
        {"kind": "alliance"},
        {"direction": "export"},
        {"region": "340000"},
        {"year": 2025},
        {"kind": "alliance", "year": 2025, "text": "乙校"},
    ):
        assert ids(**filters) == [other.id], filters
    assert ids(text="乙校") == ids(contract_type="transfer") == [other.id, linked.id]
    assert ids(year=2024) == ids(contract_type="licence") == ids(party_id=1) == []
    assert service.cooperations.years() == (2025,)
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


def test_a_record_and_the_link_from_its_engagement_are_kept_together_or_not_at_all(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = filled.engagements.start(1, 1, Viewer(name="王"))
    wanted = replace(filled.cooperations.prefilled(1, 1), engagement_id=begun.id)

    def fail(*_: object, **__: object) -> None:
        raise StoreError("磁盘已满")

    with monkeypatch.context() as broken:
        broken.setattr(engagements, "change", fail)
        with pytest.raises(StoreError):
            filled.cooperations.record(wanted, "李")
    assert filled.cooperations.listing().total == 0
    with pytest.raises(NotFoundError):
        filled.cooperations.record(replace(wanted, engagement_id=99), "李")
    assert filled.cooperations.listing().total == 0
    stored = filled.cooperations.record(wanted, "李")
    linked = filled.engagements.get(begun.public_id)
    assert linked.cooperation_id == stored.id
    assert [each.action for each in filled.engagements.history(linked, True)] == ["recorded", "started"]
