"""Engagements, their logs and what lists of them are narrowed to."""

import json
from datetime import date
from typing import Any

from sqlite_utils import Database

from matcher.controlled_lists import region_prefix, technical_fields
from matcher.engagement import SETTLED, UNTOLD, Engagement, EngagementEvent, EngagementFilters, Progress
from matcher.models import Page
from matcher.store.rows import now_text, to_date, to_time
from matcher.tokens import new_public_id

_NAMES = (
    *("id", "public_id", "need_id", "achievement_id", "state", "waits_for", "next_step", "due_on", "reason"),
    *("broker_id", "broker_organisation_id", "interest_id", "cooperation_id", "version", "created_at", "updated_at"),
)
_SELECT = (
    f"select {', '.join(f'e.{name}' for name in _NAMES)}, n.title, a.title, n.organisation_id, a.organisation_id,"
    " coalesce(b.name, ''), n.is_demo and a.is_demo"
)
_FROM = (
    "from engagement e join need n on n.id = e.need_id join achievement a on a.id = e.achievement_id"
    " left join account b on b.id = e.broker_id"
)
_IS_OPEN = f"e.state not in ({', '.join(repr(state) for state in SETTLED)})"
_ORDERS = {
    "due": f"{_IS_OPEN} desc, e.due_on is null, e.due_on, e.id desc",
    "newest": "e.updated_at desc, e.id desc",
    "oldest": "e.id",
}
_QUEUES = {
    "mine": f"{_IS_OPEN} and e.waits_for = 'broker'",
    "others": f"{_IS_OPEN} and e.waits_for <> 'broker'",
    "overdue": f"{_IS_OPEN} and e.due_on < date('now', '+8 hours')",
    "open": _IS_OPEN,
}


def get(db: Database, public_id: str) -> Engagement | None:
    """Return the engagement with this public id, if any."""
    return next(iter(_fetch(db, "where e.public_id = ?", [public_id])), None)


def by_number(db: Database, engagement_id: int) -> Engagement | None:
    """Return the engagement with this row id, if any."""
    return next(iter(_fetch(db, "where e.id = ?", [engagement_id])), None)


def of_pair(db: Database, need_id: int, achievement_id: int) -> tuple[Engagement, ...]:
    """Return the engagements of a match, newest first; at most one of them is open."""
    return tuple(
        _fetch(db, "where e.need_id = ? and e.achievement_id = ? order by e.id desc", [need_id, achievement_id])
    )


def of_record(db: Database, kind: str, item_id: int) -> tuple[Engagement, ...]:
    """Return the engagements of a need or achievement, newest first."""
    column = "need_id" if kind == "need" else "achievement_id"
    return tuple(_fetch(db, f"where e.{column} = ? order by e.id desc", [item_id]))


def of_interest(db: Database, interest_id: int) -> Engagement | None:
    """Return the engagement that came from an interest, if any."""
    return next(iter(_fetch(db, "where e.interest_id = ? order by e.id desc", [interest_id])), None)


def add(
    db: Database,
    pair: tuple[int, int],
    progress: Progress,
    broker: tuple[int | None, int | None],
    interest_id: int | None,
) -> Engagement:
    """Keep a new engagement of a need and an achievement with its broker's account and organisation."""
    public_id, now = new_public_id(), now_text()
    due_on = progress.due_on.isoformat() if progress.due_on else None
    values = (public_id, *pair, progress.state, progress.waits_for, progress.next_step, due_on, *broker, interest_id)
    db.execute(
        "insert into engagement (public_id, need_id, achievement_id, state, waits_for, next_step, due_on, broker_id,"
        " broker_organisation_id, interest_id, version, created_at, updated_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
        (*values, now, now),
    )
    made = get(db, public_id)
    assert made is not None
    return made


def change(db: Database, engagement: Engagement, **values: Any) -> None:
    """Change columns of an engagement; its version goes up by one."""
    texts = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    assignments = ", ".join(f"{name} = ?" for name in texts)
    db.execute(
        f"update engagement set {assignments}, version = version + 1, updated_at = ? where id = ?",
        [*texts.values(), now_text(), engagement.id],
    )


def listing(db: Database, filters: EngagementFilters, sort: str, number: int, size: int) -> Page[Engagement]:
    """Return page `number` (from 1) of the engagements that pass `filters`."""
    where, values = _where(filters)
    total: int = db.execute(f"select count(*) {_FROM} where {where}", values).fetchone()[0]
    order = _ORDERS.get(sort, _ORDERS["due"])
    found = _fetch(db, f"where {where} order by {order} limit ? offset ?", [*values, size, (number - 1) * size])
    return Page(items=tuple(found), total=total, number=number, size=size)


