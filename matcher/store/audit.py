"""Who did what to which row. Lines can be added and read, never changed (triggers see to it)."""

import json
from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from matcher.store.rows import now_text


def add(
    db: Database, actor: str, action: str, kind: str, item_id: int, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    """Write one line; `before` and `after` hold what changed."""
    db.execute(
        "insert into audit (at, actor, action, kind, item_id, before, after) values (?, ?, ?, ?, ?, ?, ?)",
        (now_text(), actor, action, kind, item_id, _json(before), _json(after)),
    )


def of_item(db: Database, kind: str, item_id: int) -> list[dict[str, Any]]:
    """Return the lines on one row, oldest first, with `before` and `after` as mappings."""
    rows = db.execute(
        "select at, actor, action, before, after from audit where kind = ? and item_id = ? order by id", (kind, item_id)
    )
    names = ("at", "actor", "action", "before", "after")
    lines = [dict(zip(names, row, strict=True)) for row in rows]
    return [line | {"before": json.loads(line["before"]), "after": json.loads(line["after"])} for line in lines]


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)
