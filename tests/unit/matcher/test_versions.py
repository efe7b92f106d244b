"""Versions of records: written with every change of content, never rewritten, brought back as new ones."""

import contextlib
import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from matcher.errors import InvalidInputError, NotFoundError
from matcher.models import KINDS, Achievement, Kind, Need
from matcher.record_content import content_text, read_content, record_as_in
from matcher.service import Service
from matcher.store import Store
from matcher.store.migrations import migrations
from tests.support.examples import RECORDS, WOOD_NEED
from tests.support.records import achievement, need, record


@pytest.mark.parametrize("kind", KINDS)
def test_each_change_of_content_makes_a_version(service: Service, kind: Kind) -> None:
    first = service.postings.post(record(kind, "甲"), "李")
    second = service.postings.edit(replace(first, title="乙"), "王")
    service.postings.edit(second, "王")
    service.postings.change_status(kind, first.id, "closed", "王")
    found = service.postings.versions(kind, first.id)
    assert [(each.number, each.actor, each.content["title"]) for each in found] == [(2, "王", "乙"), (1, "李", "甲")]
    assert service.postings.version(kind, first.id) == 2
    assert service.postings.version(kind, 99) == 0


@pytest.mark.parametrize("given", RECORDS, ids=lambda each: each.title[:6])
def test_a_version_holds_all_that_a_record_says(service: Service, given: Need | Achievement) -> None:
    stored = service.postings.post(given, "李")
    version = service.postings.in_version(stored.kind, stored.id, 1)
    bare = replace(stored, title="x", description="", indicators=(), keywords=(), modes=(), field="", maturity=None)
    assert record_as_in(version, bare) == stored
    assert read_content(content_text(stored)) == version.content


def test_an_old_version_comes_back_as_a_new_one_with_the_readers_of_now(service: Service) -> None:
    first = service.postings.post(replace(WOOD_NEED, visibility="public"), "李")
    changed = replace(first, title="乙", deadline=date(2028, 1, 1), visibility="brokers", updated_at=None)
    service.postings.edit(changed, "王")
    back = service.postings.restore("need", first.id, 1, "张")
    assert (back.title, back.visibility) == (WOOD_NEED.title, "brokers")
    assert isinstance(back, Need) and back.deadline == WOOD_NEED.deadline
    newest = service.postings.versions("need", first.id)[0]
    assert (newest.number, newest.actor, newest.note) == (3, "张", "恢复自第 1 版")


def test_what_may_not_be_said_now_does_not_come_back(service: Service) -> None:
    first = service.postings.post(need("甲厂的难题", organisation="甲厂"), "李")
    service.postings.edit(replace(first, title="防霉", visibility="brokers"), "李")
    with pytest.raises(InvalidInputError, match="却写有单位名称"):
        service.postings.restore("need", first.id, 1, "李")
    assert service.postings.version("need", first.id) == 2


def test_there_is_no_other_version(service: Service) -> None:
    first = service.postings.post(need(), "李")
    with pytest.raises(NotFoundError, match="没有第 7 版"):
        service.postings.in_version("need", first.id, 7)


@pytest.mark.parametrize("sql", ["update record_version set content = '{}'", "delete from record_version"])
def test_versions_cannot_be_rewritten(service: Service, sql: str) -> None:
    service.postings.post(need(), "李")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), service.store.transaction() as db:
        db.execute(sql)
    service.store.db.execute("select 1")


def test_a_version_and_its_record_are_written_together(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    first = service.postings.post(need("甲"), "李")
    monkeypatch.setattr(service.engine, "recentre", lambda *_: 1 / 0)
    with contextlib.suppress(ZeroDivisionError):
        service.postings.edit(replace(first, title="乙"), "李")
    assert service.postings.get("need", first.id).title == "甲"
    assert service.postings.version("need", first.id) == 1


def test_verdicts_keep_the_versions_that_were_judged(service: Service) -> None:
    first, other = service.postings.post(need("甲"), "李"), service.postings.post(achievement("乙"), "李")
    service.matching.judge(first.id, other.id, 3, "甲人")
    service.postings.edit(replace(first, title="丙"), "李")
    service.matching.judge(first.id, other.id, 4, "乙人")
    found = {each.judge: each for each in service.matching.verdicts(first.id, other.id)}
    assert [(found[who].need_version, found[who].achievement_version) for who in ("甲人", "乙人")] == [(1, 1), (2, 1)]


def test_records_of_an_older_store_get_version_1(tmp_path: Path) -> None:
    new = Store(tmp_path / "new.db")
    old = new.db.__class__(tmp_path / "old.db")
    migrations.apply(old, stop_before="record_versions")
    old.execute("insert into organisation (name) values ('甲厂')")
    old.execute(
        "insert into need (organisation_id, title, indicators, named_ids, shows_organisation, status, deadline,"
        " created_at, updated_at) values (1, '甲', '[\"一\"]', '[3]', 1, 'published', '2027-01-02', 'x', '2026-11-01')"
    )
    migrations.apply(old)
    ((number, actor, text),) = old.execute("select number, actor, content from record_version").fetchall()
    as_it_was = Need(title="甲", indicators=("一",), named_ids=(3,), shows_organisation=True, organisation="甲厂")
    said = read_content(content_text(replace(as_it_was, deadline=date(2027, 1, 2))))
    found = read_content(text)
    assert (number, actor) == (1, "")
    assert {name: value for name, value in said.items() if name in found} == found
    old.close()
    new.close()
