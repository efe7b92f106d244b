"""Posting, editing, moving, deleting: what is stored, what search keeps, what is refused."""

import contextlib
import sqlite3
import threading
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from matcher.documents import body_terms, title_terms
from matcher.errors import (
    IllegalTransitionError,
    InUseError,
    InvalidInputError,
    MatcherError,
    ModelMismatchError,
    NotFoundError,
    StaleEditError,
    StoreError,
)
from matcher.models import KINDS, Filters, Kind
from matcher.service import Service
from matcher.store import audit, embeddings, organisations
from tests.conftest import OpenService
from tests.support.cooperations import agreement
from tests.support.hash_encoder import HashEncoder
from tests.support.records import achievement, assert_consistent, counts, need, record

WITHDRAWALS = ("matched", "closed")


def stored_terms(service: Service, kind: Kind, item_id: int) -> tuple[str, str] | None:
    return service.store.db.execute(f"select title, body from {kind}_terms where rowid = ?", (item_id,)).fetchone()


@pytest.mark.parametrize("kind", KINDS)
def test_a_post_comes_back_as_it_was(service: Service, kind: Kind) -> None:
    own: dict[str, Any] = (
        {"budget_yuan": 10**12, "deadline": date(2027, 2, 28)}
        if kind == "need"
        else {"ip_kind": "发明专利", "ip_number": "ZL1", "asking_price_yuan": 0, "team": "课题组"}
    )
    given = record(
        kind,
        "标题",
        description="行一\n\n行二  ",
        indicators=("指标，一", "指标二"),
        field="4.5",
        keywords=("a;b", "乙"),
        maturity=9,
        modes=("transfer", "licence"),
        region="341504",
        organisation="云麓林业大学",
        external_id="x-1",
        is_demo=True,
        **own,
    )
    stored = service.postings.post(given, "李")
    assert stored == service.postings.get(kind, stored.id)
    assert stored.created_at == stored.updated_at
    set_by_store: dict[str, Any] = {"id": 0, "organisation_id": None, "created_at": None, "updated_at": None}
    set_by_store["valid_until"] = None
    assert replace(stored, **set_by_store, organisation_kind="") == given


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_published_is_in_every_index_and_what_is_not_in_none(service: Service, kind: Kind) -> None:
    service.postings.post(record(kind, "锂离子电池"), "李")
    draft = service.postings.post(record(kind, "草稿", status="draft"), "李")
    assert counts(service, kind) == {"records": 1, "terms": 1, "vectors": 1, "indexed": 1}
    service.postings.change_status(kind, draft.id, "published", "李")
    assert counts(service, kind) == {"records": 2, "terms": 2, "vectors": 2, "indexed": 2}
    assert_consistent(service)


def test_organisations_are_linked_by_name(service: Service) -> None:
    first = service.postings.post(achievement(organisation=" 云麓林业大学 ", organisation_kind="university"), "李")
    second = service.postings.post(need(organisation="云麓林业大学"), "李")
    assert first.organisation_id == second.organisation_id
    assert (first.organisation, second.organisation_kind) == ("云麓林业大学", "university")
    enterprise = service.postings.post(need(organisation="青桐坞家居制造有限公司"), "李")
    assert enterprise.organisation_kind == "enterprise"
    assert service.postings.post(need(organisation="  "), "李").organisation_id is None
    assert organisations.count(service.store.db) == service.postings.organisation_count() == 2


def test_an_edit_changes_the_text_everywhere(service: Service) -> None:
    stored = service.postings.post(achievement("锂离子电池"), "李")
    edited = service.postings.edit(replace(stored, title="木材防霉剂", description="杨木板面"), "王")
    assert edited.updated_at > stored.updated_at
    assert edited.created_at == stored.created_at
    assert stored_terms(service, "achievement", stored.id) == (
        " ".join(title_terms(edited)),
        " ".join(body_terms(edited)),
    )
    assert [each.id for each, _ in service.matching.search("achievement", "杨木防霉", k=1)] == [stored.id]
    assert_consistent(service)


