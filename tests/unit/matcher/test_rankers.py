"""Versions of the ranker: installed, gone back from, followed by every process."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from matcher.errors import NotFoundError, RankerError
from matcher.ranking import shipped_ranker, to_json
from matcher.service import Service
from matcher.store import audit, rankers, revisions, search_state
from tests.conftest import OpenService
from tests.support.records import achievement, need

OTHER = replace(shipped_ranker(), intercept=shipped_ranker().intercept + 1.0, facts={"verdicts": 7})


def test_the_shipped_ranker_is_in_force_until_another_one_is_installed(service: Service) -> None:
    assert service.scoring.ranker() == shipped_ranker()
    assert [(each.version, each.in_force) for each in service.rankers.versions()] == [(shipped_ranker().version, True)]
    assert service.rankers.previous() is None


def test_an_installed_ranker_is_in_force_in_every_process(open_service: OpenService) -> None:
    one, other = open_service(), open_service()
    stored = one.postings.post(achievement(), "李")
    asking = one.postings.post(need(), "李")
    before = other.scoring.score(asking, [stored])[0]
    kept = one.rankers.install(OTHER, "李")
    assert other.scoring.ranker() == kept == replace(OTHER, version=kept.version)
    assert other.scoring.score(asking, [stored])[0].log_odds == pytest.approx(before.log_odds + 1.0)
    one.rankers.use(shipped_ranker().version, "李")
    assert other.scoring.score(asking, [stored])[0] == before


def test_versions_are_named_by_day_and_number(service: Service) -> None:
    day = datetime.now(UTC).date().isoformat()
    installed = [service.rankers.install(OTHER, "李").version for _ in range(3)]
    assert installed == [f"{day}-1", f"{day}-2", f"{day}-3"]
    found = service.rankers.versions()
    assert [each.version for each in found] == [f"{day}-3", f"{day}-2", f"{day}-1", shipped_ranker().version]
    assert [each.in_force for each in found] == [True, False, False, False]
    assert found[0].actor == "李" and found[0].facts == {"verdicts": 7} and found[0].created_at is not None


def test_going_back_and_forward(service: Service) -> None:
    first, second = (service.rankers.install(OTHER, "李").version for _ in range(2))
    assert service.rankers.previous() == first
    service.rankers.use(first, "王")
    assert service.scoring.ranker().version == first
    assert service.rankers.previous() == shipped_ranker().version
    service.rankers.use(shipped_ranker().version, "王")
    assert service.rankers.previous() is None
    service.rankers.use(second, "王")
    assert service.scoring.ranker().version == second


def test_every_change_is_audited_and_a_revision(service: Service) -> None:
    before = revisions.latest(service.store.db)
    kept = service.rankers.install(OTHER, "李").version
    service.rankers.use(shipped_ranker().version, "王")
    assert revisions.latest(service.store.db) == before + 2
    (installed,), (used,) = (audit.of_item(service.store.db, "ranker", item_id) for item_id in (1, 0))
    assert (installed.actor, installed.action) == ("李", "installed")
    assert (installed.before, installed.after) == ({"version": shipped_ranker().version}, {"version": kept})
    assert (used.actor, used.before) == ("王", {"version": kept})


def test_a_version_that_does_not_exist_is_told_with_those_that_do(service: Service) -> None:
    with pytest.raises(NotFoundError, match=shipped_ranker().version):
        service.rankers.use("1999-01-01-1", "李")


def test_a_stored_ranker_of_other_features_is_not_used(service: Service) -> None:
    content = json.loads(to_json(OTHER)) | {"version": "old", "features": ["cosine"], "coefficients": [1.0]}
    with service.store.transaction() as db:
        rankers.add(db, "old", "李", "", json.dumps(content), {})
        search_state.put(db, "ranker", "old")
    assert service.scoring.ranker() == shipped_ranker()
    old = service.rankers.versions()[0]
    assert (old.version, old.fits) == ("old", False)
    assert service.rankers.previous() is None
    with pytest.raises(RankerError, match="重新训练"):
        service.rankers.use("old", "李")
