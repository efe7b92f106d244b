"""What lists filter, count and sort records by, as one array a property: a million records take milliseconds. Pure."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import eq
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from matcher.controlled_lists import region_prefix, technical_fields
from matcher.models import FLAGS, Filters, Kind
from matcher.policy import Sight, condition

Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Array = TypeVar("Array", Numbers, Codes)

# Kept as codes: few values stand for many records.
CODED = (
    *("status", "visibility", "organisation_id", "organisation_kind", "named_ids", "field", "region", "maturity"),
    *("modes", "need_kind", "is_chokepoint", "is_common_key"),
)
# Kept as they are: when it was last changed in microseconds, and until when it is asked for in days, 0 for never.
NUMBERS = ("updated_at", "deadline")
_PROVINCIAL = re.compile(r"[1-9][0-9]{5}")
_NEVER = np.iinfo(np.int64).max
_FACETS: Mapping[str, Callable[[Any], str]] = {
    "field": lambda code: str(code).partition(".")[0],
    "region": lambda code: f"{code[:2]}0000" if _PROVINCIAL.fullmatch(code) else str(code),
    "maturity": lambda level: "" if level is None else str(level),
    "organisation_kind": str,
    "status": str,
}


# The id of a record, its values of CODED (lists as JSON) and of NUMBERS, one after another.
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows in the order of their ids. `values` of a property are those that its codes stand for."""

    ids: Numbers
    codes: Mapping[str, Codes]
    values: Mapping[str, tuple[Any, ...]]
    numbers: Mapping[str, Numbers]

    def changed(self, rows: Sequence[Row], gone: Sequence[int] = ()) -> "Columns":
        """Return the columns with `rows` put in, in place of those of the same ids, and without the ids `gone`.

        Copying a million rows for each change would take longer than a search. So rows are overwritten in place, and
        only what this returns may be changed further; whoever reads meanwhile meets the row before or after.
        """
        if len(gone):
            return self._without(gone).changed(rows)
        if not rows:
            return self
        own, *columns = zip(*rows, strict=True)
        item_ids = np.array(own, dtype=np.int64)
        places = np.searchsorted(self.ids, item_ids)
        is_new = ~np.isin(item_ids, self.ids[places[places < len(self.ids)]])
        places[is_new] = len(self.ids) + np.arange(np.count_nonzero(is_new))
        codes, values, numbers = {}, {}, {}
        for name, column in zip(CODED, columns, strict=False):
            fresh, values[name] = _coded(self.values[name], column)
            # Whoever reads meanwhile does not know what codes of new values stand for, nor meets rows that are new.
            are_known = values[name] is self.values[name] or bool(is_new.all())
            codes[name] = _put(self.codes[name] if are_known else self.codes[name].copy(), fresh, places, is_new)
        for name, column in zip(NUMBERS, columns[len(CODED) :], strict=True):
            numbers[name] = _put(self.numbers[name], np.array(column, dtype=np.int64), places, is_new)
        ids = _put(self.ids, item_ids, places, is_new)
        return Columns(ids, codes, values, numbers)._in_order(len(self.ids))

    def only(self, wanted: Sequence[int]) -> "Columns":
        """Return the columns of those of the ids `wanted`, in order, that there are."""
        item_ids = np.array(wanted, dtype=np.int64)
        places = np.searchsorted(self.ids, item_ids)
        within = places < len(self.ids)
        places, item_ids = places[within], item_ids[within]
        return self._taken(places[self.ids[places] == item_ids])

    def _without(self, gone: Sequence[int]) -> "Columns":
        return self._taken(np.flatnonzero(~np.isin(self.ids, np.array(gone, dtype=np.int64))))

    def _in_order(self, known: int) -> "Columns":
        """Return the columns in the order of ids, of which the first `known` are; new ids nearly always follow them."""
        if np.all(np.diff(self.ids[max(0, known - 1) :]) > 0):
            return self
        return self._taken(np.argsort(self.ids))

    def _taken(self, places: Numbers) -> "Columns":
        codes = {name: column[places] for name, column in self.codes.items()}
        return Columns(
            self.ids[places], codes, self.values, {name: each[places] for name, each in self.numbers.items()}
        )

    def mask(self, kind: Kind, filters: Filters, sight: Sight | None = None) -> Mask:
        """Return which rows pass `filters`, of those in `sight` (None: all)."""
        return self._all_of(self._conditions(kind, filters, sight).values())

    def facets(self, kind: Kind, filters: Filters, sight: Sight | None = None) -> dict[str, dict[str, int]]:
        """Return for each filter how many rows each of its values would leave, the other filters kept.

        Most rows first, ties by value. Fields are counted at their first level and regions by province; blanks are
        left out.
        """
        conditions = self._conditions(kind, filters, sight)
        names = (*_FACETS, "mode", *(("need_kind", "flag") if kind == "need" else ()))
        masks = {name: self._all_of(each for asked, each in conditions.items() if asked != name) for name in names}
        counts = {name: _most_first(self._counts(name, masks[name], shown)) for name, shown in _FACETS.items()}
        modes: dict[str, int] = {}
        for offered, total in self._totals("modes", masks["mode"]):
            for mode in json.loads(offered):
                modes[mode] = modes.get(mode, 0) + total
        counts["mode"] = _most_first(modes)
        if kind == "need":
            counts["need_kind"] = _most_first(self._counts("need_kind", masks["need_kind"], str))
            flags = {name: dict(self._totals(f"is_{name}", masks["flag"])).get(1, 0) for name in FLAGS}
            counts["flag"] = {name: total for name, total in flags.items() if total}
        return counts

    def page(self, mask: Mask, sort: str, first: int, size: int) -> list[int]:
        """Return the ids of `size` rows of `mask` from place `first` on (from 0), in any order but that of titles."""
        places, wanted = np.flatnonzero(mask), first + size
        keys, ties = self._order(sort)
        if len(places) > wanted > 0:
            # All of a million need not be sorted to know the first few.
            worst = np.partition(keys[places], wanted - 1)[wanted - 1]
            places = places[keys[places] <= worst]
        places = places[np.lexsort((ties[places], keys[places]))]
        found: list[int] = self.ids[places[first:wanted]].tolist()
        return found

    def _order(self, sort: str) -> tuple[Numbers, Numbers]:
        """Return numbers to sort by, and more for ties, smallest first."""
        if sort == "oldest":
            return self.numbers["updated_at"], self.ids
        if sort == "maturity":
            return np.array([-(level or 0) for level in self.values["maturity"]])[self.codes["maturity"]], -self.ids
        if sort == "deadline":
            days = self.numbers["deadline"]
            return np.where(days == 0, _NEVER, days), -self.ids
        return -self.numbers["updated_at"], -self.ids

    def _conditions(self, kind: Kind, filters: Filters, sight: Sight | None) -> dict[str, Mask]:
        found = {name: self._where(column, holds) for name, column, holds in _asked(kind, filters)}
        if sight is not None:
            found["sight"] = self._within(sight)
        return found

    def _within(self, sight: Sight) -> Mask:
        everywhere, own, granted = (
            self._with_condition(names) for names in (sight.everywhere, sight.own, sight.granted)
        )
        if sight.organisation_id is None:
            return everywhere
        own &= self._where("organisation_id", lambda value: value == sight.organisation_id)
        granted &= self._where("named_ids", lambda named: sight.organisation_id in json.loads(named))
        return everywhere | own | granted

    def _with_condition(self, names: frozenset[str]) -> Mask:
        table = np.array(
            [
                [condition(status, each) in names for each in self.values["visibility"]]
                for status in self.values["status"]
            ],
            dtype=bool,
        ).reshape(len(self.values["status"]), len(self.values["visibility"]))
        found: Mask = table[self.codes["status"], self.codes["visibility"]]
        return found

    def _where(self, name: str, holds: Callable[[Any], bool]) -> Mask:
        found: Mask = np.array([holds(value) for value in self.values[name]], dtype=bool)[self.codes[name]]
        return found

    def _all_of(self, masks: Any) -> Mask:
        found = np.ones(len(self.ids), dtype=bool)
        for mask in masks:
            found &= mask
        return found

    def _totals(self, name: str, mask: Mask) -> list[tuple[Any, int]]:
        totals = np.bincount(self.codes[name][mask], minlength=len(self.values[name])).tolist()
        return [(value, total) for value, total in zip(self.values[name], totals, strict=True) if total]

    def _counts(self, name: str, mask: Mask, shown: Callable[[Any], str]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for value, total in self._totals(name, mask):
            if (choice := shown(value)) != "":
                counts[choice] = counts.get(choice, 0) + total
        return counts


def no_columns() -> Columns:
    """Return columns without rows."""
    empty = np.zeros(0, dtype=np.int64)
    codes = {name: np.zeros(0, dtype=np.int32) for name in CODED}
    return Columns(empty, codes, dict.fromkeys(CODED, ()), dict.fromkeys(NUMBERS, empty))


def _asked(kind: Kind, filters: Filters) -> list[tuple[str, str, Callable[[Any], bool]]]:
    """Return name, column and condition of each filter that is set."""
    found: list[tuple[str, str, Callable[[Any], bool]]] = []
    for name in ("status", "organisation_kind", "organisation_id", *(("need_kind",) if kind == "need" else ())):
        if wanted := getattr(filters, name):
            found.append((name, name, partial(eq, wanted)))
    if filters.field:
        found.append(("field", "field", technical_fields().within(filters.field).__contains__))
    if prefix := region_prefix(filters.region):
        found.append(("region", "region", lambda code: code.startswith(prefix)))
    if least := filters.maturity:
        found.append(("maturity", "maturity", lambda level: level is not None and level >= least))
    if filters.mode:
        found.append(("mode", "modes", lambda modes: filters.mode in json.loads(modes)))
    if kind == "need" and filters.flag in FLAGS:
        found.append(("flag", f"is_{filters.flag}", bool))
    return found


def _coded(values: tuple[Any, ...], fresh: Sequence[Any]) -> tuple[Codes, tuple[Any, ...]]:
    """Return the codes of `fresh`, and `values` with those behind that were not among them."""
    places = {value: place for place, value in enumerate(values)}
    codes = np.array([places.setdefault(value, len(places)) for value in fresh], dtype=np.int32)
    return codes, values if len(places) == len(values) else tuple(places)


def _put(column: Array, fresh: Array, places: Numbers, is_new: Mask) -> Array:
    """Return `column` with `fresh` at `places`, those that are new at the end, copied only when there is no room."""
    size = len(column) + int(np.count_nonzero(is_new))
    room = column if column.base is None else column.base
    if len(room) < size:
        room = np.empty(size + size // 8, dtype=column.dtype)
        room[: len(column)] = column
    room[places] = fresh
    return room[:size]


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
