"""Proposals to put a need in other words."""

from typing import Any

from sqlite_utils import Database

from matcher.rewrite import Rewrite, read
from matcher.store.rows import now_text, to_time

_COLUMNS = (
    "public_id, need_id, base_version, content, explanation, broker_id, proposed_by, state, reason, created_at,"
    " decided_at, decided_by"
)


def add(
    db: Database,
    public_id: str,
    need: tuple[int, int],
    content: str,
    explanation: str,
    proposer: tuple[int, str],
) -> None:
    """Keep a proposal for the first of `need` in the version that is the second, by people of the organisation."""
    values = (public_id, *need, content, explanation, *proposer, "open", now_text())
    db.execute(
        "insert into rewrite (public_id, need_id, base_version, content, explanation, broker_id, proposed_by, state,"
        f" created_at) values ({', '.join('?' * len(values))})",
        values,
    )


def get(db: Database, public_id: str) -> Rewrite | None:
    """Return the proposal with this public id, if any."""
    return next(iter(_fetch(db, "where public_id = ?", [public_id])), None)


def of_need(db: Database, need_id: int) -> tuple[Rewrite, ...]:
    """Return the proposals for a need, newest first."""
    return _fetch(db, "where need_id = ? order by id desc", [need_id])


def decide(db: Database, public_id: str, state: str, reason: str, actor: str) -> None:
    """Keep the owner's answer."""
    db.execute(
        "update rewrite set state = ?, reason = ?, decided_at = ?, decided_by = ? where public_id = ?",
        (state, reason, now_text(), actor, public_id),
    )


def _fetch(db: Database, clause: str, values: list[Any]) -> tuple[Rewrite, ...]:
    return tuple(_model(row) for row in db.execute(f"select {_COLUMNS} from rewrite {clause}", values))


def _model(row: tuple[Any, ...]) -> Rewrite:
    values = dict(zip(_COLUMNS.replace(",", "").split(), row, strict=True))
    values["content"] = read(values["content"])
    values["created_at"] = to_time(values["created_at"])
    values["decided_at"] = to_time(values["decided_at"]) if values["decided_at"] else None
    return Rewrite(**values)
