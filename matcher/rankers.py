"""Which ranker is in force, and going from one version to another."""

import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from matcher import ranking
from matcher.errors import NotFoundError, RankerError
from matcher.ranking import Ranker
from matcher.store import Database, Store, audit, rankers, revisions, search_state
from matcher.store.rankers import StoredRanker

_KEY = "ranker"
_SHIPPED_ID = 0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankerVersion:
    """One version that can be used. The shipped one has no time and no actor; one that no longer `fits` cannot be."""

    version: str
    model_id: str
    facts: dict[str, Any]
    in_force: bool
    fits: bool = True
    created_at: datetime | None = None
    actor: str = ""


class Rankers:
    """The shipped ranker and those learned here. Which one is in force stands in the store, so all processes agree."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def in_force(self) -> Ranker:
        """Return the ranker in force: the one in use, or the shipped one when there is none that fits this program."""
        version = search_state.get(self._store.db, _KEY)
        stored = rankers.get(self._store.db, version) if version else None
        return (stored and _read(stored.content)) or ranking.shipped_ranker()

    def versions(self) -> tuple[RankerVersion, ...]:
        """Return all versions, newest first; the shipped one is the last."""
        present = self.in_force()
        learned = tuple(_described(stored, present) for stored in rankers.newest_first(self._store.db))
        shipped = ranking.shipped_ranker()
        return (
            *learned,
            RankerVersion(
                version=shipped.version,
                model_id=shipped.model_id,
                facts=shipped.facts,
                in_force=shipped.version == present.version,
            ),
        )

    def previous(self) -> str | None:
        """Return the version that the one in force followed; None for the shipped one."""
        names = [each.version for each in self.versions() if each.fits]
        following = names[names.index(self.in_force().version) + 1 :]
        return following[0] if following else None

    def install(self, ranker: Ranker, actor: str) -> Ranker:
        """Keep the ranker under a version of its own, bring it in force, and return it as kept."""
        with self._store.transaction() as db:
            kept = replace(ranker, version=_free_version(db))
            item_id = rankers.add(db, kept.version, actor, kept.model_id, ranking.to_json(kept), kept.facts)
            self._bring_in_force(db, kept.version, item_id, "installed", actor)
        return kept

    def get(self, version: str) -> Ranker:
        """Return a version. Raises: NotFoundError; RankerError when it fits other features."""
        if version == ranking.shipped_ranker().version:
            return ranking.shipped_ranker()
        stored = rankers.get(self._store.db, version)
        if stored is None:
            known = "、".join(each.version for each in self.versions())
            raise NotFoundError(f"没有排序模型版本“{version}”。现有版本：{known}")
        return ranking.from_json(stored.content)

    def use(self, version: str, actor: str) -> Ranker:
        """Bring a version in force and return it. Raises: NotFoundError; RankerError when it fits other features."""
        ranker = self.get(version)
        stored = rankers.get(self._store.db, version)
        with self._store.transaction() as db:
            self._bring_in_force(db, version, stored.id if stored else _SHIPPED_ID, "used", actor)
        return ranker

    def _bring_in_force(self, db: Database, version: str, item_id: int, action: str, actor: str) -> None:
        before = {"version": self.in_force().version}
        if item_id == _SHIPPED_ID:
            search_state.remove(db, _KEY)
        else:
            search_state.put(db, _KEY, version)
        audit.add(db, actor, action, "ranker", item_id, before, {"version": version})
        revisions.add(db, "ranker", item_id, action)


def _free_version(db: Database) -> str:
    """Return the day with the number that the version has on it, as 2026-11-24-1."""
    day = datetime.now(UTC).date().isoformat()
    taken = {stored.version for stored in rankers.newest_first(db)}
    return next(name for number in range(1, len(taken) + 2) if (name := f"{day}-{number}") not in taken)


def _described(stored: StoredRanker, present: Ranker) -> RankerVersion:
    return RankerVersion(
        version=stored.version,
        model_id=stored.model_id,
        facts=stored.facts,
        in_force=stored.version == present.version,
        fits=_read(stored.content) is not None,
        created_at=stored.created_at,
        actor=stored.actor,
    )


@lru_cache(maxsize=64)
def _read(content: str) -> Ranker | None:
    """Return the ranker; None, logged once, when this program measures other features than it was trained on."""
    try:
        return ranking.from_json(content)
    except RankerError as error:
        _log.warning("a stored ranker is not used: %s", error)
        return None
