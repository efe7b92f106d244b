"""A cooperation record as texts: what histories keep of each field. Pure."""

from dataclasses import fields, replace
from typing import Any

from matcher.controlled_lists import cooperation_modes
from matcher.cooperation import (
    MILESTONE_STATES,
    OUTCOME_KINDS,
    PARTS,
    ROLES,
    Cooperation,
    Milestone,
    Outcome,
    Party,
    Payment,
)

_BOOKKEEPING = {"id", "version", "created_at", "updated_at"}


def kept_texts(cooperation: Cooperation) -> dict[str, str]:
    """Return every field of the agreement as the text that a history keeps; "" for what is not given."""
    values: dict[str, Any] = {
        item.name: getattr(cooperation, item.name) for item in fields(cooperation) if item.name not in _BOOKKEEPING
    }
    # A history keeps the name of a contract type, a record its code.
    values["contract_type"] = cooperation_modes().name(cooperation.contract_type)
    values |= {name: "\n".join(part_in_words(part) for part in values[name]) for name in PARTS}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def changed_fields(old: Cooperation, new: Cooperation) -> list[str]:
    """Return the fields in which two versions differ, even where both read the same."""
    return [name for name in kept_texts(new) if _compared(old, name) != _compared(new, name)]


def _compared(cooperation: Cooperation, name: str) -> Any:
    """Return a value without the organisations that parties are linked with: those follow from what was typed."""
    value = getattr(cooperation, name)
    return tuple(replace(party, organisation_id=None) for party in value) if name == "parties" else value


def part_in_words(part: Party | Payment | Milestone | Outcome) -> str:
    """Return one party, payment, milestone or outcome as a line."""
    if isinstance(part, Party):
        code = f"（{part.credit_code}）" if part.credit_code else ""
        return f"{ROLES.get(part.role, part.role)} {part.name}{code}"
    if isinstance(part, Payment):
        due, paid = wan(part.amount_yuan), wan(part.paid_yuan)
        return _joined(part.due_on, due and f"应付 {due}", paid and f"{part.paid_on} 实付 {paid}")
    if isinstance(part, Milestone):
        state = MILESTONE_STATES.get(part.state, part.state)
        return _joined(part.title, part.due_on and f"{part.due_on} 前", state, part.done_on)
    count = None if part.count is None else f"数量 {part.count}"
    kind = OUTCOME_KINDS.get(part.kind, part.kind)
    return _joined(f"{kind} {part.title}", count, wan(part.amount_yuan), part.obtained_on, part.evidence)


def wan(yuan: int | None) -> str:
    """Return a sum in units of 10,000 yuan, to the yuan; "" for none."""
    return "" if yuan is None else f"{yuan / 10_000:,.4f}".rstrip("0").rstrip(".") + " 万元"


def _joined(*parts: object) -> str:
    return "，".join(str(part) for part in parts if part)
