"""Filters as SQL conditions; `matcher.columns` says the same of records in memory."""

from typing import Any

from matcher.controlled_lists import region_prefix, technical_fields
from matcher.models import FLAGS, Filters, Kind
from matcher.policy import VISIBILITIES, Sight

# As `policy.condition_of` says it of a record.
_IS_WIDE = f"p.visibility in ({', '.join(repr(name) for name in VISIBILITIES if name != 'named')})"
_CONDITION = (
    f"case when p.status = 'draft' then 'draft' when p.status <> 'published' and {_IS_WIDE} then p.status"
    f" when p.status <> 'published' then 'kept' when {_IS_WIDE} then p.visibility else 'named' end"
)


def where_clause(kind: Kind, filters: Filters, sight: Sight | None = None) -> tuple[str, list[Any]]:
    """Return an SQL condition on `p` (the record) and `o` (its organisation) with its values.

    Without `sight` (None) nothing is hidden: what the service itself works with.
    """
    conditions: list[tuple[str, list[Any]]] = [("1", []) if sight is None else _within_sight(sight)]
    if filters.status:
        conditions.append(("p.status = ?", [filters.status]))
    if filters.field:
        codes = technical_fields().within(filters.field)
        conditions.append((f"p.field in ({', '.join('?' * len(codes))})", list(codes)))
    if filters.region:
        conditions.append(("substr(p.region, 1, ?) = ?", [len(prefix := region_prefix(filters.region)), prefix]))
    if filters.maturity:
        conditions.append(("p.maturity >= ?", [filters.maturity]))
    if filters.mode:
        conditions.append(("exists (select 1 from json_each(p.modes) where value = ?)", [filters.mode]))
    if filters.organisation_kind:
        conditions.append(("o.kind = ?", [filters.organisation_kind]))
    if filters.organisation_id:
        conditions.append(("p.organisation_id = ?", [filters.organisation_id]))
    if kind == "need" and filters.need_kind:
        conditions.append(("p.need_kind = ?", [filters.need_kind]))
    if kind == "need" and filters.flag in FLAGS:
        conditions.append((f"p.is_{filters.flag}", []))
    return " and ".join(sql for sql, _ in conditions), [value for _, values in conditions for value in values]


def _within_sight(sight: Sight) -> tuple[str, list[Any]]:
    everywhere, own, granted = sorted(sight.everywhere), sorted(sight.own), sorted(sight.granted)
    marks = [", ".join("?" * len(names)) for names in (everywhere, own, granted)]
    is_named = "exists (select 1 from json_each(p.named_ids) where value = ?)"
    return (
        f"({_CONDITION} in ({marks[0]}) or ({_CONDITION} in ({marks[1]}) and p.organisation_id = ?)"
        f" or ({_CONDITION} in ({marks[2]}) and {is_named}))",
        [*everywhere, *own, sight.organisation_id, *granted, sight.organisation_id],
    )
