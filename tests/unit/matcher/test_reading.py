"""Files to rows: line numbers, encodings, quotes, and what is said of a broken line."""

from pathlib import Path
from typing import Any

import pytest

from matcher.errors import ImportFileError
from matcher.reading import read_rows
from matcher.row_parsing import RowProblem

LIMIT = 2**20


def rows_of(tmp_path: Path, name: str, content: str | bytes) -> list[tuple[int, Any]]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read_rows(path, LIMIT))


def test_csv_rows_have_the_line_they_begin_on(tmp_path: Path) -> None:
    content = '标题,描述\r\n甲,"一\r\n二"\r\n\r\n , \r\n乙\r\n'
    assert rows_of(tmp_path, "a.csv", content) == [
        (2, {"title": "甲", "description": "一\r\n二"}),
        (6, {"title": "乙"}),
    ]


def test_jsonl_rows_have_their_line(tmp_path: Path) -> None:
    content = '{"title": "甲"}\n\n  \r\n{"title": "乙\u2028丙"}'
    assert rows_of(tmp_path, "a.JSONL", content) == [(1, {"title": "甲"}), (4, {"title": "乙\u2028丙"})]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    content = "标题,备注\n杨木防霉,无\n".encode(encoding)
    assert rows_of(tmp_path, "a.csv", content) == [(2, {"title": "杨木防霉", "备注": "无"})]


def test_a_broken_json_line_is_a_problem_of_its_own(tmp_path: Path) -> None:
    found = rows_of(tmp_path, "a.jsonl", '{"title": "甲"}\n{"title": \n[1]\n"x"\n{"title": "乙"}')
    assert [line for line, row in found if isinstance(row, RowProblem)] == [2, 3, 4]
    reasons = [row.reason for _, row in found if isinstance(row, RowProblem)]
    assert reasons[0] == "不是一个 JSON 对象：第 11 个字符处有误"
    assert reasons[1] == reasons[2] == "不是一个 JSON 对象（应以 { 开头）"


@pytest.mark.parametrize("text", ['{"maturity": ' + "9" * 5000 + "}", "[" * 100_000])
def test_huge_numbers_and_deep_nesting(tmp_path: Path, text: str) -> None:
    ((line, row),) = rows_of(tmp_path, "a.jsonl", text)
    assert (line, row.reason) == (1, "不是一个 JSON 对象：嵌套过深或数字过长")


def test_a_row_with_too_many_cells_is_a_problem(tmp_path: Path) -> None:
    found = rows_of(tmp_path, "a.csv", "title,description\n甲,乙,丙\n丁,戊\n")
    assert found[0][1] == RowProblem(2, "", "丙", "有 3 格，表头只有 2 列；含逗号的内容要加引号")
    assert found[1] == (3, {"title": "丁", "description": "戊"})


def test_a_cell_that_is_too_long_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("title\n甲\n" + "x" * 1_000_001 + "\n乙\n")
    found = list(read_rows(path, 2**21))
    assert [line for line, _ in found] == [2, 3, 4]
    assert "请检查引号是否成对" in found[1][1].reason  # type: ignore[union-attr]


@pytest.mark.parametrize("content", ["", "\n", "description\n甲", "标 题\n甲", "甲,乙\n"])
def test_a_header_without_title_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ImportFileError, match="没有 title 列"):
        rows_of(tmp_path, "a.csv", content)


def test_an_empty_jsonl_file_has_no_rows(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "a.jsonl", "") == []


def test_the_line_that_is_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="第 3 行既不是 UTF-8 也不是 GB18030"):
        rows_of(tmp_path, "a.csv", b"title\nx\n\xff\xff\n")
