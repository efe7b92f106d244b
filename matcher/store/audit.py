"""Who did what to which row, when and from where. Lines can be added and read, never changed (triggers see to it).

Each line carries a hash over itself and the hash before it, so that one changed, taken out or put in between shows.
What is cut off at the end shows against a hash noted elsewhere.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from matcher.models import Page
from matcher.store.rows import chained, now_text, to_time

_NAMES = "at, actor, action, kind, item_id, before, after, address"

# From where the present request comes; empty for a command.
origin: ContextVar[str] = ContextVar("origin", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One thing that somebody did. `before` and `after` hold what changed."""

    id: int
    at: datetime
    actor: str
    action: str
    kind: str
    item_id: int
    before: dict[str, Any]
    after: dict[str, Any]
    address: str
    hash: str


def add(
    db: Database, actor: str, action: str, kind: str, item_id: int, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Write one line, inside the transaction that does the thing."""
    last = db.execute("select hash from audit order by id desc limit 1").fetchone()
    line = (now_text(), actor, action, kind, item_id, _json(before), _json(after), origin.get())
    values = [*line, chained(last[0] if last else "", line)]
    db.execute(f"insert into audit ({_NAMES}, hash) values ({', '.join('?' * len(values))})", values)


def of_item(db: Database, kind: str, item_id: int) -> tuple[AuditLine, ...]:
    """Return the lines on one row, oldest first."""
    return _lines(db, "where kind = ? and item_id = ? order by id", [kind, item_id])


def listing(db: Database, q: str, actions: Sequence[str], number: int, size: int) -> Page[AuditLine]:
    """Return page `number` (from 1) of the lines that hold `q` anywhere but in the hash, newest first.

    Lines of `actions` count as holding it: pages have other words for them.
    """
    where, values = _where(q, actions)
    total = db.execute(f"select count(*) from audit {where}", values).fetchone()[0]
    lines = _lines(db, f"{where} order by id desc limit ? offset ?", [*values, size, (number - 1) * size])
    return Page(items=lines, total=total, number=number, size=size)


def every(db: Database, q: str = "", actions: Sequence[str] = ()) -> Iterator[AuditLine]:
    """Yield the lines that hold `q` or are of `actions`, oldest first."""
    where, values = _where(q, actions)
    for row in db.execute(f"select id, {_NAMES}, hash from audit {where} order by id", values):
        yield _line(row)


def first_broken(db: Database) -> int | None:
    """Return the id of the first line that does not follow from the one before; None when the chain holds."""
    before = ""
    for number, *line, found in db.execute(f"select id, {_NAMES}, hash from audit order by id"):
        before = chained(before, line)
        if before != found:
            return int(number)
    return None


def head(db: Database) -> tuple[int, str]:
    """Return how many lines there are and the hash of the last one ("" without any)."""
    count = db.execute("select count(*) from audit").fetchone()[0]
    last = db.execute("select hash from audit order by id desc limit 1").fetchone()
    return count, last[0] if last else ""


def _where(q: str, actions: Sequence[str]) -> tuple[str, list[Any]]:
    if not q:
        return "", []
    text = "actor || ' ' || action || ' ' || kind || ' ' || address || ' ' || at || ' ' || before || ' ' || after"
    return f"where (instr({text}, ?) or action in ({', '.join('?' * len(actions))}))", [q, *actions]


def _lines(db: Database, rest: str, values: list[Any]) -> tuple[AuditLine, ...]:
    return tuple(_line(row) for row in db.execute(f"select id, {_NAMES}, hash from audit {rest}", values))


def _line(row: tuple[Any, ...]) -> AuditLine:
    number, at, actor, action, kind, item_id, before, after, address, found = row
    return AuditLine(
        id=number,
        at=to_time(at),
        actor=actor,
        action=action,
        kind=kind,
        item_id=item_id,
        before=json.loads(before),
        after=json.loads(after),
        address=address,
        hash=found,
    )


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)
