"""The lists that records choose from, read once from the data files in `matcher/lists`."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Entry:
    """One choice: its code, the name that pages show, and the code of what it belongs to ("" at the top)."""

    code: str
    name: str
    parent: str = ""


class ControlledList:
    """Entries by code, in the order of the file. Unknown codes are free text and stand for themselves."""

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self._by_code = {entry.code: entry for entry in entries}
        self._codes_by_name = {entry.name: entry.code for entry in reversed(entries)}
        self._children: dict[str, list[Entry]] = {}
        for entry in entries:
            self._children.setdefault(entry.parent, []).append(entry)
        self._codes_by_path = self._paths()

    def __contains__(self, code: str) -> bool:
        return code in self._by_code

    def name(self, code: str) -> str:
        """Return the name of `code`, or `code` itself when the list does not hold it."""
        return self._by_code[code].name if code in self._by_code else code

    def full_name(self, code: str) -> str:
        """Return the names from the top down to `code`, joined by a middle dot."""
        return " · ".join([self.name(above) for above in self.lineage(code)]) or code

    def code(self, text: str) -> str:
        """Return the code for a code or a name; other text comes back as it is."""
        return text if text in self._by_code else self._codes_by_name.get(text, text)

    def codes_named(self, text: str) -> tuple[str, ...]:
        """Return the code itself, or all codes of this name; names from above may be written before it."""
        return (text,) if text in self._by_code else tuple(self._codes_by_path.get(text, ()))

    def lineage(self, code: str) -> tuple[str, ...]:
        """Return the codes from the top down to `code`; empty when the list does not hold it."""
        entry = self._by_code.get(code)
        if entry is None:
            return ()
        return (*self.lineage(entry.parent), code)

    def children(self, code: str = "") -> tuple[Entry, ...]:
        """Return the entries right below `code` (the top ones by default)."""
        return tuple(self._children.get(code, ()))

    def within(self, code: str) -> tuple[str, ...]:
        """Return `code` and all codes below it, as filters admit them."""
        below = (inner for child in self.children(code) for inner in self.within(child.code))
        return (code, *below)

    def _paths(self) -> dict[str, list[str]]:
        """Return the codes by name and by the names from each level above down to it, written together."""
        found: dict[str, list[str]] = {}
        for entry in self.entries:
            names = [self.name(code) for code in self.lineage(entry.code)]
            for start in range(len(names)):
                found.setdefault("".join(names[start:]), []).append(entry.code)
        return found


def _read_list(file_name: str) -> ControlledList:
    lines = (files("matcher") / "lists" / file_name).read_text(encoding="utf-8").splitlines()
    return ControlledList(tuple(Entry(**row) for row in csv.DictReader(lines)))


@cache
def technical_fields() -> ControlledList:
    """Return the national high-tech fields, two levels."""
    return _read_list("fields.csv")


@cache
def regions() -> ControlledList:
    """Return the administrative divisions of GB/T 2260: province, city, district."""
    return _read_list("regions.csv")


@cache
def cooperation_modes() -> ControlledList:
    """Return the kinds of technology contract."""
    return _read_list("cooperation_modes.csv")


@cache
def maturity_levels() -> ControlledList:
    """Return the technology readiness levels 1-9."""
    return _read_list("maturity_levels.csv")


@cache
def organisation_kinds() -> ControlledList:
    """Return the kinds of organisation."""
    return _read_list("organisation_kinds.csv")


def region_prefix(code: str) -> str:
    """Return the leading digits that all divisions inside `code` share (GB/T 2260 nests in pairs)."""
    if len(code) == 6 and code.endswith("0000"):
        return code[:2]
    return code[:4] if len(code) == 6 and code.endswith("00") else code
