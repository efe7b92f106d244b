"""A form on paper as a table of cells: what stands in it and how it is laid out, for Word and for print alike. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Look = Literal["label", "head", "value", "figure", "stamp"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell over `columns` of the grid and `rows` lines; `height_mm` keeps room for a hand and a stamp.

    A label stands beside and a head above what is filled in: a value, a figure, which stands right, or a stamp.
    """

    text: str = ""
    columns: int = 1
    rows: int = 1
    look: Look = "value"
    height_mm: int = 0


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A form: title, a line at the left and one at the right above the table, the grid in mm, rows, notes below."""

    title: str
    left: str = ""
    right: str = ""
    columns_mm: tuple[int, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = field(default=())

    def places(self) -> Iterator[tuple[int, int, Cell]]:
        """Yield line and column (from 0) of each cell: where cells from above reach down, there is no place.

        Raises: ValueError when a row does not fill the grid.
        """
        free = [[True] * len(self.columns_mm) for _ in self.rows]
        for number, row in enumerate(self.rows):
            for cell in row:
                column = free[number].index(True)
                yield number, column, cell
                for line in free[number : number + cell.rows]:
                    line[column : column + cell.columns] = [False] * cell.columns
            sinks = any(number + cell.rows > len(self.rows) for cell in row)
            if sinks or len(free[number]) != len(self.columns_mm) or any(free[number]):
                raise ValueError(f"row {number} of {self.title} does not fit its {len(self.columns_mm)} columns")


def label(text: str, columns: int = 2, rows: int = 1) -> Cell:
    """Return a printed cell."""
    return Cell(text, columns, rows, "label")


def value(text: str, columns: int = 3, rows: int = 1) -> Cell:
    """Return a cell that is filled in."""
    return Cell(text, columns, rows)


def head(text: str, columns: int = 2) -> Cell:
    """Return the head of a column."""
    return Cell(text, columns, 1, "head")


def pairs(items: list[tuple[str, str]], columns: int = 10) -> list[Row]:
    """Return labels with their values, two pairs a row; a last one without company takes the whole row."""
    half = columns // 2
    rows: list[Row] = [
        (label(first), value(text, half - 2), label(second), value(other, half - 2))
        for (first, text), (second, other) in zip(items[::2], items[1::2], strict=False)
    ]
    return [*rows, wide(*items[-1], columns)] if len(items) % 2 else rows


def wide(name: str, text: str, columns: int = 10) -> Row:
    """Return a label whose value takes the rest of the row."""
    return (label(name), value(text, columns - 2))
