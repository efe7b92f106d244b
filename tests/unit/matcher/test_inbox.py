"""Who reads which notice, until when, and what of it is counted; telling of strong matches."""

from dataclasses import replace
from typing import Any

import pytest

from matcher.errors import InvalidInputError, NotFoundError
from matcher.inbox import Inbox
from matcher.models import Achievement, Need, Organisation
from matcher.notices import KINDS
from matcher.people import Account, viewer_of
from matcher.policy import Action, Viewer
from matcher.service import Service
from matcher.store import memberships, notices
from tests.conftest import OpenService
from tests.support.people import member
from tests.support.records import achievement, need

FIRM, OTHER_FIRM, BROKERS, UNIVERSITY = "甲厂", "丁厂", "丙经纪", "乙大学"


@pytest.fixture
def service(open_service: OpenService) -> Service:
    return open_service()


def viewer(service: Service, account: Account, place: int = 0) -> Viewer:
    held = service.signing_in.memberships(account.id)
    return viewer_of(account, held[place] if held else None)


def tell(service: Service, words: str = "一条消息", kind: str = "due", **to: int) -> None:
    with service.store.transaction() as db:
        notices.add(db, kind, words, ("need", 1), **to)


def words(service: Service, reader: Viewer, **asked: Any) -> list[str]:
    return [each.words for each in service.inbox.listing(reader, **asked).items]


def place_of(service: Service, account: Account) -> int:
    return service.signing_in.memberships(account.id)[0].organisation_id


def test_each_reads_what_is_theirs(service: Service) -> None:
    wang, li = member(service, "wang", FIRM, "enterprise"), member(service, "liu", OTHER_FIRM, "enterprise")
    chen = member(service, "chen", BROKERS, "broker")
    tell(service, "给王", account_id=wang.id)
    tell(service, "给甲厂", organisation_id=place_of(service, wang))
    tell(service, "给经纪人")
    assert words(service, viewer(service, wang)) == ["给甲厂", "给王"]
    assert words(service, viewer(service, li)) == []
    assert words(service, viewer(service, chen)) == ["给经纪人"]


def test_who_joins_later_does_not_read_what_was_before(service: Service) -> None:
    wang = member(service, "wang", FIRM, "enterprise")
    tell(service, "以前", organisation_id=place_of(service, wang))
    zhao = member(service, "zhao", FIRM, "enterprise")
    tell(service, "以后", organisation_id=place_of(service, wang))
    assert words(service, viewer(service, zhao)) == ["以后"]


def test_who_waits_to_be_admitted_is_told_nothing(service: Service) -> None:
    wang = member(service, "wang", FIRM, "enterprise")
    zhao = member(service, "zhao", OTHER_FIRM, "enterprise")
    with service.store.transaction() as db:
        memberships.put(db, zhao.id, place_of(service, wang), "enterprise", False, "pending")
    tell(service, organisation_id=place_of(service, wang))
    assert service.store.db.execute("select account_id from notice_delivery").fetchall() == [(wang.id,)]


def test_acting_for_another_organisation_shows_that_ones_notices(service: Service) -> None:
    wang = member(service, "wang", FIRM, "enterprise")
    other = service.joining.organisation(Organisation(name=OTHER_FIRM)).id
    service.joining.put(wang, other, "enterprise", False, "测试")
    tell(service, "给甲厂", organisation_id=place_of(service, wang))
    tell(service, "给丁厂", organisation_id=other)
    tell(service, "给王", account_id=wang.id)
    assert words(service, viewer(service, wang, 0)) == ["给王", "给甲厂"]
    assert words(service, viewer(service, wang, 1)) == ["给王", "给丁厂"]


