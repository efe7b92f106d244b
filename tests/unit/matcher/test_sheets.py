"""Tables as CSV and as Excel, read back."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.sheets import MOST_LINES, Column, Table, Value, csv_lines, in_rows, plain_cell, workbook

COLUMNS = (Column("名称", 30), Column("值"))
CODE = "2026110012345678"


def excel(rows: list[list[Value]]) -> openpyxl.Workbook:
    return openpyxl.load_workbook(workbook(Table("清单", COLUMNS, rows)))


def from_csv(rows: list[list[Value]]) -> list[list[str]]:
    text = "".join(csv_lines(COLUMNS, rows))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_values_are_what_they_are() -> None:
    values: list[Value] = [date(2026, 11, 22), datetime(2026, 11, 22, 14, 5), Decimal("120.5"), 7, CODE, "", None]
    sheet = excel([["x", value] for value in values])["清单"]
    cells = [row[1] for row in sheet.iter_rows(min_row=2)]
    assert cells[0].is_date and cells[0].value.date() == date(2026, 11, 22)
    assert cells[1].value == datetime(2026, 11, 22, 14, 5)
    assert cells[2].value == 120.5 and cells[2].data_type == cells[3].data_type == "n"
    assert cells[4].value == CODE and cells[4].data_type == "s" and cells[4].number_format == "@"
    assert cells[5].value is cells[6].value is None
    shown = [row[1] for row in from_csv([["x", value] for value in values])[1:]]
    assert shown == ["2026-11-22", "2026-11-22 14:05", "120.5", "7", CODE, "", ""]


def test_the_head_is_bold_and_stays() -> None:
    sheet = excel([["a", 1]])["清单"]
    assert [cell.value for cell in sheet[1]] == ["名称", "值"] and all(cell.font.b for cell in sheet[1])
    assert sheet.freeze_panes == "A2" and sheet.column_dimensions["A"].width == 30


def test_all_columns_are_printed_on_one_page() -> None:
    sheet = excel([["a", 1]])["清单"]
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == "$1:$1" and int(sheet.page_setup.paperSize) == 9


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_nothing_is_computed(start: str) -> None:
    text = f'{start}HYPERLINK("http://evil.example","x")'
    cell = excel([["x", text]])["清单"]["B2"]
    assert cell.data_type == "s" and str(cell.value).startswith("'")
    assert from_csv([["x", text]])[1][1] == f"'{text}" == plain_cell(text)


@pytest.mark.parametrize("text", ["#N/A", "TRUE", "1e5", "2026-11-22", "<b>x</b>"])
def test_text_stays_text(text: str) -> None:
    cell = excel([["x", text]])["清单"]["B2"]
    assert cell.value == text and cell.data_type == "s"


def test_what_no_cell_can_hold_is_dropped_or_cut() -> None:
    assert excel([["x", "a\x00\x0b\ufffeb"]])["清单"]["B2"].value == "ab"
    long = excel([["x", "长" * 40_000]])["清单"]["B2"].value
    assert len(long) == 32_767 and long.endswith("…")


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_text_can_be_written_and_read(texts: list[str]) -> None:
    rows: list[list[Value]] = [["x", text] for text in texts]
    assert len(list(excel(rows)["清单"].iter_rows())) == len(texts) + 1
    assert len(from_csv(rows)) == len(texts) + 1


def test_a_row_is_as_high_as_its_longest_text() -> None:
    rows: list[list[Value]] = [["短", 1], ["一\n二\n三", 1], ["长" * 40, date(2026, 1, 1)], ["长" * 4000, ""]]
    for most, highest in ((6, 90), (MOST_LINES, 405)):
        sheet = openpyxl.load_workbook(workbook(Table("清单", COLUMNS, rows, most))).active
        assert [sheet.row_dimensions[number].height for number in range(1, 6)] == [None, None, 45, 45, highest]


@given(st.text(alphabet="中a\n。", max_size=3000), st.integers(2, 80))
def test_a_text_in_pieces_loses_nothing_and_each_fits(text: str, width: int) -> None:
    pieces = in_rows(text, width)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")
    sheet = openpyxl.load_workbook(
        workbook(Table("清单", (Column("x", width),), [[each] for each in pieces], 99))
    ).active
    heights = [sheet.row_dimensions[number].height or 15 for number in range(2, len(pieces) + 2)]
    assert max(heights) <= 15 * MOST_LINES
