"""Tables for spreadsheets, CSV and Excel: nothing in them is computed, codes are text, dates and numbers real."""

import csv
import io
import math
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, cast
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | Decimal | date | datetime | None

# Full-width signs count too: spreadsheets set to Chinese or Japanese take them for the others.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_CELL = 32_767
_PORTRAIT_WIDTH = 100
_LINE_POINTS = 15
# What Excel lets a row be high, 409 points, in lines.
MOST_LINES = 27
# Typefaces differ in width: so much of a column is counted on.
_SURE_SHARE = 0.9
_FORMATS = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", Decimal: "#,##0.####", int: "0", str: "@"}


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column and its width in characters."""

    title: str
    width: int = 14


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the title of its sheet, its columns, its rows, and how many lines of text a row shows at most."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    most_lines: int = 6


def plain_cell(value: object) -> str:
    """Return the value as text that no spreadsheet computes: an apostrophe goes before what looks like a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_STARTS) else text


def writable(text: str) -> str:
    """Return the text without the characters that no Office file can hold."""
    return _UNWRITABLE.sub("", text)


def in_rows(text: str, width: int) -> list[str]:
    """Return a text in pieces of which each fits into one row of a column, when whole rows are to be read on paper."""
    pieces, lines = [""], 0
    for line in text.splitlines(keepends=True) or [""]:
        for start in range(0, len(line), _per_line(width) // 2):
            part = line[start : start + _per_line(width) // 2]
            if lines == MOST_LINES:
                pieces, lines = [*pieces, ""], 0
            pieces[-1] += part
            lines += 1
    return [piece.rstrip("\n") for piece in pieces]


def csv_lines(columns: Sequence[Column], rows: Iterable[Sequence[Value]]) -> Iterator[str]:
    """Yield the lines of a table, its head first, with the mark by which spreadsheets know UTF-8."""
    yield "\ufeff" + _line([column.title for column in columns])
    for row in rows:
        yield _line([_as_text(value) for value in row])


def workbook(*tables: Table) -> BinaryIO:
    """Return an Excel file with a sheet for each table, open at its start; rows pass through one by one.

    The heads are bold and stay in sight.
    """
    book = Workbook(write_only=True)
    for table in tables:
        _add_sheet(book.create_sheet(table.title), table)
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 (whoever asked closes it)
    book.save(file)
    file.seek(0)
    return file


def _add_sheet(sheet: Any, table: Table) -> None:
    sheet.freeze_panes = "A2"
    _lay_out_for_print(sheet, sum(column.width for column in table.columns))
    for number, column in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.append([_head_cell(sheet, column.title) for column in table.columns])
    widths = [column.width for column in table.columns]
    for number, row in enumerate(table.rows, 2):
        lines = max((_lines(value, width) for value, width in zip(row, widths, strict=True)), default=1)
        if lines > 1:
            # Only LibreOffice's screen finds the height by itself; its print and PDF take what stands in the file.
            sheet.row_dimensions[number].height = _LINE_POINTS * min(lines, table.most_lines)
        sheet.append([_written(WriteOnlyCell(sheet), value) for value in row])
        sheet.row_dimensions.pop(number, None)


def _lay_out_for_print(sheet: Any, width: int) -> None:
    """Let all columns fit on A4, with lines between cells and the head on each page."""
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "portrait" if width <= _PORTRAIT_WIDTH else "landscape"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = "1:1"
    sheet.print_options.gridLines = True


def _written(cell: Any, value: Value) -> Any:
    """Return the cell of an Excel file with the value in it: as what it is, a text never as a formula."""
    if value is None or value == "":
        return cell
    is_text = isinstance(value, str)
    cell.value = _fit(value) if isinstance(value, str) else value
    if is_text:
        cell.data_type = "s"
    cell.alignment = Alignment(vertical="top", wrap_text=is_text)
    cell.number_format = _FORMATS[type(value)]
    return cell


def _lines(value: Value, width: int) -> int:
    """Return how many lines a value takes in a column of that width; a Chinese character is two wide."""
    if not isinstance(value, str):
        return 1
    wide = (sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in line) for line in value.splitlines())
    return sum(max(1, math.ceil(each / _per_line(width))) for each in wide)


def _per_line(width: int) -> int:
    return max(2, int(width * _SURE_SHARE))


def _head_cell(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, value=title)
    cell.font = Font(bold=True)
    return cell


def _fit(text: str) -> str:
    """Return the text as a cell can hold it; what is cut off is marked."""
    text = writable(plain_cell(text))
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"


def _as_text(value: Value) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return plain_cell(value) if isinstance(value, str) else "" if value is None else str(value)


def _line(values: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue()