def test_an_edit_keeps_the_status(service: Service) -> None:
    stored = service.postings.post(need(status="draft"), "李")
    assert service.postings.edit(replace(stored, title="新", status="published"), "李").status == "draft"


def test_an_edit_of_what_somebody_else_changed_is_refused(service: Service) -> None:
    seen = service.postings.post(need(), "李")
    service.postings.edit(replace(seen, title="王改的"), "王")
    with pytest.raises(StaleEditError, match="已被他人修改"):
        service.postings.edit(replace(seen, title="李改的"), "李")
    assert service.postings.get("need", seen.id).title == "王改的"
    unaware = service.postings.edit(replace(seen, title="不看时间", updated_at=None), "李")
    assert unaware.title == "不看时间"


def test_equal_text_is_not_encoded_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = service.postings.post(need(), "李")
    monkeypatch.setattr(HashEncoder, "encode", None)
    assert service.postings.edit(replace(stored, budget_yuan=1), "李").budget_yuan == 1
    service.postings.change_status("need", stored.id, "closed", "李")
    service.postings.change_status("need", stored.id, "published", "李")
    assert_consistent(service)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", WITHDRAWALS)
def test_what_is_withdrawn_is_not_found_until_published_again(service: Service, kind: Kind, status: Any) -> None:
    stored = service.postings.post(record(kind), "李")
    service.postings.change_status(kind, stored.id, status, "李")
    assert service.matching.search(kind, "锂离子电池") == ()
    assert counts(service, kind) == {"records": 0, "terms": 0, "vectors": 0, "indexed": 0}
    service.postings.change_status(kind, stored.id, "published", "李")
    assert [each.id for each, _ in service.matching.search(kind, "锂离子电池")] == [stored.id]


def test_illegal_steps_are_refused(service: Service) -> None:
    stored = service.postings.post(need(status="draft"), "李")
    with pytest.raises(IllegalTransitionError, match="“草稿”不能改为“已撤回”；可以改为：已发布"):
        service.postings.change_status("need", stored.id, "closed", "李")
    assert service.postings.get("need", stored.id).status == "draft"


@pytest.mark.parametrize("kind", KINDS)
def test_a_deleted_record_is_gone_everywhere_but_in_the_audit(service: Service, kind: Kind) -> None:
    stored = service.postings.post(record(kind, organisation="甲厂"), "李")
    service.postings.delete(kind, stored.id, "王")
    with pytest.raises(NotFoundError, match=f"没有编号为 {stored.id}"):
        service.postings.get(kind, stored.id)
    assert service.matching.search(kind, "锂离子电池") == ()
    assert embeddings.get(service.store.db, kind, stored.id, "hash-encoder@1") is None
    last = audit.of_item(service.store.db, kind, stored.id)[-1]
    assert (last.actor, last.action, last.after) == ("王", "deleted", {})
    assert (last.before["title"], last.before["organisation"]) == ("锂离子电池", "甲厂")
    with pytest.raises(NotFoundError):
        service.postings.delete(kind, stored.id, "王")


def test_a_record_in_a_cooperation_cannot_be_deleted(service: Service) -> None:
    stored = service.postings.post(need(), "李")
    service.cooperations.record(agreement(need_id=stored.id, title="合同一"), "李")
    with pytest.raises(InUseError, match=r"合同一.*可以改为撤回"):
        service.postings.delete("need", stored.id, "李")
    assert_consistent(service)


def test_verdicts_go_with_a_deleted_record(service: Service) -> None:
    asked, offered = service.postings.post(need(), "李"), service.postings.post(achievement(), "李")
    service.matching.judge(asked.id, offered.id, 4, "李")
    service.postings.delete("need", asked.id, "李")
    assert service.store.db.execute("select count(*) from verdict").fetchone() == (0,)


