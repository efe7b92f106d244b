"""A form on paper as a Word file, with the typefaces that Chinese offices use."""

import io
from datetime import UTC, datetime
from typing import Any, BinaryIO

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_ALIGN_VERTICAL, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from matcher.paper import Cell, Paper
from matcher.sheets import writable

_LATIN, _SONG, _FANG_SONG, _HEI = "Times New Roman", "宋体", "仿宋", "黑体"
_ALIGNED = {
    "label": WD_ALIGN_PARAGRAPH.CENTER,
    "head": WD_ALIGN_PARAGRAPH.CENTER,
    "value": WD_ALIGN_PARAGRAPH.LEFT,
    "figure": WD_ALIGN_PARAGRAPH.RIGHT,
    "stamp": WD_ALIGN_PARAGRAPH.LEFT,
}
_LEAST_ROW_MM = 8
_PADDING_TWIPS = "57"
# A row with more text than this may go on on the next page.
_LONGEST_WHOLE = 300


def word_file(paper: Paper) -> BinaryIO:
    """Return the form as a .docx file, A4, open at its start."""
    document = Document()
    _lay_out(document, paper.title)
    document.add_paragraph(writable(paper.title), style="Form Title")
    if paper.left or paper.right:
        _add_line_above(document, paper)
    _add_table(document, paper)
    for note in paper.notes:
        document.add_paragraph(writable(note), style="Form Note")
    _add_page_numbers(document.sections[0])
    file = io.BytesIO()
    document.save(file)
    file.seek(0)
    return file


def _lay_out(document: Any, title: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(20), Mm(24)
    section.footer_distance = Mm(12)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = writable(title)[:250], "", ""
    properties.created = properties.modified = datetime.now(UTC).replace(tzinfo=None)
    properties.language = "zh-CN"
    _set_typeface(document.styles["Normal"], _SONG, 10.5)
    for name, typeface, points in (
        ("Form Title", _HEI, 18),
        ("Form Label", _SONG, 10.5),
        ("Form Value", _FANG_SONG, 10.5),
        ("Form Note", _SONG, 9),
    ):
        _set_typeface(document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH), typeface, points)
    title_style = document.styles["Form Title"].paragraph_format
    title_style.alignment, title_style.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(8)
    document.styles["Form Note"].paragraph_format.space_before = Pt(3)


def _set_typeface(style: Any, typeface: str, points: float) -> None:
    """Set both typefaces of a style: Word looks up Chinese characters under an attribute of their own."""
    style.font.name, style.font.size = _LATIN, Pt(points)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for which in ("w:eastAsia", "w:hAnsi", "w:cs"):
        fonts.set(qn(which), typeface if which == "w:eastAsia" else _LATIN)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    style.paragraph_format.line_spacing = 1.15


def _add_line_above(document: Any, paper: Paper) -> None:
    line = document.add_paragraph(f"{writable(paper.left)}\t{writable(paper.right)}")
    line.paragraph_format.tab_stops.add_tab_stop(Mm(sum(paper.columns_mm)), WD_TAB_ALIGNMENT.RIGHT)
    line.paragraph_format.space_after = Pt(4)
    line.paragraph_format.keep_with_next = True


def _add_table(document: Any, paper: Paper) -> None:
    table = document.add_table(len(paper.rows), len(paper.columns_mm), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _set_padding(table)
    for column, width_mm in zip(table.columns, paper.columns_mm, strict=True):
        column.width = Mm(width_mm)
    grid = [row.cells for row in table.rows]
    for number, row in enumerate(table.rows):
        _set_height(row, paper.rows[number])
    for number, column, cell in paper.places():
        place = grid[number][column]
        if cell.columns > 1 or cell.rows > 1:
            place = place.merge(grid[number + cell.rows - 1][column + cell.columns - 1])
        _fill(place, cell, keeps=any(each.look == "head" for each in paper.rows[number]))


def _set_padding(table: Any) -> None:
    """Keep text a millimetre away from the lines above and below it."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("w:top", "w:bottom"):
        margin = OxmlElement(side)
        margin.set(qn("w:w"), _PADDING_TWIPS)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.find(qn("w:tblLook")).addprevious(margins)  # The standard fixes the order.


def _set_height(row: Any, cells: tuple[Cell, ...]) -> None:
    row.height = Mm(max([_LEAST_ROW_MM, *(cell.height_mm for cell in cells)]))
    row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
    if sum(len(cell.text) for cell in cells) <= _LONGEST_WHOLE:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _fill(place: Any, cell: Cell, keeps: bool) -> None:
    """Write into a cell; one that `keeps` stays on the page of the row below it."""
    is_stamp = cell.look == "stamp"
    place.vertical_alignment = WD_ALIGN_VERTICAL.BOTTOM if is_stamp else WD_ALIGN_VERTICAL.CENTER
    for spare in place.paragraphs[1:]:
        spare._p.getparent().remove(spare._p)
    paragraph = place.paragraphs[0]
    for number, line in enumerate(writable(cell.text).split("\n")):
        paragraph = place.add_paragraph() if number else paragraph
        paragraph.style = "Form Label" if cell.look in ("label", "head", "stamp") else "Form Value"
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if is_stamp and number else _ALIGNED[cell.look]
        paragraph.paragraph_format.keep_with_next = keeps
        paragraph.add_run(line)


def _add_page_numbers(section: Any) -> None:
    """Write “第 1 页 共 2 页” into the foot of each page."""
    foot = section.footer.paragraphs[0]
    foot.alignment, foot.style = WD_ALIGN_PARAGRAPH.CENTER, "Form Note"
    foot.add_run("第 ")
    _add_field(foot, "PAGE")
    foot.add_run(" 页 共 ")
    _add_field(foot, "NUMPAGES")
    foot.add_run(" 页")


def _add_field(paragraph: Any, code: str) -> None:
    """Add a number that the program which opens the file counts."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    field.append(paragraph.add_run("1")._r)
    paragraph._p.append(field)