def test_who_leaves_or_is_no_broker_any_more_reads_it_no_longer(service: Service) -> None:
    chen, boss = member(service, "chen", BROKERS, "broker"), member(service, "boss", BROKERS, "broker", is_owner=True)
    place = place_of(service, chen)
    tell(service, "给经纪人")
    tell(service, "给单位", organisation_id=place)
    service.joining.change(chen.public_id, place, "enterprise", False, "测试")
    assert words(service, viewer(service, chen)) == ["给单位"]
    reader = viewer(service, chen)
    service.joining.remove(chen.public_id, place, "测试")
    assert words(service, viewer(service, chen)) == [] == words(service, reader)
    service.joining.put(chen, place, "broker", False, "测试")
    assert words(service, viewer(service, chen)) == ["给经纪人"]
    assert words(service, viewer(service, boss)) == ["给单位", "给经纪人"]


def test_marks_are_of_one_account(service: Service) -> None:
    wang, zhao = (member(service, name, FIRM, "enterprise") for name in ("wang", "zhao"))
    for number in range(3):
        tell(service, f"第{number}条", organisation_id=place_of(service, wang))
    mine, theirs = viewer(service, wang), viewer(service, zhao)
    first = service.inbox.listing(mine).items[0]
    assert service.inbox.unread(mine) == 3
    service.inbox.read(mine, first.public_id)
    assert service.inbox.unread(mine) == 2 and service.inbox.unread(theirs) == 3
    assert words(service, mine, unread=True) == ["第1条", "第0条"]
    with pytest.raises(NotFoundError):
        service.inbox.read(theirs, first.public_id)
    service.inbox.mark(mine, first.public_id, read=False)
    assert service.inbox.unread(mine) == 3
    service.inbox.mark_all_read(mine)
    assert service.inbox.unread(mine) == 0 and service.inbox.unread(theirs) == 3


def test_kinds_are_counted_and_unknown_ones_stand_together(service: Service) -> None:
    wang = member(service, "wang", FIRM, "enterprise")
    for kind in ("strong_match", "of_tomorrow", "of_the_day_after"):
        tell(service, kind, kind, account_id=wang.id)
    mine = viewer(service, wang)
    assert service.inbox.kind_counts(mine) == {"strong_match": 1, "other": 2}
    assert words(service, mine, kind="other") == ["of_the_day_after", "of_tomorrow"]
    assert words(service, mine, kind="strong_match") == ["strong_match"]
    service.inbox.mark_all_read(mine, "other")
    assert service.inbox.kind_counts(mine, unread=True) == {"strong_match": 1}


def test_pages_hold_each_notice_once(service: Service) -> None:
    wang = member(service, "wang", FIRM, "enterprise")
    for number in range(5):
        tell(service, str(number), account_id=wang.id)
    pages = [words(service, viewer(service, wang), number=number, size=2) for number in (1, 2, 3)]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]


def test_counting_stops_at_a_hundred(service: Service) -> None:
    wang = member(service, "wang", FIRM, "enterprise")
    with service.store.transaction() as db:
        for _ in range(120):
            notices.add(db, "due", "到期", ("need", 1), account_id=wang.id)
    assert service.inbox.unread(viewer(service, wang)) == 100


def test_a_kind_that_is_switched_off_is_not_shown(service: Service) -> None:
    wang = member(service, "wang", FIRM, "enterprise")
    tell(service, "以前", "strong_match", account_id=wang.id)
    service.inbox.prefer(wang, {"strong_match": (False, "no"), "other": (True, "weekly")})
    tell(service, "以后", "strong_match", account_id=wang.id)
    tell(service, "别的", "of_tomorrow", account_id=wang.id)
    assert words(service, viewer(service, wang)) == ["别的", "以前"]
    kept = service.inbox.preferences(wang.id)
    assert not kept["strong_match"].in_app and kept["other"].mail == "weekly" and set(kept) == set(KINDS)
    assert service.auditing.listing("", (), 1).items[0].action == "changed notices"


@pytest.mark.parametrize("wanted", [{"strong_match": (True, "hourly")}, {"nothing": (True, "no")}])
def test_wishes_that_cannot_be(service: Service, wanted: dict[str, tuple[bool, str]]) -> None:
    wang = member(service, "wang", FIRM, "enterprise")
    with pytest.raises(InvalidInputError):
        service.inbox.prefer(wang, wanted)


