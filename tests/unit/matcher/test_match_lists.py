"""Lists of matches that are kept: when they are, when they are not, and that nobody sees more through them."""

from dataclasses import replace

import pytest

from matcher.matching import entire
from matcher.models import Filters, Record
from matcher.remembered import Remembered
from matcher.service import Service
from tests.conftest import OpenService, UseRanker
from tests.support.records import achievement, need


@pytest.fixture
def told(service: Service) -> list[str]:
    """What the lists of `service` tell: each `computed` or `kept`."""
    heard: list[str] = []
    service.matching.lists.tell = heard.append
    return heard


def titles(service: Service, need_id: int, **given: object) -> list[str]:
    return [match.achievement.title for match in service.matching.matches("need", need_id, **given).matches]  # type: ignore[arg-type]


def test_a_list_is_kept_until_the_store_changes(service: Service, told: list[str]) -> None:
    asked = service.postings.post(need("防爆电池"), "李")
    service.postings.post(achievement("防爆锂电池"), "李")
    first = service.matching.matches("need", asked.id)
    assert service.matching.matches("need", asked.id) == first
    assert told == ["computed", "kept"]
    later = service.postings.post(achievement("防爆电池外壳"), "李")
    assert "防爆电池外壳" in titles(service, asked.id)
    service.postings.change_status("achievement", later.id, "closed", "李")
    assert titles(service, asked.id) == ["防爆锂电池"]
    assert told == ["computed", "kept", "computed", "computed"]


def test_what_another_process_changes_shows_in_the_next_list(open_service: OpenService) -> None:
    one, other = open_service(), open_service()
    asked = one.postings.post(need("防爆电池"), "李")
    offered = one.postings.post(achievement("防爆锂电池"), "李")
    assert titles(other, asked.id) == ["防爆锂电池"]
    one.postings.edit(replace(offered, title="防爆电池的外壳"), "李")
    assert titles(other, asked.id) == ["防爆电池的外壳"]
    one.postings.delete("achievement", offered.id, "李")
    assert titles(other, asked.id) == []


def test_filters_count_and_ranker_have_lists_of_their_own(
    service: Service, told: list[str], use_ranker: UseRanker
) -> None:
    asked = service.postings.post(need("防爆电池"), "李")
    for number in range(3):
        service.postings.post(replace(achievement(f"防爆电池{number}"), maturity=number + 3), "李")
    assert len(titles(service, asked.id)) == 3
    assert len(titles(service, asked.id, k=1)) == 1
    assert len(titles(service, asked.id, filters=Filters(maturity=5))) == 1
    use_ranker()
    assert len(titles(service, asked.id)) == 3
    assert told == ["computed"] * 4


def test_a_kept_list_shows_each_reader_what_that_reader_may_see(service: Service, told: list[str]) -> None:
    asked = service.postings.post(need("防爆电池"), "李")
    service.postings.post(replace(achievement("防爆锂电池"), description="电池的配方"), "李")

    def summary(record: Record) -> Record:
        return replace(record, description="")

    assert service.matching.matches("need", asked.id, see=entire).matches[0].achievement.description == "电池的配方"
    assert service.matching.matches("need", asked.id, see=summary).matches[0].achievement.description == ""
    assert told == ["computed", "kept"]


def test_the_oldest_value_goes_when_there_are_too_many(service: Service) -> None:
    kept: Remembered[str, int] = Remembered(service.store, most=2)
    for number, key in enumerate("abc"):
        kept.get(key, lambda: number)  # noqa: B023
    assert kept.get("c", lambda: 9) == (2, True)
    assert kept.get("a", lambda: 9) == (9, False)


def test_counts_and_facets_follow_the_store(open_service: OpenService) -> None:
    one, other = open_service(), open_service()
    assert other.postings.count("need", Filters()) == 0
    assert other.postings.facets("need", Filters())["maturity"] == {}
    posted = one.postings.post(replace(need("防爆电池"), maturity=4), "李")
    assert other.postings.count("need", Filters()) == 1
    assert other.postings.facets("need", Filters())["maturity"] == {"4": 1}
    one.postings.delete("need", posted.id, "李")
    assert other.postings.count("need", Filters()) == 0
