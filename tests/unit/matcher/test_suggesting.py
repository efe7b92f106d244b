"""Suggesting pairs: both directions, each once, of what is published, restartable, assigned by rule."""

from typing import Any

import pytest

from matcher.errors import InvalidInputError
from matcher.matching import Matching
from matcher.models import Organisation, Record
from matcher.service import Service
from matcher.store import notices
from matcher.suggestion import AssignmentRule, chosen
from tests.conftest import OpenService
from tests.support.people import member
from tests.support.records import achievement, need
from tests.support.suggested import pairs, suggest


@pytest.fixture
def service(open_service: OpenService) -> Service:
    return open_service(suggestion_level=1)


def posted(service: Service, *records: Record) -> list[int]:
    return [service.postings.post(record, "李").id for record in records]


def test_both_sides_bring_pairs_and_each_once(service: Service) -> None:
    posted(service, need("电池"), achievement("电池隔膜"))
    assert [(each.need_id, each.achievement_id) for each in suggest(service)] == [(1, 1)]
    posted(service, achievement("电池壳体"))
    suggest(service)
    posted(service, need("电池回收"))
    suggest(service)
    assert sorted(pairs(service)) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    service.postings.edit(need("电池的研发", id=1), "李")
    suggest(service)
    assert len(pairs(service)) == 4
    assert service.jobs.listing().total == 4


def test_nothing_new_makes_no_job(service: Service) -> None:
    posted(service, need(), achievement())
    suggest(service)
    suggest(service)
    assert service.jobs.listing().total == 1
    job = service.jobs.listing().items[0]
    assert (job.state, job.done, job.total, job.message) == ("done", 2, 2, "新增 1 条匹配建议")


def test_only_published_records_are_suggested(service: Service) -> None:
    posted(service, need(), achievement(status="draft"), achievement("另一种电池", status="draft"))
    assert suggest(service) == []
    service.postings.change_status("achievement", 2, "published", "李")
    assert [(each.need_id, each.achievement_id) for each in suggest(service)] == [(1, 2)]
    service.postings.delete("achievement", 2, "李")
    assert pairs(service) == []


def test_only_from_the_least_level_on_and_at_most_so_many(open_service: OpenService) -> None:
    service = open_service(suggestion_level=4, suggestions_per_record=2)
    posted(service, *(achievement(f"防爆锂离子电池的研发{number}", organisation=f"甲{number}") for number in range(5)))
    posted(service, need("防爆锂离子电池的研发"), need("茶叶杀青"))
    found = suggest(service)
    best = service.matching.matches("need", 1).matches
    assert all(each.level == 4 for each in found) and {each.need_id for each in found} == {1}
    assert (1, best[0].achievement.id) in pairs(service)
    (job,) = service.jobs.listing().items
    assert job.done == 7


def test_a_whole_run_goes_through_all_records_again_and_repeats_no_pair(service: Service) -> None:
    posted(service, need(), achievement())
    before = suggest(service)
    job = service.suggesting.begin("李", anew=True)
    service.worker().finish(job.public_id)
    assert service.jobs.get(job.public_id).done == 2
    assert suggest(service) == before


