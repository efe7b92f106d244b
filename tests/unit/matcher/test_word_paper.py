"""Forms as Word files: every cell in its place, typefaces for Chinese, nothing that Word would have to repair."""

import io
import zipfile

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.paper import Cell, Paper, label, pairs, value, wide
from matcher.word_paper import word_file
from tests.support.word_tables import cells, words

PAPER = Paper(
    title="备案表",
    left="左",
    right="编号 1",
    columns_mm=(10, 40, 40, 40, 40),
    rows=(
        (Cell("甲方", 1, 2, "label"), label("名称", 1), value("甲厂", 3)),
        (label("代码", 1), value("91340100", 1), label("金额", 1), Cell("12 万元", 1, 1, "figure")),
        (Cell("（盖章）", 5, 1, "stamp", 30),),
    ),
    notes=("注一",),
)


def test_every_cell_is_where_it_was_laid() -> None:
    file = word_file(PAPER).read()
    assert cells(file) == [
        ["甲方", "名称", "甲厂"],
        ["甲方", "代码", "91340100", "金额", "12 万元"],
        ["（盖章）"],
    ]
    assert words(file).startswith("备案表\n左\t编号 1\n") and "注一" in words(file)


def test_it_is_a4_with_chinese_typefaces_and_nobody_s_name() -> None:
    document = docx.Document(word_file(PAPER))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    typefaces = {
        name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Form Title", "Form Label", "Form Value")
    }
    assert typefaces == {"Form Title": "黑体", "Form Label": "宋体", "Form Value": "仿宋"}
    assert document.core_properties.author == document.core_properties.comments == ""
    assert document.core_properties.title == "备案表"


def test_parts_of_the_table_stand_in_the_order_that_the_standard_wants() -> None:
    table = docx.Document(word_file(PAPER)).tables[0]
    names = [child.tag.split("}")[1] for child in table._tbl.tblPr]
    order = ["tblStyle", "tblW", "jc", "tblLayout", "tblCellMar", "tblLook"]
    assert names == [name for name in order if name in names] and "tblCellMar" in names


@pytest.mark.parametrize(
    "rows",
    [((value("short", 3),),), ((value("long", 6),),), ((Cell("down", 1, 2), value("x", 4)),), (wide("a", "b", 5), ())],
)
def test_a_row_that_does_not_fill_the_grid_is_an_error(rows: tuple[tuple[Cell, ...], ...]) -> None:
    with pytest.raises((ValueError, IndexError)):
        list(Paper(title="x", columns_mm=(10,) * 5, rows=rows).places())


def test_pairs_share_rows_and_the_last_one_may_stand_alone() -> None:
    rows = pairs([("a", "1"), ("b", "2"), ("c", "3")])
    assert [[cell.text for cell in row] for row in rows] == [["a", "1", "b", "2"], ["c", "3"]]
    assert [sum(cell.columns for cell in row) for row in rows] == [10, 10]
    assert pairs([]) == []


@settings(max_examples=10)
@given(st.text())
def test_any_text_makes_a_file_that_can_be_read(text: str) -> None:
    file = word_file(Paper(title=text, left=text, columns_mm=(50, 50), rows=((label("x", 1), value(text, 1)),)))
    assert zipfile.ZipFile(io.BytesIO(file.read())).testzip() is None