def state_counts(db: Database, filters: EngagementFilters) -> dict[str, int]:
    """Return how many engagements that pass `filters` are in each state."""
    where, values = _where(filters)
    return dict(db.execute(f"select e.state, count(*) {_FROM} where {where} group by e.state", values).fetchall())


def queue_counts(db: Database, broker_id: int) -> dict[str, int]:
    """Return how many engagements of a broker stand in each queue."""
    sums = ", ".join(f"coalesce(sum({condition}), 0)" for condition in _QUEUES.values())
    row = db.execute(f"select {sums} from engagement e where e.broker_id = ?", (broker_id,)).fetchone()
    return dict(zip(_QUEUES, row, strict=True))


def due(db: Database, today: date) -> tuple[Engagement, ...]:
    """Return the open engagements whose next step is due by `today` and whose broker was not told so."""
    clause = f"where {_IS_OPEN} and e.broker_id is not null and e.due_on <= ? and e.due_told <> e.due_on"
    return tuple(_fetch(db, f"{clause} order by e.id", [today.isoformat()]))


def note_due_told(db: Database, engagement_id: int) -> None:
    """Note that the broker was told what is due; another date is news again."""
    db.execute("update engagement set due_told = due_on where id = ?", (engagement_id,))


def add_event(
    db: Database,
    engagement_id: int,
    actor: str,
    action: str,
    changes: dict[str, tuple[str, str]],
    note: str = "",
    is_shared: bool = False,
) -> None:
    """Write one line of the log; lines cannot be changed afterwards."""
    texts = json.dumps(changes, ensure_ascii=False)
    db.execute(
        "insert into engagement_event (engagement_id, number, at, actor, action, changes, note, is_shared)"
        " select ?, coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ? from engagement_event where engagement_id = ?",
        (engagement_id, now_text(), actor, action, texts, note, is_shared, engagement_id),
    )


def events(db: Database, engagement_id: int, all_of_them: bool) -> tuple[EngagementEvent, ...]:
    """Return the log, newest first: all of it, or what is shared with both sides."""
    rows = db.execute(
        "select number, at, actor, action, changes, note, is_shared from engagement_event"
        " where engagement_id = ? and (? or is_shared) order by number desc",
        (engagement_id, all_of_them),
    )
    return tuple(_event(*row) for row in rows)


def _event(number: int, at: str, actor: str, action: str, changes: str, note: str, is_shared: int) -> EngagementEvent:
    pairs = {name: (before, after) for name, (before, after) in json.loads(changes).items()}
    return EngagementEvent(
        number=number, at=to_time(at), actor=actor, action=action, changes=pairs, note=note, is_shared=bool(is_shared)
    )


def _where(filters: EngagementFilters) -> tuple[str, list[Any]]:
    parts: list[tuple[str, list[Any]]] = [("1", [])]
    if filters.state:
        parts.append(("e.state = ?", [filters.state]))
    if filters.queue in _QUEUES:
        parts.append((_QUEUES[filters.queue], []))
    if filters.broker_id is not None:
        parts.append(("coalesce(e.broker_id, 0) = ?", [filters.broker_id]))
    if filters.owner_id is not None:
        told = "e.state <> ? and ? in (n.organisation_id, a.organisation_id)"
        parts.append((told, [UNTOLD, filters.owner_id]))
    if filters.field:
        codes = technical_fields().within(filters.field)
        parts.append((f"n.field in ({', '.join('?' * len(codes))})", list(codes)))
    if filters.region:
        prefix = region_prefix(filters.region)
        parts.append(("substr(n.region, 1, ?) = ?", [len(prefix), prefix]))
    if filters.text:
        parts.append(("instr(n.title || char(10) || a.title || char(10) || coalesce(b.name, ''), ?)", [filters.text]))
    return " and ".join(f"({sql})" for sql, _ in parts), [value for _, values in parts for value in values]


def _fetch(db: Database, clause: str, values: list[Any]) -> list[Engagement]:
    return [_engagement(row) for row in db.execute(f"{_SELECT} {_FROM} {clause}", values)]


def _engagement(row: tuple[Any, ...]) -> Engagement:
    values = dict(zip(_NAMES, row, strict=False))
    need_title, achievement_title, need_owner, achievement_owner, broker, is_demo = row[len(_NAMES) :]
    values["due_on"] = to_date(values["due_on"])
    for name in ("created_at", "updated_at"):
        values[name] = to_time(values[name])
    return Engagement(
        **values,
        need_title=need_title,
        achievement_title=achievement_title,
        need_owner_id=need_owner,
        achievement_owner_id=achievement_owner,
        broker=broker,
        is_demo=bool(is_demo),
    )
