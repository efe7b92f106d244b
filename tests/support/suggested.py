"""Suggestions for tests: made by the real job, from every level on."""

from matcher.models import LEVEL_NAMES
from matcher.policy import Role, Sight, Viewer, sight
from matcher.service import Service
from matcher.suggestion import QueueFilters, Suggestion

EVERYTHING = QueueFilters(least_level=min(LEVEL_NAMES))


def suggest(service: Service) -> list[Suggestion]:
    """Do what there is to do in the background; return all suggestions, oldest first."""
    service.worker().finish_all()
    rows = service.store.db.execute("select public_id from suggestion order by id")
    return [service.desk.get(row[0]) for row in rows]


def pairs(service: Service) -> list[tuple[int, int]]:
    """Return the suggested pairs (need, achievement) in the order in which they were made."""
    return [
        tuple(row) for row in service.store.db.execute("select need_id, achievement_id from suggestion order by id")
    ]


def broker_sight(organisation_id: int | None = None) -> Sight:
    """Return what a broker of an organisation may read."""
    return sight(Viewer(roles=frozenset({Role.ACCOUNT, Role.BROKER}), account_id=1, organisation_id=organisation_id))
