"""Filters as SQL: the one place where a filter's meaning becomes a condition, and the counts beside filters."""

from dataclasses import replace
from typing import Any

from sqlite_utils import Database

from matcher.controlled_lists import technical_fields
from matcher.models import Filters, Kind
from matcher.policy import VISIBILITIES, Sight

_FACETS = {
    "field": "substr(p.field, 1, instr(p.field || '.', '.') - 1)",
    "region": "case when p.region glob '[1-9][0-9][0-9][0-9][0-9][0-9]'"
    " then substr(p.region, 1, 2) || '0000' else p.region end",
    "maturity": "p.maturity",
    "organisation_kind": "o.kind",
    "status": "p.status",
}
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


def region_prefix(code: str) -> str:
    """Return the leading digits that all divisions inside `code` share (GB/T 2260 nests in pairs)."""
    if len(code) == 6 and code.endswith("0000"):
        return code[:2]
    return code[:4] if len(code) == 6 and code.endswith("00") else code


def facet_counts(db: Database, kind: Kind, filters: Filters, sight: Sight | None = None) -> dict[str, dict[str, int]]:
    """Return for each filter how many records each of its values would leave, the other filters kept.

    Fields are counted at their first level and regions by province; blanks are left out.
    """
    counts = {}
    for name, expression in _FACETS.items():
        empty: Any = None if name == "maturity" else ""
        where, values = where_clause(kind, replace(filters, **{name: empty}), sight)
        rows = db.execute(
            f"select {expression}, count(*) from {kind} p left join organisation o on o.id = p.organisation_id"
            f" where {where} group by 1 order by 2 desc, 1",
            values,
        )
        counts[name] = {str(value): total for value, total in rows if value not in (None, "")}
    counts["mode"] = _mode_counts(db, kind, filters, sight)
    return counts


def _mode_counts(db: Database, kind: Kind, filters: Filters, sight: Sight | None) -> dict[str, int]:
    where, values = where_clause(kind, replace(filters, mode=""), sight)
    rows = db.execute(
        f"select m.value, count(*) from {kind} p left join organisation o on o.id = p.organisation_id,"
        f" json_each(p.modes) m where {where} group by 1 order by 2 desc, 1",
        values,
    )
    return dict(rows)