def test_leaving_takes_notices_and_wishes_along(service: Service) -> None:
    wang = member(service, "wang", FIRM, "enterprise")
    tell(service, "给王", account_id=wang.id)
    service.inbox.prefer(wang, {"strong_match": (False, "no")})
    held = service.personal_data.held_on(wang)
    assert held["notices"][0]["words"] == "给王" and held["notice_preferences"][0]["kind"] == "strong_match"
    service.personal_data.leave(wang)
    for table in ("notice_delivery", "notice_preference"):
        assert service.store.db.execute(f"select count(*) from {table}").fetchone() == (0,)


@pytest.fixture
def pair(service: Service) -> tuple[Need, Achievement]:
    member(service, "wang", FIRM, "enterprise")
    member(service, "liu", UNIVERSITY, "university")
    old = service.postings.post(need(organisation=FIRM, visibility="members"), "测试")
    new = service.postings.post(achievement(organisation=UNIVERSITY, description="机密细节"), "测试")
    assert isinstance(old, Need) and isinstance(new, Achievement)
    return old, new


def told(service: Service, *pairs: tuple[Need, Achievement]) -> list[bool]:
    with service.store.transaction() as db:
        return [Inbox.tell_strong_match(db, *each) for each in pairs]


def inbox_of(service: Service, login: str) -> list[str]:
    return words(service, viewer(service, service.accounts.by_login(login)))


def test_the_owner_of_the_older_record_is_told_of_the_newer_once(
    service: Service, pair: tuple[Need, Achievement]
) -> None:
    assert told(service, pair, pair) == [True, False]
    (line,) = inbox_of(service, "wang")
    assert pair[0].title in line and pair[1].title in line and "机密" not in line
    assert inbox_of(service, "liu") == []


def test_when_the_need_is_newer_the_achievements_owner_is_told(
    service: Service, pair: tuple[Need, Achievement]
) -> None:
    edited = service.postings.edit(replace(pair[0], updated_at=None, description="改过了"), "测试")
    assert isinstance(edited, Need)
    assert told(service, (edited, pair[1])) == [True]
    assert len(inbox_of(service, "liu")) == 1 and inbox_of(service, "wang") == []


@pytest.mark.parametrize("status", ["draft", "closed", "matched"])
@pytest.mark.parametrize("side", [0, 1])
def test_nobody_is_told_of_what_is_not_published(
    service: Service, pair: tuple[Need, Achievement], status: Any, side: int
) -> None:
    changed = [replace(each, status=status) if place == side else each for place, each in enumerate(pair)]
    assert told(service, (changed[0], changed[1])) == [False]  # type: ignore[arg-type]
    assert inbox_of(service, "wang") == []


def test_the_policy_is_asked_whether_the_receiver_may_see_it(
    service: Service, pair: tuple[Need, Achievement], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("matcher.inbox.may", lambda *question: asked.append(question))
    assert told(service, pair) == [False]
    ((receiver, action, subject),) = asked
    assert receiver.organisation_id == pair[0].organisation_id and action is Action.SEE
    assert subject.organisation_ids == {pair[1].organisation_id}


def test_nobody_is_told_of_ones_own_or_without_an_owner(service: Service, pair: tuple[Need, Achievement]) -> None:
    own = replace(pair[1], organisation_id=pair[0].organisation_id)
    assert told(service, (pair[0], own), (replace(pair[0], organisation_id=None), pair[1])) == [False, False]


def test_an_organisation_is_told_of_five_a_day(service: Service, pair: tuple[Need, Achievement]) -> None:
    others = [service.postings.post(achievement(f"成果{each}", organisation=UNIVERSITY), "测试") for each in range(7)]
    done = told(service, *((pair[0], each) for each in others if isinstance(each, Achievement)))
    assert done == [True] * 5 + [False] * 2 and len(inbox_of(service, "wang")) == 5
