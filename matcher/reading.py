"""Files to rows: what a .jsonl or .csv file holds, whatever bytes it turns out to be made of."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from matcher.errors import ImportFileError
from matcher.row_parsing import RowProblem, known_column

LONGEST_LINE = 1_000_000
_BINARY_STARTS = {
    b"PK\x03\x04": "压缩包或 Excel 文件",
    b"\xd0\xcf\x11\xe0": "旧版 Office 文件",
    b"%PDF": "PDF 文件",
    b"\x1f\x8b": "压缩文件",
    b"\xff\xfe": "UTF-16 文本",
    b"\xfe\xff": "UTF-16 文本",
}

Rows = Iterator[tuple[int, Mapping[str, Any] | RowProblem]]


def read_rows(path: Path, limit_bytes: int) -> Rows:
    """Return (line number, row) for each row of the file; a line that is no row comes as its problem.

    Text is UTF-8, with or without a byte order mark, or else GB18030.

    Raises: ImportFileError when the file is missing, too large, not text, or has no usable header.
    """
    if path.suffix.lower() not in _READERS:
        raise ImportFileError(f"不认识文件类型“{path.suffix or path.name}”，请用 .jsonl 或 .csv 文件")
    return _READERS[path.suffix.lower()](_decode(_read_bytes(path, limit_bytes), path))


def _read_bytes(path: Path, limit_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(limit_bytes + 1)
    except OSError as error:
        raise ImportFileError(f"无法读取文件 {path}：{error.strerror}") from error
    if len(content) > limit_bytes:
        raise ImportFileError(
            f"文件 {path.name} 超过 {limit_bytes // 2**20} MB，请拆成几个文件，或调大 MATCHER_UPLOAD_LIMIT_MB"
        )
    return content


def _decode(content: bytes, path: Path) -> str:
    for start, name in _BINARY_STARTS.items():
        if content.startswith(start):
            raise ImportFileError(f"文件 {path.name} 其实是{name}，请另存为 UTF-8 编码的 .jsonl 或 .csv 文件")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
    raise ImportFileError(f"文件 {path.name} 第 {line} 行既不是 UTF-8 也不是 GB18030 文本，请另存为 UTF-8 编码")


def _json_rows(text: str) -> Rows:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _json_row(number, line)


def _json_row(number: int, line: str) -> Mapping[str, Any] | RowProblem:
    if len(line) > LONGEST_LINE:
        return RowProblem(number, "", line[:20], f"这一行有 {len(line)} 字，最多 {LONGEST_LINE} 字")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return RowProblem(number, "", line[:20], f"不是一个 JSON 对象：{_reason(error)}")
    if not isinstance(row, dict):
        return RowProblem(number, "", line[:20], "不是一个 JSON 对象（应以 { 开头）")
    return row


def _reason(error: Exception) -> str:
    return f"第 {error.colno} 个字符处有误" if isinstance(error, json.JSONDecodeError) else "嵌套过深或数字过长"


def _csv_rows(text: str) -> Rows:
    csv.field_size_limit(LONGEST_LINE)
    reader = csv.reader(io.StringIO(text, newline=""))
    header = _csv_header(reader)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield start, RowProblem(start, "", "", f"不是合格的 CSV 行（{error}），请检查引号是否成对、单元格是否过长")
            continue
        if any(cell.strip() for cell in cells):
            yield start, _csv_row(start, header, cells)


def _csv_header(reader: Any) -> list[str]:
    try:
        header = [known_column(name) for name in next(reader, [])]
    except csv.Error as error:
        raise ImportFileError(f"第 1 行不是合格的 CSV 表头：{error}") from error
    if "title" not in header:
        raise ImportFileError(f"第 1 行（表头）没有 title 列，读到的是：{'、'.join(header)[:100] or '空行'}")
    return header


def _csv_row(number: int, header: list[str], cells: list[str]) -> Mapping[str, Any] | RowProblem:
    if len(cells) > len(header):
        return RowProblem(
            number, "", cells[len(header)][:20], f"有 {len(cells)} 格，表头只有 {len(header)} 列；含逗号的内容要加引号"
        )
    return dict(zip(header, cells, strict=False))


_READERS = {".jsonl": _json_rows, ".csv": _csv_rows}