def test_a_run_begun_anew_in_the_middle_of_another_goes_through_all(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted(service, need("电池"), need("电池壳"), achievement("电池隔膜"))
    asked: list[int] = []
    best = Matching.best

    def restarted(self: Matching, record: Record, k: int) -> Any:
        asked.append(record.id)
        if len(asked) == 2:
            service.suggesting.begin("王", anew=True)
        return best(self, record, k)

    monkeypatch.setattr(Matching, "best", restarted)
    suggest(service)
    assert asked == [1, 2, 1, 2, 1]


def test_a_record_that_cannot_be_matched_is_noted_and_passed_over(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted(service, need("电池"), need("坏的"), achievement("电池隔膜"))
    best = Matching.best

    def failing(self: Matching, record: Record, k: int) -> Any:
        if record.title == "坏的":
            raise InvalidInputError({"": "读不出来"})
        return best(self, record, k)

    monkeypatch.setattr(Matching, "best", failing)
    suggest(service)
    (job,) = service.jobs.listing().items
    assert (job.state, job.done, job.errors) == ("done", 3, ("need 2：读不出来",))
    assert (1, 1) in pairs(service)


def test_what_was_stopped_or_failed_is_not_begun_again_at_once(service: Service) -> None:
    posted(service, need(), achievement())
    job = service.suggesting.begin("李")
    service.jobs.stop(job.public_id, "李")
    service.worker().finish_all()
    assert (service.jobs.get(job.public_id).state, service.jobs.listing().total) == ("stopped", 1)
    with service.store.transaction() as db:
        db.execute("update job set state = 'failed'")
    service.worker().finish_all()
    assert (service.jobs.get(job.public_id).state, service.jobs.listing().total) == ("failed", 1)
    with service.store.transaction() as db:
        db.execute("update job set finished_at = '2020-01-01T00:00:00.000000+00:00'")
    service.worker().finish_all()
    assert (service.jobs.get(job.public_id).state, service.jobs.listing().total) == ("done", 1)
    assert len(pairs(service)) == 1


def test_brokers_are_told_once_how_many(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int | None]] = []
    monkeypatch.setattr(
        notices, "add", lambda db, kind, words, about, account_id=None: told.append((words, account_id))
    )
    account = member(service, "broker", "经纪公司", "broker")
    posted(service, need(), achievement())
    suggest(service)
    assert told == [("有 1 条新的匹配建议可以领取", None)]
    service.assigning.keep(AssignmentRule(account_id=account.id), "李")
    posted(service, achievement("电池壳体"))
    suggest(service)
    assert told[1:] == [("有 1 条新的匹配建议分给了您", account.id)]


def test_rules_give_to_who_has_fewest_and_never_above_the_cap(service: Service) -> None:
    first, second = (member(service, login, "经纪公司", "broker") for login in ("one", "two"))
    service.assigning.keep(AssignmentRule(account_id=first.id, fields=("4",), cap=2), "李")
    service.assigning.keep(AssignmentRule(account_id=second.id, regions=("340000",), cap=1), "李")
    posted(service, need(field="4.5", region="340104"))
    posted(service, *(achievement(f"电池{number}", description=str(number) * 9) for number in range(5)))
    assert [each.owner for each in suggest(service)] == ["one", "two", "one", "", ""]
    posted(service, need("别的领域", field="1.1", region="110000"))
    assert all(each.owner_id is None for each in suggest(service)[5:])


def test_what_not_every_broker_may_read_is_never_assigned(service: Service) -> None:
    account = member(service, "broker", "经纪公司", "broker")
    service.assigning.keep(AssignmentRule(account_id=account.id), "李")
    posted(
        service,
        need(visibility="named", named_ids=(service.joining.organisation(Organisation(name="甲厂")).id,)),
        achievement(visibility="brokers"),
    )
    posted(service, need("电池壳体", visibility="members"))
    assert [each.owner for each in suggest(service)] == ["", "broker"]


def test_a_locked_broker_is_given_nothing(service: Service) -> None:
    account = member(service, "broker", "经纪公司", "broker")
    service.assigning.keep(AssignmentRule(account_id=account.id), "李")
    service.accounts.set_locked(account, True, "李")
    posted(service, need(), achievement())
    assert [each.owner_id for each in suggest(service)] == [None]


@pytest.mark.parametrize(
    ("region", "place", "fits"),
    [
        ("340104", "340000", True),
        ("340104", "340100", True),
        ("340104", "340104", True),
        ("350104", "340000", False),
        ("340204", "340100", False),
        ("", "340000", False),
        ("某地", "340000", False),
    ],
)
def test_a_region_lies_in_what_it_nests_in(region: str, place: str, fits: bool) -> None:
    assert AssignmentRule(account_id=1, regions=(place,)).fits("", region) is fits


def test_ties_go_to_the_older_account_and_nobody_fits_gives_none() -> None:
    rules = [AssignmentRule(account_id=7), AssignmentRule(account_id=3), AssignmentRule(account_id=9, cap=0)]
    assert chosen(rules, {}, "", "") == 3
    assert chosen(rules, {3: 1}, "", "") == 7
    assert chosen(rules[2:], {}, "", "") is None
