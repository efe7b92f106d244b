"""What of a record is for everybody. Pure."""

from dataclasses import replace
from typing import Any

from matcher.controlled_lists import regions
from matcher.models import Record

# The fields that say what others see of a record.
DISCLOSING = ("summary", "visibility", "named_ids", "shows_organisation")
_HIDDEN: dict[str, Any] = {
    "external_id": "",
    "indicators": (),
    "keywords": (),
    "named_ids": (),
    "close_reason": "",
    "on_behalf_by": "",
}
_HIDDEN_OF_KIND: dict[str, dict[str, Any]] = {
    "need": {"budget_yuan": None, "conditions": "", "present_state": "", "decision_owner": ""},
    "achievement": {"ip_kind": "", "ip_number": "", "asking_price_yuan": None, "team": ""},
}


def public_part(record: Record) -> Record:
    """Return the record as those know it who may not read it in full: title, summary, and what classifies it.

    Whose it is stays hidden unless the owner wants it shown; of the region only the province is left.
    """
    hidden = _HIDDEN | _HIDDEN_OF_KIND[record.kind]
    if not record.shows_organisation:
        hidden |= {"organisation_id": None, "organisation": ""}
    return replace(record, description=record.summary, region=_province(record.region), **hidden)


def _province(region: str) -> str:
    code = f"{region[:2]}0000"
    return code if len(region) == 6 and code in regions() else ""
