"""How long records hold: the last day, reminding, closing, renewing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from matcher.clock import today
from matcher.errors import IllegalTransitionError, InvalidInputError
from matcher.models import KINDS, Filters, Kind, Record
from matcher.service import Service
from matcher.store import audit
from matcher.validity import CLOSE_REASONS, check_chosen
from tests.conftest import OpenService
from tests.support.records import assert_consistent, need, record

DAY = timedelta(days=1)


def ran_out(service: Service, kind: Kind, title: str = "锂离子电池", days: int = 1, **given: Any) -> Record:
    """Return a published record whose last day was some days ago."""
    stored = service.postings.post(record(kind, title, **given), "李")
    with service.store.transaction() as db:
        db.execute(f"update {kind} set valid_until = ? where id = ?", ((today() - days * DAY).isoformat(), stored.id))
    return service.postings.get(kind, stored.id)


def told(service: Service) -> list[tuple[str, str]]:
    return service.store.db.execute("select kind, words from notice order by id").fetchall()


@pytest.mark.parametrize("kind", KINDS)
def test_publishing_sets_the_last_day_and_a_draft_has_none(open_service: OpenService, kind: Kind) -> None:
    service = open_service(valid_days=30)
    draft = service.postings.post(record(kind, status="draft"), "李")
    assert draft.valid_until is None
    assert service.postings.change_status(kind, draft.id, "published", "李").valid_until == today() + 30 * DAY
    chosen = service.postings.post(record(kind, valid_until=today() + DAY), "李")
    assert chosen.valid_until == today() + DAY


@pytest.mark.parametrize("kind", KINDS)
def test_what_ran_out_is_closed_told_and_found_no_more(service: Service, kind: Kind) -> None:
    old = ran_out(service, kind, organisation="甲厂")
    last_day = ran_out(service, kind, "铁电池", days=0)
    assert service.lifetimes.sweep()[0] == 1
    found = service.postings.get(kind, old.id)
    assert (found.status, found.close_reason) == ("closed", "expired")
    assert service.postings.get(kind, last_day.id).status == "published"
    assert [each.id for each, _ in service.matching.search(kind, "锂离子电池")] == [last_day.id]
    assert service.postings.count(kind, Filters()) == 1
    assert told(service) == [("record_expired", "“锂离子电池”的有效期已到，已自动撤回；还有效请点“续期”")]
    assert audit.of_item(service.store.db, kind, old.id)[-1].actor == "系统"
    assert service.postings.version(kind, old.id) == 1
    assert service.lifetimes.sweep()[0] == 0
    assert_consistent(service)


def test_many_run_out_at_once(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.posting._LOT", 2)
    for number in range(5):
        ran_out(service, "need", f"甲{number}")
    assert service.lifetimes.sweep() == (5, 0)
    assert_consistent(service)


def test_owners_are_reminded_once_for_each_last_day(open_service: OpenService) -> None:
    service = open_service(expiry_notice_days=14)
    soon = service.postings.post(need("快到期", organisation="甲厂", valid_until=today() + 14 * DAY), "李")
    service.postings.post(need("还早", organisation="甲厂", valid_until=today() + 15 * DAY), "李")
    service.postings.post(need("没有单位", valid_until=today() + DAY), "李")
    assert [service.lifetimes.sweep() for _ in range(2)] == [(0, 1), (0, 0)]
    ((kind, words),) = told(service)
    assert kind == "record_expiring" and "快到期" in words and str(soon.valid_until) in words
    service.postings.edit(replace(soon, valid_until=today() + 7 * DAY, updated_at=None), "李")
    assert service.lifetimes.sweep() == (0, 1)


def test_renewing_counts_from_today_and_publishes_what_had_run_out(open_service: OpenService) -> None:
    service = open_service(valid_days=100)
    soon = service.postings.post(need(valid_until=today() + DAY), "李")
    assert service.postings.renew("need", soon.id, "李").valid_until == today() + 100 * DAY
    old = ran_out(service, "need")
    service.lifetimes.sweep()
    back = service.postings.renew("need", old.id, "李")
    assert (back.status, back.close_reason, back.valid_until) == ("published", "", today() + 100 * DAY)
    assert_consistent(service)
    service.postings.change_status("need", old.id, "matched", "李")
    assert service.postings.renew("need", old.id, "李").status == "published"


def test_one_that_was_renewed_meanwhile_is_not_closed(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    old = ran_out(service, "need")
    prepare = service.engine.prepare

    def renew_first(records: Any, progress: Any = None) -> Any:
        monkeypatch.setattr(service.engine, "prepare", prepare)
        service.postings.renew("need", old.id, "李")
        return prepare(records, progress)

    monkeypatch.setattr(service.engine, "prepare", renew_first)
    assert service.lifetimes.sweep()[0] == 0
    assert service.postings.get("need", old.id).status == "published"


@pytest.mark.parametrize("kind", KINDS)
def test_a_reason_is_of_the_list_and_goes_when_it_is_published_again(service: Service, kind: Kind) -> None:
    stored = service.postings.post(record(kind), "李")
    with pytest.raises(InvalidInputError, match="请选择撤回的原因"):
        service.postings.change_status(kind, stored.id, "closed", "李", "别的")
    reason = next(iter(CLOSE_REASONS[kind]))
    assert service.postings.change_status(kind, stored.id, "closed", "李", reason).close_reason == reason
    assert service.postings.change_status(kind, stored.id, "published", "李").close_reason == ""


def test_a_draft_cannot_be_renewed_into_what_it_is_not(service: Service) -> None:
    stored = service.postings.post(need(), "李")
    service.postings.change_status("need", stored.id, "closed", "李", "other")
    assert service.postings.renew("need", stored.id, "李").status == "published"
    with pytest.raises(IllegalTransitionError):
        service.postings.change_status("need", stored.id, "draft", "李")


def test_a_day_that_is_over_cannot_be_chosen_but_stays_where_it_stands() -> None:
    past = need(valid_until=today() - DAY)
    with pytest.raises(InvalidInputError, match="已经过去"):
        check_chosen(past, None)
    with pytest.raises(InvalidInputError, match="已经过去"):
        check_chosen(past, need(valid_until=today()))
    check_chosen(past, past)
    check_chosen(need(valid_until=today()), None)


def test_a_file_says_nothing_of_the_last_day(service: Service) -> None:
    stored = service.postings.post(need(external_id="x", valid_until=today() + 5 * DAY), "李")
    service.postings.save_many([need("换了题目", id=stored.id, external_id="x")], "李")
    assert service.postings.get("need", stored.id).valid_until == today() + 5 * DAY


def test_each_process_sweeps_once_a_day(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    ran_out(service, "need", "甲")
    service.lifetimes.sweep_daily()
    second = ran_out(service, "need", "乙")
    service.lifetimes.sweep_daily()
    assert service.postings.get("need", second.id).status == "published"
    monkeypatch.setattr("matcher.lifetimes.today", lambda: today() + DAY)
    service.lifetimes.sweep_daily()
    assert service.postings.get("need", second.id).status == "closed"
