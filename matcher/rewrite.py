"""A proposal that a need should be put in other words: its parts and states. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from matcher.models import Need

STATES = {"open": "等待答复", "accepted": "已采纳", "declined": "未采纳"}
# What a broker may put in other words; all else is the owner's to say.
REWRITABLE = ("title", "description", "indicators", "conditions", "present_state", "keywords")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """What the people of a broker firm propose for a need as it was in its version `base_version`."""

    public_id: str
    need_id: int
    base_version: int
    content: Mapping[str, Any]
    explanation: str
    broker_id: int
    proposed_by: str
    state: str
    reason: str
    created_at: datetime
    decided_at: datetime | None
    decided_by: str

    @property
    def is_open(self) -> bool:
        """True while the owner has not answered."""
        return self.state == "open"


def written(need: Need) -> str:
    """Return what a proposal keeps of a need, as JSON text."""
    return json.dumps({name: getattr(need, name) for name in REWRITABLE}, ensure_ascii=False)


def read(text: str) -> dict[str, Any]:
    """Return what `written` wrote."""
    values: dict[str, Any] = json.loads(text)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def rewritten(need: Need, content: Mapping[str, Any]) -> Need:
    """Return the need in the words of a proposal."""
    return replace(need, **content)
