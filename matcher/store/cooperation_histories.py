"""What happened to cooperation records and what they were before: lines that triggers keep from being changed."""

import json
from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from matcher.cooperation import PARTS, Amendment, Cooperation, CooperationEvent
from matcher.store.cooperation_parts import with_dates
from matcher.store.rows import now_text, to_time


def add_event(db: Database, cooperation_id: int, actor: str, action: str, changes: dict[str, tuple[str, str]]) -> None:
    """Write one line of history."""
    db.execute(
        "insert into cooperation_event (cooperation_id, at, actor, action, changes) values (?, ?, ?, ?, ?)",
        (cooperation_id, now_text(), actor, action, json.dumps(changes, ensure_ascii=False)),
    )


def events(db: Database, cooperation_id: int) -> tuple[CooperationEvent, ...]:
    """Return the history of a cooperation, newest first."""
    rows = db.execute(
        "select id, cooperation_id, at, actor, action, changes from cooperation_event"
        " where cooperation_id = ? order by id desc",
        (cooperation_id,),
    )
    return tuple(
        CooperationEvent(
            id=row[0],
            cooperation_id=row[1],
            at=to_time(row[2]),
            actor=row[3],
            action=row[4],
            changes={name: (before, after) for name, (before, after) in json.loads(row[5]).items()},
        )
        for row in rows
    )


def add_amendment(db: Database, old: Cooperation, reason: str, actor: str) -> None:
    """Keep the whole of a record as it is before it is amended."""
    db.execute(
        "insert into cooperation_amendment (cooperation_id, number, content, reason, actor, at)"
        " select ?, 1 + coalesce(max(number), 0), ?, ?, ?, ? from cooperation_amendment where cooperation_id = ?",
        (old.id, json.dumps(asdict(old), ensure_ascii=False, default=str), reason, actor, now_text(), old.id),
    )


def amendments(db: Database, cooperation_id: int) -> tuple[Amendment, ...]:
    """Return what a record was before each of its amendments, newest first."""
    rows = db.execute(
        "select id, cooperation_id, number, content, reason, actor, at from cooperation_amendment"
        " where cooperation_id = ? order by number desc",
        (cooperation_id,),
    )
    return tuple(
        Amendment(
            id=row[0],
            cooperation_id=row[1],
            number=row[2],
            old=_from_content(json.loads(row[3])),
            reason=row[4],
            actor=row[5],
            at=to_time(row[6]),
        )
        for row in rows
    )


def _from_content(content: dict[str, Any]) -> Cooperation:
    """Return the record that was kept; what it did not have then is at its default."""
    parts = {name: tuple(part(**with_dates(each)) for each in content.pop(name)) for name, part in PARTS.items()}
    times = {name: to_time(content.pop(name)) for name in ("created_at", "updated_at")}
    return Cooperation(**{**with_dates(content), **parts, **times})
