"""What of a record a version keeps, and the way back. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from matcher.models import Record

# Bookkeeping, and where a record stands in its life: none of it is what the record says.
_LEFT_OUT = frozenset(
    {"id", "external_id", "organisation_id", "organisation_kind", "status", "is_demo", "created_at", "updated_at"}
    | {"valid_until", "close_reason", "on_behalf_by"}
)
# Who may read is decided by the owner for the present, never by an old version.
_NOT_RESTORED = frozenset({"organisation", "visibility", "named_ids", "shows_organisation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a record: who made it and when. `number` counts from 1; `note` says what it came from."""

    number: int
    actor: str
    at: datetime
    note: str
    content: Mapping[str, Any]


def content_text(record: Record) -> str:
    """Return all that a version keeps of a record, as the JSON text that is stored."""
    names = [item.name for item in fields(record) if item.name not in _LEFT_OUT]
    values = {name: getattr(record, name) for name in names}
    return json.dumps(values, ensure_ascii=False, sort_keys=True, default=date.isoformat)


def read_content(text: str) -> dict[str, Any]:
    """Return what `content_text` wrote."""
    values: dict[str, Any] = json.loads(text)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def record_as_in(version: Version, record: Record) -> Record:
    """Return `record` as it was in one of its versions; what the version does not know is as if not given."""
    values: dict[str, Any] = {}
    for item in fields(record):
        if item.name in _LEFT_OUT:
            continue
        value = version.content.get(item.name, item.default)
        values[item.name] = date.fromisoformat(value) if item.name == "deadline" and value else value
    return replace(record, **values)


def restored(version: Version, record: Record) -> Record:
    """Return `record` saying what it said in a version, with the organisation and the readers that it has now."""
    kept = {name: getattr(record, name) for name in _NOT_RESTORED}
    return replace(record_as_in(version, record), **kept)
