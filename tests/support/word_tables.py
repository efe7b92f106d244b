"""Forms on paper, read back from Word files."""

import io
from itertools import pairwise
from typing import Any

import docx


def cells(file: bytes) -> list[list[str]]:
    """Return the texts of the one table row by row, each cell once a row."""
    [table] = docx.Document(io.BytesIO(file)).tables
    return [[cell.text for cell in _once(row.cells)] for row in table.rows]


def labelled(file: bytes) -> dict[str, str]:
    """Return what stands right of each cell; of labels that stand there several times, all of it."""
    found: dict[str, str] = {}
    for row in cells(file):
        for name, text in pairwise(row):
            found[name] = f"{found[name]}\n{text}" if name in found else text
    return found


def words(file: bytes) -> str:
    """Return all that the file says, its table too."""
    document = docx.Document(io.BytesIO(file))
    outside = [paragraph.text for paragraph in document.paragraphs]
    return "\n".join([*outside, *(text for row in cells(file) for text in row)])


def _once(cells: Any) -> list[Any]:
    """Return cells that take several columns once."""
    return [cell for number, cell in enumerate(cells) if not number or cell._tc is not cells[number - 1]._tc]
