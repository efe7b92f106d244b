"""The one table of a run: what was measured, against which baseline of the same run, and what was wanted. Pure."""

import operator
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

STEP = " > "
_HOLDS: dict[str, Callable[[float, float], bool]] = {"≥": operator.ge, "≤": operator.le}


class Wanted(NamedTuple):
    """What the measured value, or its ratio to the baseline, shall be."""

    of_ratio: bool
    sign: str
    limit: float

    def holds(self, measured: float, ratio: float | None) -> bool:
        """Return whether it is so."""
        value = ratio if self.of_ratio else measured
        return value is not None and _HOLDS[self.sign](value, self.limit)

    def __str__(self) -> str:
        return f"{'ratio ' if self.of_ratio else ''}{self.sign} {number(self.limit)}"


class Figure(NamedTuple):
    """One line of the table: names of values of a part, as paths through its JSON with ` > ` between the steps."""

    part: str
    name: str
    measured: str
    baseline: str = ""
    against: str = ""
    wanted: Wanted | None = None


class Row(NamedTuple):
    """One line with its values."""

    name: str
    measured: float
    baseline: str
    against: float | None
    ratio: float | None
    wanted: str
    is_reached: bool | None


def ratio_at_least(limit: float) -> Wanted:
    """Return the wish that the ratio be as high."""
    return Wanted(True, "≥", limit)


def ratio_at_most(limit: float) -> Wanted:
    """Return the wish that the ratio be as low."""
    return Wanted(True, "≤", limit)


def at_least(limit: float) -> Wanted:
    """Return the wish that the measured value be as high."""
    return Wanted(False, "≥", limit)


def at_most(limit: float) -> Wanted:
    """Return the wish that the measured value be as low."""
    return Wanted(False, "≤", limit)


def rows(figures: Iterable[Figure], parts: Mapping[str, Any]) -> list[Row]:
    """Return the lines of all figures whose part was run and gave them."""
    found = []
    for figure in figures:
        measured = _value(parts.get(figure.part), figure.measured)
        if measured is None:
            continue
        against = _value(parts.get(figure.part), figure.against) if figure.against else None
        ratio = measured / against if against else None
        is_reached = figure.wanted.holds(measured, ratio) if figure.wanted else None
        wanted = str(figure.wanted) if figure.wanted else ""
        found.append(Row(figure.name, measured, figure.baseline, against, ratio, wanted, is_reached))
    return found


def _value(part: Any, path: str) -> float | None:
    """Return the value at a path, True and False as 1 and 0; None when there is no number."""
    for step in path.split(STEP):
        if isinstance(part, Sequence) and not isinstance(part, str) and step.lstrip("-").isdecimal():
            part = part[int(step)] if -len(part) <= int(step) < len(part) else None
        else:
            part = part.get(step) if isinstance(part, Mapping) else None
    return float(part) if isinstance(part, int | float) else None


def markdown(found: Sequence[Row]) -> list[str]:
    """Return the table as lines of Markdown."""
    lines = ["| figure | measured | baseline | its value | ratio | wanted | reached |", "|---|---|---|---|---|---|---|"]
    return lines + [f"| {' | '.join(_cells(row))} |" for row in found]


def text(found: Sequence[Row]) -> list[str]:
    """Return the table as lines for a terminal."""
    cells = [("figure", "measured", "baseline", "its value", "ratio", "wanted", "reached"), *map(_cells, found)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(cells[0]))]
    return ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def number(value: float | None) -> str:
    """Return a value with three digits that count, or all before the point; nothing for None."""
    if value is None:
        return ""
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 4
    written = f"{value:,.{places}f}"
    return (written.rstrip("0").rstrip(".") or "0") if "." in written else written


def _cells(row: Row) -> tuple[str, ...]:
    reached = "" if row.is_reached is None else "yes" if row.is_reached else "**no**"
    return (row.name, number(row.measured), row.baseline, number(row.against), number(row.ratio), row.wanted, reached)


def _width(cell: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in cell)


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))
