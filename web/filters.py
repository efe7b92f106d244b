"""Between the query string and what a list is asked for. State lives in the address, so every list can be linked."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from matcher.controlled_lists import (
    ControlledList,
    cooperation_modes,
    maturity_levels,
    organisation_kinds,
    regions,
    technical_fields,
)
from matcher.models import FLAGS, NEED_KINDS, Filters
from matcher.workflow import POSTING_STATUSES

PAGE_SIZES = (20, 50, 100)
ALL = "all"
NAMES = {
    "field": "技术领域",
    "region": "地区",
    "maturity": "成熟度",
    "mode": "合作方式",
    "organisation_kind": "单位类型",
    "need_kind": "需求类型",
    "flag": "重点标记",
    "status": "状态",
}
_LONGEST_QUERY = 2000
_LAST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a list's address asks for."""

    filters: Filters = field(default_factory=Filters)
    q: str = ""
    sort: str = ""
    page: int = 1
    size: int = PAGE_SIZES[0]
    usual_size: int = PAGE_SIZES[0]

    @property
    def sizes(self) -> list[int]:
        """The page sizes to choose from."""
        return sorted({*PAGE_SIZES, self.usual_size})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A chosen filter and the address without it."""

    name: str
    value: str
    without: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a filter; `total` is how many records it would leave, None when that is not counted."""

    value: str
    name: str
    total: int | None = None


def read(args: Mapping[str, str], usual_size: int = PAGE_SIZES[0]) -> Asked:
    """Return what the query string asks for; values that make no sense count as not given."""
    status = args.get("status", "")
    size = _number(args.get("size", ""), 1, 1000)
    return Asked(
        filters=Filters(
            field=technical_fields().code(_text(args, "field")),
            region=regions().code(_text(args, "region")),
            maturity=_number(args.get("maturity", ""), 1, 9) or None,
            mode=_text(args, "mode"),
            organisation_kind=_text(args, "organisation_kind"),
            need_kind=kind if (kind := _text(args, "need_kind")) in NEED_KINDS else "",
            flag=flag if (flag := _text(args, "flag")) in FLAGS else "",
            status="" if status == ALL else status if status in POSTING_STATUSES else "published",  # type: ignore
        ),
        q=args.get("q", "").strip()[:_LONGEST_QUERY],
        sort=args.get("sort", ""),
        page=_number(args.get("page", ""), 1, _LAST_PAGE) or 1,
        size=size if size in (*PAGE_SIZES, usual_size) else usual_size,
        usual_size=usual_size,
    )


def write(asked: Asked, **changes: Any) -> dict[str, Any]:
    """Return the query string of `asked` with some of it changed; what is at its default is left out."""
    asked = replace(asked, **changes)
    values = {item.name: getattr(asked.filters, item.name) for item in fields(Filters)}
    values["status"] = {"published": "", "": ALL}.get(asked.filters.status, asked.filters.status)
    values |= {"q": asked.q, "sort": asked.sort, "page": asked.page if asked.page > 1 else ""}
    values |= {"size": asked.size if asked.size != asked.usual_size else ""}
    return {name: value for name, value in values.items() if value}


def chips(asked: Asked) -> list[Chip]:
    """Return the chosen filters, each with the address that drops it."""
    filters = asked.filters
    shown = {
        "field": technical_fields().full_name(filters.field),
        "region": regions().name(filters.region),
        "maturity": f"不低于 {filters.maturity} 级" if filters.maturity else "",
        "mode": cooperation_modes().name(filters.mode),
        "organisation_kind": organisation_kinds().name(filters.organisation_kind),
        "need_kind": NEED_KINDS.get(filters.need_kind, ""),
        "flag": FLAGS.get(filters.flag, ""),
        "status": "" if filters.status == "published" else POSTING_STATUSES.get(filters.status, "全部"),
    }
    chosen = [
        Chip(
            name=NAMES[name],
            value=value,
            without=without(asked, name),
        )
        for name, value in shown.items()
        if value
    ]
    if asked.q:
        chosen.insert(0, Chip(name="搜索", value=asked.q, without=write(asked, page=1, q="")))
    return chosen


def without(asked: Asked, name: str) -> dict[str, Any]:
    """Return the query string of `asked` without the filter called `name`, from the first page on."""
    return write(asked, page=1, filters=replace(asked.filters, **{name: getattr(Filters(), name)}))


def choices(
    facets: Mapping[str, Mapping[str, int]], filters: Filters, statuses: bool = True
) -> dict[str, list[Choice]]:
    """Return for each filter the values worth offering: those that leave something, and the chosen one."""
    kinds = organisation_kinds()
    offered = {
        "field": _nested(facets.get("field", {}), technical_fields(), filters.field),
        "region": _nested(facets.get("region", {}), regions(), filters.region),
        "maturity": _maturity_choices(facets.get("maturity", {})),
        "mode": _listed(facets.get("mode", {}), cooperation_modes(), filters.mode),
        "organisation_kind": _listed(facets.get("organisation_kind", {}), kinds, filters.organisation_kind),
    }
    for name, known in (("need_kind", NEED_KINDS), ("flag", FLAGS)):
        if name in facets:
            offered[name] = [Choice(value=code, name=known[code], total=facets[name].get(code, 0)) for code in known]
    if statuses:
        counts = facets.get("status", {})
        every = Choice(value=ALL, name="全部", total=sum(counts.values()))
        named = {
            code: Choice(value=code, name=name, total=counts.get(code, 0)) for code, name in POSTING_STATUSES.items()
        }
        usual = replace(named.pop("published"), value="")
        offered["status"] = [usual, *named.values(), every]
    return offered


def _nested(counts: Mapping[str, int], known: ControlledList, chosen: str) -> list[Choice]:
    """The top of a list and free words with their counts; below the chosen one, what it consists of."""
    in_order = [entry.code for entry in known.children() if entry.code in counts]
    opened = known.lineage(chosen)[:1]
    top = dict.fromkeys([*in_order, *counts, *opened])
    result = []
    for code in top:
        result.append(Choice(value=code, name=known.name(code), total=counts.get(code, 0)))
        if code in opened:
            result += [Choice(value=entry.code, name=f"\u3000{entry.name}") for entry in known.children(code)]
    return _with_chosen(result, chosen, "".join(known.name(code) for code in known.lineage(chosen)) or chosen)


def _maturity_choices(counts: Mapping[str, int]) -> list[Choice]:
    """Each level with how many records reach it: a level filter is a least one."""
    reached = {level: sum(total for code, total in counts.items() if int(code) >= level) for level in range(1, 10)}
    return [
        Choice(value=entry.code, name=f"不低于 {entry.code} 级", total=reached[int(entry.code)])
        for entry in maturity_levels().entries
    ]


def _listed(counts: Mapping[str, int], known: ControlledList, chosen: str) -> list[Choice]:
    in_order = [entry.code for entry in known.entries if entry.code in counts]
    offered = [Choice(value=c, name=known.name(c), total=counts[c]) for c in dict.fromkeys([*in_order, *counts])]
    return _with_chosen(offered, chosen, known.name(chosen))


def _with_chosen(offered: list[Choice], chosen: str, name: str) -> list[Choice]:
    if not chosen or any(choice.value == chosen for choice in offered):
        return offered
    return [Choice(value=chosen, name=name), *offered]


def _text(args: Mapping[str, str], name: str) -> str:
    return args.get(name, "").strip()[:100]


def _number(text: str, least: int, most: int) -> int:
    """Return the whole number that `text` writes, 0 when it writes none within the bounds."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 and least <= int(text) <= most else 0
