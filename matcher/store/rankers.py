"""The rankers learned here. A version, once stored, is never changed or removed."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlite_utils import Database

from matcher.store.rows import now_text, to_time

_COLUMNS = "id, version, created_at, actor, model_id, content, facts"


class StoredRanker(NamedTuple):
    """One version: who had it trained when, for which model, the ranker as JSON, and the facts of its training."""

    id: int
    version: str
    created_at: datetime
    actor: str
    model_id: str
    content: str
    facts: dict[str, Any]


def add(db: Database, version: str, actor: str, model_id: str, content: str, facts: Mapping[str, Any]) -> int:
    """Keep a new version and return its id."""
    row = db.execute(
        "insert into ranker (version, created_at, actor, model_id, content, facts)"
        " values (?, ?, ?, ?, ?, ?) returning id",
        (version, now_text(), actor, model_id, content, json.dumps(facts, ensure_ascii=False)),
    ).fetchone()
    return int(row[0])


def get(db: Database, version: str) -> StoredRanker | None:
    """Return a version, if it is there."""
    row = db.execute(f"select {_COLUMNS} from ranker where version = ?", (version,)).fetchone()
    return None if row is None else _ranker(row)


def newest_first(db: Database) -> tuple[StoredRanker, ...]:
    """Return all versions, newest first."""
    return tuple(_ranker(row) for row in db.execute(f"select {_COLUMNS} from ranker order by id desc"))


def _ranker(row: Sequence[Any]) -> StoredRanker:
    return StoredRanker(row[0], row[1], to_time(row[2]), row[3], row[4], row[5], json.loads(row[6]))
