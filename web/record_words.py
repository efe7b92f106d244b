"""What a record says, field by field, in the words of pages; and how two states of it differ."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from matcher.controlled_lists import cooperation_modes, technical_fields
from matcher.differences import Piece, pieces
from matcher.models import NEED_KINDS, Record
from matcher.policy import VISIBILITIES
from web.audit_words import FIELDS
from web.current import service
from web.frame import day, maturity_name, money, region_name

_TAGS = {"gone": "del", "new": "ins"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: its name on pages and both texts as one, what is gone and what is new marked."""

    label: str
    marked: Markup


def said(record: Record) -> dict[str, str]:
    """Return what a record says, by the name of the field; "" for what it does not say."""
    found = {}
    for name, written in _WRITTEN.items():
        value = getattr(record, name, None)
        found[name] = "" if value is None or value == () else written(value)
    return found


def differences(before: Record, after: Record) -> tuple[Difference, ...]:
    """Return the fields in which two states of a record differ, in the order of the form."""
    old, new = said(before), said(after)
    return tuple(
        Difference(FIELDS[name].removesuffix("（元）"), marked(pieces(old[name], new[name])))
        for name in old
        if old[name] != new[name]
    )


def marked(found: tuple[Piece, ...]) -> Markup:
    """Return pieces as HTML: every one escaped, those gone and new in tags of their own."""
    parts = []
    for piece in found:
        tag = _TAGS.get(piece.state)
        parts.append(Markup("<{0}>{1}</{0}>").format(Markup(tag), piece.text) if tag else Markup.escape(piece.text))
    return Markup("").join(parts)


def _names_of(ids: Any) -> str:
    return "\n".join(service().postings.names_of(ids))


_WRITTEN: dict[str, Callable[[Any], str]] = {
    "title": str,
    "need_kind": lambda name: NEED_KINDS.get(name, name),
    "is_chokepoint": lambda is_so: "是" if is_so else "否",
    "is_common_key": lambda is_so: "是" if is_so else "否",
    "description": str,
    "indicators": "\n".join,
    "conditions": str,
    "present_state": str,
    "field": lambda code: technical_fields().full_name(code),
    "keywords": "；".join,
    "maturity": maturity_name,
    "organisation": str,
    "region": region_name,
    "visibility": lambda name: VISIBILITIES.get(name, name),
    "summary": str,
    "named_ids": _names_of,
    "shows_organisation": lambda shows: "是" if shows else "否",
    "modes": lambda modes: "、".join(cooperation_modes().name(mode) for mode in modes),
    "budget_yuan": money,
    "deadline": day,
    "decision_owner": str,
    "team": str,
    "ip_kind": str,
    "ip_number": str,
    "asking_price_yuan": money,
}