def test_the_audit_tells_each_change(service: Service) -> None:
    stored = service.postings.post(need("一"), "李")
    service.postings.edit(replace(stored, title="二"), "王")
    service.postings.change_status("need", stored.id, "closed", "赵")
    lines = audit.of_item(service.store.db, "need", stored.id)
    assert [(line.actor, line.action) for line in lines] == [
        ("李", "created"),
        ("王", "changed"),
        ("赵", "changed"),
    ]
    assert [(line.before, line.after) for line in lines[1:]] == [
        ({"title": "一"}, {"title": "二"}),
        ({"status": "published"}, {"status": "closed"}),
    ]


def test_bad_input_stores_nothing(service: Service) -> None:
    with pytest.raises(InvalidInputError) as refused:
        service.postings.post(need("", maturity=12), "李")
    assert refused.value.problems.keys() == {"title", "maturity"}
    assert service.postings.count("need", Filters(status="")) == 0


def test_records_are_found_by_outside_id_or_number(service: Service) -> None:
    first = service.postings.post(need("一", external_id="2"), "李")
    second = service.postings.post(need("二"), "李")
    assert service.postings.find("need", "2").id == first.id
    assert service.postings.find("need", str(first.id)).id == first.id
    service.postings.delete("need", first.id, "李")
    assert service.postings.find("need", "2").id == second.id
    for name in ("99", "x", "", "9" * 30, "-1", "²"):
        with pytest.raises(NotFoundError):
            service.postings.find("need", name)


def test_an_outside_id_given_twice_is_refused(service: Service) -> None:
    service.postings.post(need("一", external_id="x"), "李")
    with pytest.raises(InvalidInputError, match="x"):
        service.postings.post(need("二", external_id="x"), "李")
    assert service.postings.count("need", Filters()) == 1


def test_a_failure_midway_leaves_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(service.engine, "recentre", fail)
    with pytest.raises(StoreError, match="disk full"):
        service.postings.post(need(organisation="甲厂"), "李")
    monkeypatch.undo()
    assert organisations.count(service.store.db) == 0
    assert_consistent(service)
    service.postings.post(need(), "李")
    assert_consistent(service)


def test_an_edit_between_reading_and_publishing_wins_everywhere(
    open_service: OpenService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, other = open_service(), open_service(busy_timeout_ms=50)
    stored = service.postings.post(need("锂离子电池", status="draft"), "李")
    prepare = service.engine.prepare

    def prepare_while_another_edits(*given: Any) -> Any:
        found = prepare(*given)
        edit = threading.Thread(target=try_to_edit)
        edit.start()
        edit.join()
        return found

    def try_to_edit() -> None:
        with contextlib.suppress(sqlite3.OperationalError, MatcherError):
            other.postings.edit(replace(stored, title="木材防霉剂"), "王")

    monkeypatch.setattr(service.engine, "prepare", prepare_while_another_edits)
    service.postings.change_status("need", stored.id, "published", "李")
    record_now = service.postings.get("need", stored.id)
    assert stored_terms(service, "need", stored.id) == (" ".join(title_terms(record_now)), "")
    assert_consistent(service)


def test_a_post_encoded_before_the_model_changed_is_refused(
    open_service: OpenService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, other = open_service(HashEncoder("old@1")), open_service(HashEncoder("new@1"))
    service.postings.post(need(), "李")
    prepare = service.engine.prepare

    def prepare_while_another_reindexes(*given: Any) -> Any:
        found = prepare(*given)
        other.reindex()
        return found

    monkeypatch.setattr(service.engine, "prepare", prepare_while_another_reindexes)
    with pytest.raises(ModelMismatchError, match=r"new@1.*old@1"):
        service.postings.post(need("第二个"), "李")
    assert other.postings.count("need", Filters()) == 1
    assert_consistent(other)
