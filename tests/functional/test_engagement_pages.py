"""Engagements as their people see them: a broker, another broker, both sides, a stranger."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from icalendar import Calendar

from matcher.engagement import END_REASONS, Engagement, EngagementFilters, Progress
from matcher.interest import Questions
from matcher.policy import Role, Viewer
from matcher.service import Service
from matcher.store import inbox
from tests.support.people import member, sign_in
from tests.support.records import achievement, need
from tests.support.visitor import Visitor

pytestmark = pytest.mark.wide

SECRET = "底价三百万不对外"


@pytest.fixture
def people(app: Flask, service: Service) -> Callable[..., Visitor]:
    """A function that lets somebody in as a member of an organisation."""

    def let_in(login: str, organisation: str, role: str) -> Visitor:
        return Visitor(sign_in(app.test_client(), service, member(service, login, organisation, role)))  # type: ignore[arg-type]

    return let_in


@pytest.fixture
def broker(people: Callable[..., Visitor]) -> Visitor:
    return people("王经纪", "丙经纪", "broker")


@pytest.fixture
def pair(service: Service) -> tuple[int, int]:
    """A need of 甲厂 and an achievement of 乙大学."""
    sides = (need(organisation="甲厂"), achievement(organisation="乙大学"))
    return tuple(service.postings.post(each, "测试").id for each in sides)  # type: ignore[return-value]


@pytest.fixture
def at(broker: Visitor, pair: tuple[int, int]) -> str:
    """The address of an engagement that the broker started from the page of the reasons."""
    broker.open(f"/matches/{pair[0]}/{pair[1]}")
    return broker.press("开始对接")


def only(service: Service) -> Engagement:
    return service.engagements.listing(EngagementFilters()).items[0]


def told(service: Service, login: str) -> list[str]:
    """Return the words of what somebody was told."""
    found = next(each for each in service.accounts.listing().items if each.login == login)
    places = service.signing_in.memberships(found.id)
    viewer = Viewer(
        roles=frozenset({Role.ACCOUNT, Role.BROKER}), account_id=found.id, organisation_id=places[0].organisation_id
    )
    return [each.words for each in inbox.listing(service.store.db, viewer, False, "", 1, 50).items]


def test_a_match_becomes_an_engagement_once(broker: Visitor, at: str, pair: tuple[int, int], service: Service) -> None:
    assert "防爆锂离子电池的研发" in broker.open(at)
    assert at in broker.open(f"/matches/{pair[0]}/{pair[1]}")
    assert service.engagements.start(*pair, Viewer(account_id=1)).public_id == at.rsplit("/", 1)[1]
    assert broker.open("/engagements").count("row-title") == 1


def test_a_broker_brings_it_to_a_contract_and_records_that(broker: Visitor, at: str) -> None:
    for state in ("agreed", "negotiating"):
        broker.open(at)
        broker.follow("保存进展", state=state, waits_for="enterprise", next_step="等样品", due_on="2027-01-05")
    text = broker.open(at)
    assert "2027年1月5日" in text and "等样品" in text and "下一步" in text
    record = re.search(r'href="(/cooperations/new\?[^"]*engagement=[^"]+)"', text)
    assert record and "防爆锂离子电池的研发" in broker.open(record[1].replace("&amp;", "&"))
    kept = broker.press("记录合作")
    assert kept in broker.open(at) and "记录为合作备案" in broker.page.text
    broker.follow("保存进展", state="signed")
    assert "（可以改为：" not in broker.open(at) and "签约" in broker.open("/engagements?state=signed")


def test_ending_needs_a_reason_and_can_be_taken_up_again(broker: Visitor, at: str) -> None:
    broker.open(at)
    text = broker.press("保存进展", 400, state="ended", told="一句要留下的话")
    assert "请选择终止的原因" in text and "一句要留下的话" in text
    broker.open(at)
    assert "终止的原因" in broker.follow("保存进展", state="ended", reason="capacity")
    assert "眼下没有人力或经费" in broker.page.text
    broker.follow("保存进展", state="contacting", reason="")
    assert "<dt>终止的原因</dt>" not in broker.open(at)


def test_the_second_of_two_is_told_both_values_and_can_go_on(
    broker: Visitor, at: str, client: object, service: Service
) -> None:
    chief = Visitor(client)  # type: ignore[arg-type]
    chief.open(at)
    broker.open(at)
    broker.follow("保存进展", next_step="先到的话")
    text = chief.press("保存进展", 409, next_step="后到的话", told="后到的留言")
    assert all(words in text for words in ("先到的话", "后到的话", "后到的留言", "已被他人改动"))
    chief.follow("保存进展")
    assert only(service).next_step == "后到的话"
    steps = [
        pair for each in service.engagements.history(only(service), True) for pair in each.changes.get("next_step", ())
    ]
    assert steps == ["先到的话", "后到的话", "", "先到的话"]


def test_both_sides_follow_it_but_read_no_inner_note(
    broker: Visitor, at: str, people: Callable[..., Visitor], service: Service
) -> None:
    firm, university = people("张工程", "甲厂", "enterprise"), people("李老师", "乙大学", "university")
    broker.open(at)
    broker.follow("记下", text=SECRET)
    broker.follow("记下", text="下周三交样品", is_shared="y")
    broker.follow("保存进展", state="agreed", next_step=f"先问{SECRET}", told="双方都有意")
    for side in (firm, university):
        text = side.open(at)
        assert "下周三交样品" in text and "双方都有意" in text and "王经纪" in text
        assert SECRET not in text and SECRET not in side.open("/engagements")
        assert "保存进展" not in text and "记一笔" not in text
    assert any("双方有意" in words for words in told(service, "张工程"))
    assert not any("不燃凝胶" in words for words in told(service, "张工程"))


def test_nobody_else_finds_it_and_before_contact_neither_side_does(
    broker: Visitor, at: str, people: Callable[..., Visitor], service: Service, pair: tuple[int, int]
) -> None:
    stranger, firm = people("外单位的人", "丁厂", "enterprise"), people("张工程", "甲厂", "enterprise")
    stranger.open(at, 403)
    assert "防爆" not in stranger.open("/engagements")
    broker.open(at)
    broker.follow("保存进展", state="suggested")
    firm.open(at, 403)
    assert "row-title" not in firm.open("/engagements")
    broker.open("/engagements/nothing", 404)


def test_another_broker_reads_takes_nothing_away_and_gets_it_handed_over(
    broker: Visitor, at: str, people: Callable[..., Visitor], service: Service
) -> None:
    other = people("赵经纪", "戊经纪", "broker")
    assert "保存进展" not in other.open(at)
    chosen = next(each for each in service.engagements.brokers() if each.account.login == "赵经纪").account.public_id
    broker.open(at)
    assert "保存进展" not in broker.follow("确认转交", broker=chosen)
    assert any("交给您经办" in words for words in told(service, "赵经纪"))
    other.open(at)
    other.follow("确认转交", broker="")
    assert "待领取" in broker.open("/engagements?whose=free")
    broker.open(at)
    assert "保存进展" in broker.follow("领取，由我经办")


def test_the_list_is_had_as_a_file_with_what_its_reader_may_read(
    broker: Visitor, at: str, people: Callable[..., Visitor]
) -> None:
    broker.open(at)
    broker.follow("保存进展", next_step=SECRET)
    firm = people("张工程", "甲厂", "enterprise")
    for who, reads in ((broker, True), (firm, False)):
        text = who.client.get("/engagements/export?state=contacting").data.decode("utf-8-sig")
        assert "防爆锂离子电池的研发" in text and (SECRET in text) == reads
        assert "防爆" not in who.client.get("/engagements/export?state=signed").data.decode()
    assert broker.client.get("/engagements/export?file=xlsx").data[:2] == b"PK"


def test_the_board_moves_cards_by_buttons(broker: Visitor, at: str, service: Service) -> None:
    assert "联系中" in broker.open("/engagements?view=board&whose=mine")
    place = broker.press("双方有意")
    assert place == "/engagements?view=board&whose=mine"
    broker.open(place)
    assert only(service).state == "agreed"
    assert 'class="board"' in broker.page.text


def test_a_list_is_narrowed_by_its_address(broker: Visitor, at: str) -> None:
    for address in ("?q=没有这样的", "?state=signed", "?whose=free", "?queue=overdue", "?field=3", "?region=北京市"):
        assert "没有符合条件的对接" in broker.open(f"/engagements{address}")
    for address in ("?q=防爆", "?state=contacting", "?whose=mine", "?queue=mine&sort=oldest&size=50"):
        assert "row-title" in broker.open(f"/engagements{address}")


def test_a_meeting_goes_into_a_calendar_moves_and_is_called_off(
    broker: Visitor, at: str, people: Callable[..., Visitor], service: Service
) -> None:
    firm = people("张工程", "甲厂", "enterprise")
    broker.open(f"{at}/meetings/new")
    text = broker.press("约定并通知双方", 400, title="看样品", day="2026-12-01", starts="15:00", ends="14:00")
    assert "结束时间须晚于开始时间" in text and "看样品" in text
    text = broker.follow("约定并通知双方", ends="16:30", place="甲厂会议室")
    address = re.search(r'href="(/meetings/[^"]+\.ics)"', text)
    assert address

    def event() -> object:
        found = Calendar.from_ical(firm.client.get(address[1]).data)
        return found, found.walk("VEVENT")[0]

    calendar, first = event()
    assert first["dtstart"].dt.isoformat() == "2026-12-01T07:00:00+00:00" and first["sequence"] == 0
    broker.open(address[1].replace(".ics", "/edit"))
    broker.follow("保存并通知双方", day="2026-12-02")
    assert event()[1]["uid"] == first["uid"] and event()[1]["sequence"] == 1
    broker.follow("确认取消会议")
    calendar, last = event()
    assert (str(calendar["method"]), str(last["status"])) == ("CANCEL", "CANCELLED")
    assert len([words for words in told(service, "张工程") if "会议" in words]) == 3
    broker.open(address[1].replace(".ics", "/edit"))
    assert "已取消" in broker.press("保存并通知双方", 409)


def test_an_agreed_interest_becomes_an_engagement(
    broker: Visitor, people: Callable[..., Visitor], service: Service, pair: tuple[int, int]
) -> None:
    asker = service.postings.get("achievement", pair[1]).organisation_id or 0
    made = service.interests.express(
        "need", pair[0], asker, Questions(why="一", offer="二", expectation="三", contact="四"), "李老师"
    )
    service.interests.forward(made, 1, "王经纪")
    service.interests.accept(made, "电话", "张工程")
    broker.open(f"/interests/{made}")
    assert "双方有意" in broker.follow("开始对接") and f'href="/interests/{made}"' in broker.page.text
    assert "查看对接" in broker.open(f"/interests/{made}")


def test_an_agreed_interest_is_linked_with_what_carries_the_pair_already(
    broker: Visitor, service: Service, pair: tuple[int, int], at: str
) -> None:
    asker = service.postings.get("achievement", pair[1]).organisation_id or 0
    made = service.interests.express(
        "need", pair[0], asker, Questions(why="一", offer="二", expectation="三", contact="四"), "李老师"
    )
    service.interests.forward(made, 1, "王经纪")
    service.interests.accept(made, "电话", "张工程")
    broker.open(f"/interests/{made}")
    assert "关联合作意向" in broker.follow("开始对接")
    assert "查看对接" in broker.open(f"/interests/{made}")
    assert only(service).interest_id == service.interests.get(made).id


def test_what_is_typed_stays_when_the_state_cannot_follow_any_more(broker: Visitor, service: Service, at: str) -> None:
    broker.open(at)
    present = only(service)
    service.engagements.bring_on(
        present.public_id,
        present.version,
        Progress(state="ended", waits_for="broker", reason=next(iter(END_REASONS))),
        "",
        "别人",
    )
    typed = {"state": "agreed", "told": "约好下周见面"}
    broker.press("保存进展", 409, **typed)
    assert "约好下周见面" in broker.press("保存进展", 409, **typed)


def test_what_is_due_is_told_once(service: Service, broker: Visitor, at: str) -> None:
    broker.open(at)
    broker.follow("保存进展", due_on="2020-01-01")
    assert (service.engagements.tell_due(), service.engagements.tell_due()) == (1, 0)
    assert any("已逾期" in words for words in told(service, "王经纪"))
    assert only(service).is_overdue(date(2026, 1, 1))


def test_whose_turn_is_due_is_told_too(
    service: Service, broker: Visitor, people: Callable[..., Visitor], at: str
) -> None:
    people("张工程", "甲厂", "enterprise")
    people("李老师", "乙大学", "university")
    broker.open(at)
    broker.follow("保存进展", due_on="2020-01-01", waits_for="enterprise")
    service.engagements.tell_due()
    assert any("等本单位的下一步已逾期" in words for words in told(service, "张工程"))
    assert not any("下一步" in words for words in told(service, "李老师"))


def test_a_record_with_an_engagement_stays(broker: Visitor, at: str, client: object, pair: tuple[int, int]) -> None:
    chief = Visitor(client)  # type: ignore[arg-type]
    chief.open(f"/needs/{pair[0]}/delete")
    assert "有对接引用了它" in chief.press("删除", 409)


def test_what_was_ended_stays_so_while_the_pair_is_carried_anew(
    broker: Visitor, at: str, pair: tuple[int, int]
) -> None:
    broker.open(at)
    broker.follow("保存进展", state="ended", reason="capacity")
    broker.open(f"/matches/{pair[0]}/{pair[1]}")
    again = broker.press("开始对接")
    assert again != at
    broker.open(at)
    assert "这一对已另有在办的对接" in broker.press("保存进展", 409, state="contacting", reason="")


def test_the_second_who_moves_a_meeting_sees_both_values(broker: Visitor, at: str, client: object) -> None:
    chief = Visitor(client)  # type: ignore[arg-type]
    broker.open(f"{at}/meetings/new")
    text = broker.follow("约定并通知双方", title="看样品", day="2026-12-01", starts="15:00", ends="16:00")
    edit = re.search(r'href="(/meetings/[^"]+/edit)"', text)
    assert edit
    chief.open(edit[1])
    broker.open(edit[1])
    broker.follow("保存并通知双方", place="先定的地点")
    text = chief.press("保存并通知双方", 409, place="后定的地点")
    assert all(words in text for words in ("先定的地点", "后定的地点", "已被他人改动"))
    assert "后定的地点" in chief.follow("保存并通知双方")


def test_the_second_who_hands_over_sees_both_values(
    broker: Visitor, at: str, client: object, people: Callable[..., Visitor], service: Service
) -> None:
    for login in ("赵经纪", "钱经纪"):
        people(login, "戊经纪", "broker")
    ids = {each.account.login: each.account.public_id for each in service.engagements.brokers()}
    chief = Visitor(client)  # type: ignore[arg-type]
    chief.open(at)
    broker.open(at)
    broker.follow("确认转交", broker=ids["赵经纪"])
    text = chief.press("确认转交", 409, broker=ids["钱经纪"])
    assert re.search(r"<td>赵经纪</td><td>钱经纪</td>", text)
    assert "钱经纪" in chief.follow("确认转交") and only(service).broker == "钱经纪"


def test_who_does_not_carry_it_records_nothing_for_it(
    broker: Visitor, at: str, people: Callable[..., Visitor], service: Service
) -> None:
    found = only(service)
    sides = service.public_ids.of("need", found.need_id), service.public_ids.of("achievement", found.achievement_id)
    address = f"/cooperations/new?need={sides[0]}&achievement={sides[1]}&engagement={found.public_id}"
    people("赵经纪", "戊经纪", "broker").open(address, 404)
    broker.open(f"/cooperations/new?engagement={found.public_id}", 404)
    broker.open(address)
