"""The desk: order and rights of the queue; take, hand over, give back, dismiss, bring back; judging along it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from matcher.engagement import Progress
from matcher.errors import IllegalTransitionError, InvalidInputError, MatcherError, NotFoundError, StaleEditError
from matcher.models import Organisation, Shown
from matcher.people import Account
from matcher.policy import Viewer
from matcher.service import Service
from matcher.store import audit
from matcher.suggestion import AssignmentRule, QueueFilters, Suggestion
from tests.conftest import OpenService
from tests.support.people import member
from tests.support.records import achievement, need
from tests.support.suggested import EVERYTHING, broker_sight, suggest

SHOWN = Shown(rank=1, probability=0.5, level=3, ranker="x")


@pytest.fixture
def service(open_service: OpenService) -> Service:
    """A service with four suggestions of two needs, all for everyone."""
    service = open_service(suggestion_level=1)
    service.postings.post(need("防爆锂离子电池的研发", field="4.5", region="340104"), "李")
    service.postings.post(need("杨木集成材防霉", field="1.1", region="320100"), "李")
    service.postings.post(achievement("防爆锂离子电池", description="不起火"), "李")
    service.postings.post(achievement("木材防霉微乳液"), "李")
    suggest(service)
    return service


@pytest.fixture
def brokers(service: Service) -> tuple[Account, Account]:
    return member(service, "one", "经纪公司", "broker"), member(service, "two", "经纪公司", "broker")


def queue(service: Service, account: Account, filters: QueueFilters = EVERYTHING) -> list[Suggestion]:
    return list(service.desk.queue(account.id, filters, broker_sight()).items)


def test_newest_day_first_then_the_strongest_and_none_twice(service: Service, brokers: tuple[Account, Account]) -> None:
    found = queue(service, brokers[0])
    assert [each.probability for each in found] == sorted((each.probability for each in found), reverse=True)
    assert len({(each.need_id, each.achievement_id) for each in found}) == len(found) == 4
    with service.store.transaction() as db:
        db.execute("update suggestion set made_at = '2030' || substr(made_at, 5) where id = ?", (found[-1].id,))
    assert queue(service, brokers[0])[0].id == found[-1].id
    first, second = (service.desk.queue(brokers[0].id, EVERYTHING, broker_sight(), number, 3) for number in (1, 2))
    assert (len(first.items), len(second.items), first.total) == (3, 1, 4)


def test_filters_of_level_field_region_and_whose(service: Service, brokers: tuple[Account, Account]) -> None:
    one = brokers[0]
    everything = queue(service, one)
    assert {each.level for each in queue(service, one, QueueFilters(least_level=3))} <= {3, 4}
    assert {each.need_id for each in queue(service, one, QueueFilters(least_level=1, field="4"))} == {1}
    assert {each.need_id for each in queue(service, one, QueueFilters(least_level=1, region="320000"))} == {2}
    public = next(public for found, public, _ in service.desk.brokers() if found == one.id)
    service.desk.hand_over(everything[0].public_id, brokers[1].id, public, "李")
    assert len(queue(service, one, QueueFilters(least_level=1, whose="mine"))) == 1
    assert len(queue(service, one, QueueFilters(least_level=1, whose="everyone"))) == 3
    assert len(queue(service, one)) == 4 and len(queue(service, brokers[1])) == 3


def test_each_sets_the_level_from_which_on_to_see(service: Service, brokers: tuple[Account, Account]) -> None:
    assert service.desk.least_level(brokers[0].id) == 1
    service.desk.set_least_level(brokers[0].id, 4)
    assert (service.desk.least_level(brokers[0].id), service.desk.least_level(brokers[1].id)) == (4, 1)
    with pytest.raises(InvalidInputError):
        service.desk.set_least_level(brokers[0].id, 5)


def test_what_is_hidden_or_withdrawn_is_left_out(service: Service, brokers: tuple[Account, Account]) -> None:
    one = brokers[0]
    admitted = service.joining.organisation(Organisation(name="获准的经纪公司")).id
    service.postings.edit(
        need("防爆锂离子电池的研发", id=1, visibility="named", named_ids=(admitted,), summary="电池"), "李"
    )
    assert {each.need_id for each in queue(service, one)} == {2}
    assert service.desk.queue(one.id, EVERYTHING, broker_sight(admitted)).total == 4
    assert len(service.judging.queue(one.id, "甲", EVERYTHING, broker_sight(), None, 9)) == 2
    service.postings.change_status("achievement", 1, "closed", "李")
    assert len(queue(service, one)) == 1


def test_take_give_back_and_take_by_another(service: Service, brokers: tuple[Account, Account]) -> None:
    one, two = brokers
    first = queue(service, one)[0].public_id
    service.desk.take(first, one.id, "甲")
    service.desk.take(first, one.id, "甲")
    assert service.desk.get(first).state == "taken" and len(queue(service, two)) == 3
    assert service.desk.decided("taken", one.id, broker_sight()).total == 1
    for step in (service.desk.take, service.desk.give_back):
        with pytest.raises(IllegalTransitionError, match="由one负责"):
            step(first, two.id, "乙")
    service.desk.give_back(first, one.id, "甲")
    with pytest.raises(IllegalTransitionError, match="没有分给任何人"):
        service.desk.give_back(first, one.id, "甲")
    service.desk.take(first, two.id, "乙")
    lines = audit.of_item(service.store.db, "suggestion", service.desk.get(first).id)
    assert [line.action for line in lines] == ["took suggestion", "gave suggestion back", "took suggestion"]


def test_handing_over(service: Service, brokers: tuple[Account, Account]) -> None:
    one, two = brokers
    ids = {found: public for found, public, _ in service.desk.brokers()}
    first, second = (each.public_id for each in queue(service, one)[:2])
    service.desk.take(first, one.id, "甲")
    assert service.desk.hand_over(first, one.id, ids[two.id], "甲") == "two"
    assert (service.desk.get(first).state, service.desk.get(first).owner) == ("new", "two")
    with pytest.raises(IllegalTransitionError, match="由two负责"):
        service.desk.hand_over(first, one.id, ids[one.id], "甲")
    service.desk.hand_over(first, None, ids[one.id], "管理员")
    assert service.desk.get(first).owner == "one"
    service.assigning.keep(AssignmentRule(account_id=two.id, cap=0), "李")
    with pytest.raises(InvalidInputError, match="上限 0 条"):
        service.desk.hand_over(second, one.id, ids[two.id], "甲")
    with pytest.raises(InvalidInputError, match="请选择"):
        service.desk.hand_over(second, one.id, "", "甲")
    told = service.store.db.execute("select account_id from notice where about_id <> 0").fetchall()
    assert told == [(two.id,), (one.id,)]


def test_nobody_is_handed_what_is_hidden_from_them(service: Service, brokers: tuple[Account, Account]) -> None:
    one, two = brokers
    first = next(each for each in queue(service, one) if each.need_id == 1).public_id
    other = service.joining.organisation(Organisation(name="甲厂")).id
    service.postings.edit(
        need("防爆锂离子电池的研发", id=1, visibility="named", named_ids=(other,), summary="略"), "李"
    )
    with pytest.raises(InvalidInputError, match="不能查看"):
        service.desk.hand_over(first, one.id, two.public_id, "甲")


def test_dismissing_with_a_reason_and_bringing_back(service: Service, brokers: tuple[Account, Account]) -> None:
    one, two = brokers
    first = queue(service, one)[0].public_id
    for reason, note, field in (("", "", "reason"), ("judged", "", "reason"), ("other", " ", "note")):
        with pytest.raises(InvalidInputError) as refused:
            service.desk.dismiss(first, one.id, reason, note, "甲")
        assert set(refused.value.problems) == {field}
    service.desk.dismiss(first, one.id, "maturity", "只有小试", "甲")
    assert len(queue(service, two)) == 3
    assert service.desk.decided("dismissed", None, broker_sight()).items[0].reason == "maturity"
    with pytest.raises(IllegalTransitionError, match="甲已把它排除（成熟度不够）"):
        service.desk.take(first, two.id, "乙")
    service.desk.bring_back(first, "乙")
    with pytest.raises(IllegalTransitionError, match="没有被排除"):
        service.desk.bring_back(first, "乙")
    assert len(queue(service, two)) == 4 and service.desk.get(first).reason == ""


def test_of_two_who_take_the_same_one_wins(
    open_service: OpenService, service: Service, brokers: tuple[Account, Account]
) -> None:
    services = [open_service(suggestion_level=1) for _ in brokers]

    def outcome(step: Callable[[], None]) -> str:
        try:
            step()
        except IllegalTransitionError as error:
            return str(error)
        return ""

    for found in queue(service, brokers[0]):
        steps = [
            lambda at=at, who=who, found=found: at.desk.take(found.public_id, who.id, who.name)
            for at, who in zip(services, brokers, strict=True)
        ]
        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(outcome, steps))
        winner = service.desk.get(found.public_id).owner
        assert sorted(bool(words) for words in told) == [False, True]
        assert f"由{winner}负责" in max(told)
        assert len(audit.of_item(service.store.db, "suggestion", found.id)) == 1


def test_a_low_verdict_dismisses_and_undoing_brings_back(service: Service, brokers: tuple[Account, Account]) -> None:
    one = brokers[0]
    first = queue(service, one)[0]
    service.judging.judge_suggestion(first, one.id, 2, "甲", SHOWN)
    assert service.desk.get(first.public_id).reason == "judged" and len(queue(service, one)) == 3
    (verdict,) = service.matching.verdicts(first.need_id, first.achievement_id)
    assert (verdict.level, verdict.shown) == (2, SHOWN)
    service.judging.undo(verdict.id, "甲")
    assert service.desk.get(first.public_id).state == "new" and len(queue(service, one)) == 4


def test_a_verdict_changed_to_a_high_one_brings_back(service: Service, brokers: tuple[Account, Account]) -> None:
    one = brokers[0]
    first = queue(service, one)[0]
    service.judging.judge_suggestion(first, one.id, 1, "甲", SHOWN)
    service.judging.judge_suggestion(first, one.id, 4, "甲", SHOWN)
    assert service.desk.get(first.public_id).state == "new"
    assert service.matching.verdicts(first.need_id, first.achievement_id)[0].level == 4


def test_a_verdict_on_what_somebody_else_has_is_kept_and_takes_nothing_away(
    service: Service, brokers: tuple[Account, Account]
) -> None:
    one, two = brokers
    first = queue(service, one)[0]
    service.desk.take(first.public_id, two.id, "乙")
    service.judging.judge_suggestion(first, one.id, 1, "甲", SHOWN)
    assert service.desk.get(first.public_id).state == "taken"
    assert len(service.matching.verdicts(first.need_id, first.achievement_id)) == 1


def test_judging_goes_along_the_queue_past_what_is_judged(service: Service, brokers: tuple[Account, Account]) -> None:
    one = brokers[0]
    order = queue(service, one)

    def following(after: Suggestion | None, count: int = 2) -> list[int]:
        return [each.id for each in service.judging.queue(one.id, "甲", EVERYTHING, broker_sight(), after, count)]

    assert following(None) == [order[0].id, order[1].id]
    assert following(order[1]) == [order[2].id, order[3].id]
    service.judging.judge_suggestion(order[2], one.id, 4, "甲", SHOWN)
    assert following(order[1]) == [order[3].id]
    assert service.judging.count_queue(one.id, "甲", EVERYTHING, broker_sight()) == 3
    assert service.judging.count_queue(one.id, "乙", EVERYTHING, broker_sight()) == 4


def test_rules_are_checked_and_kept_from_being_overwritten(service: Service, brokers: tuple[Account, Account]) -> None:
    one = brokers[0]
    with pytest.raises(InvalidInputError) as refused:
        service.assigning.keep(AssignmentRule(account_id=one.id, fields=("x",), regions=("鼓楼区",), cap=-1), "李")
    assert set(refused.value.problems) == {"fields", "regions", "cap"}
    service.assigning.keep(AssignmentRule(account_id=one.id, cap=3), "李")
    with pytest.raises(StaleEditError):
        service.assigning.keep(AssignmentRule(account_id=one.id, cap=5), "王")
    service.assigning.keep(AssignmentRule(account_id=one.id, cap=5, version=1), "王")
    kept = service.assigning.rule(one.id)
    assert kept is not None and (kept.cap, kept.version) == (5, 2)
    service.assigning.remove(one.id, "李")
    service.assigning.remove(one.id, "李")
    assert service.assigning.rule(one.id) is None
    assert service.assigning.account_id(one.public_id) == one.id
    with pytest.raises(NotFoundError):
        service.assigning.account_id("x")


def test_what_is_gone_is_told(service: Service, brokers: tuple[Account, Account]) -> None:
    first = queue(service, brokers[0])[0]
    service.postings.delete("need", first.need_id, "李")
    steps: list[Callable[[], object]] = [
        lambda: service.desk.take(first.public_id, brokers[0].id, "甲"),
        lambda: service.judging.judge_suggestion(first, brokers[0].id, 4, "甲", SHOWN),
    ]
    for step in steps:
        with pytest.raises(MatcherError, match="没有这条匹配建议"):
            step()


def test_a_suggestion_that_became_an_engagement_is_taken_on_record(
    service: Service, brokers: tuple[Account, Account]
) -> None:
    one = brokers[0]
    first = queue(service, one)[0]
    service.engagements.start(first.need_id, first.achievement_id, Viewer(account_id=one.id, name="王"))
    assert (service.desk.get(first.public_id).state, service.desk.get(first.public_id).owner_id) == ("taken", one.id)
    assert [line.actor for line in service.auditing.every() if line.action == "took suggestion"] == ["王"]


def test_a_suggestion_that_became_an_engagement_leaves_the_desk(
    service: Service, brokers: tuple[Account, Account]
) -> None:
    one, two = brokers
    first, second = queue(service, one)[:2]
    service.desk.take(first.public_id, one.id, "王")
    carrier = Viewer(account_id=one.id, name="王")
    service.engagements.start(first.need_id, first.achievement_id, carrier)
    service.engagements.start(second.need_id, second.achievement_id, carrier)
    with service.store.transaction() as db:
        db.execute("update suggestion set state = 'new' where id = ?", (second.id,))
    assert service.desk.decided("taken", one.id, broker_sight()).total == 0
    assert not {first.id, second.id} & {each.id for each in queue(service, one)}
    public = next(public for found, public, _ in service.desk.brokers() if found == two.id)
    steps: list[Callable[[], object]] = [
        lambda: service.desk.take(first.public_id, one.id, "王"),
        lambda: service.desk.give_back(first.public_id, one.id, "王"),
        lambda: service.desk.hand_over(first.public_id, one.id, public, "王"),
        lambda: service.desk.dismiss(first.public_id, one.id, "terms", "", "王"),
        lambda: service.desk.bring_back(first.public_id, "王"),
    ]
    for step in steps:
        with pytest.raises(IllegalTransitionError, match="已经开始对接"):
            step()


def test_an_engagement_counts_towards_the_cap_however_it_began(
    service: Service, brokers: tuple[Account, Account]
) -> None:
    one = brokers[0]
    first = queue(service, one)[0]
    service.desk.take(first.public_id, one.id, "王")
    made = service.engagements.start(first.need_id, first.achievement_id, Viewer(account_id=one.id, name="王"))
    assert service.assigning.open_counts() == {one.id: 1}
    other = service.postings.post(achievement("竹材染色"), "李")
    service.engagements.start(1, other.id, Viewer(account_id=one.id, name="王"))
    assert service.assigning.open_counts() == {one.id: 2}
    before = len(suggest(service))
    assert not any((each.need_id, each.achievement_id) == (1, other.id) for each in suggest(service)) and before > 4
    service.engagements.bring_on(
        made.public_id, 1, Progress(state="ended", waits_for="broker", reason="terms"), "", "王"
    )
    assert service.assigning.open_counts() == {one.id: 1}


def test_what_somebody_had_who_is_locked_is_for_everyone_again(
    service: Service, brokers: tuple[Account, Account]
) -> None:
    one, other = brokers
    first, second = queue(service, one)[:2]
    service.desk.take(first.public_id, one.id, "一")
    service.desk.take(second.public_id, other.id, "二")
    service.accounts.set_locked(one, True, "管理员")
    service.suggesting.plan()
    released, kept = service.desk.get(first.public_id), service.desk.get(second.public_id)
    assert (released.state, released.owner_id) == ("new", None)
    assert (kept.state, kept.owner_id) == ("taken", other.id)


def test_what_others_have_can_be_seen(service: Service, brokers: tuple[Account, Account]) -> None:
    one, other = brokers
    mine, theirs = queue(service, one)[:2]
    service.desk.take(mine.public_id, one.id, "一")
    service.desk.take(theirs.public_id, other.id, "二")
    assert [each.id for each in queue(service, one, QueueFilters(least_level=1, whose="others"))] == [theirs.id]
