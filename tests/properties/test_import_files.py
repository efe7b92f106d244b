"""Files of any bytes: rows come in as they are, or the file is refused; never another error, never half a file."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matcher.errors import ImportFileError
from matcher.importing import ImportReport, parse_rows
from matcher.models import Filters
from matcher.reading import LONGEST_LINE, read_rows
from matcher.row_parsing import RowProblem
from matcher.service import Service

pytestmark = pytest.mark.wide

SUFFIXES = (".csv", ".jsonl")
LIMIT = 64 * 2**20
COLUMNS = ["id", "title", "description", "keywords", "maturity", "budget_yuan", "deadline", "organisation", "region"]

cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20)
titles = cells.filter(lambda text: text.strip() != "")
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(COLUMNS), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def parsed(path: Path, content: bytes) -> tuple[list[Any], list[RowProblem]] | ImportFileError:
    path.write_bytes(content)
    try:
        return parse_rows("need", read_rows(path, LIMIT))
    except ImportFileError as error:
        assert str(error)
        return error


def imported(service: Service, path: Path, content: bytes) -> ImportReport | ImportFileError:
    """Import a file of needs; check that it came in as a whole or not at all."""
    before = service.postings.count("need", Filters())
    path.write_bytes(content)
    try:
        report = service.importing.import_file("need", path, "李")
    except ImportFileError as error:
        assert service.postings.count("need", Filters()) == before
        return error
    assert report.problems == () or report.added == 0
    assert service.postings.count("need", Filters()) == before + report.added
    return report


def csv_bytes(rows: list[list[str]], encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


@given(suffix=st.sampled_from(SUFFIXES), content=st.binary(max_size=300))
@example(".csv", b'title\n"never closed')
@example(".csv", b'title\n"a"b"c"\r\r\nx,y,z\n\x00')
@example(".csv", b'"title\n')
@example(".csv", b"\xef\xbb\xbf")
@example(".jsonl", b'{"title": "\\ud83d"}')
@example(".jsonl", b'{"title": "a\\u0000b"}\n{"title": NaN}\n{"title": -Infinity}\n[]\n1\nnull')
@example(".jsonl", b'{"maturity": ' + b"9" * 5000 + b"}")
@example(".jsonl", b'{"title": "x", "budget_yuan": 1e400, "maturity": 1e400, "deadline": 20261231}')
@example(".jsonl", b'{"title": "x", "maturity": "\xc2\xb3", "budget_yuan": "\xd9\xa3"}')
def test_any_bytes(folder: Path, suffix: str, content: bytes) -> None:
    parsed(folder / f"any{suffix}", content)


@given(body=st.binary(max_size=200))
def test_any_bytes_after_a_sound_header(shared: Service, folder: Path, body: bytes) -> None:
    found = imported(shared, folder / "header.csv", b"id,title,maturity\n" + body)
    if isinstance(found, ImportReport):
        assert all(problem.line >= 2 and problem.reason for problem in found.problems)


@given(row=st.dictionaries(st.sampled_from([*COLUMNS, "modes", "field", "x"]), json_values, max_size=6))
@example({"title": "\ud83d"})
@example({"title": "x", "maturity": "\udc80"})
@example({"title": "x", "keywords": ["\ud83d"]})
@example({"title": "\ud83d" * 1000})
@example({"title": "x", "modes": ["\ud83d"]})
def test_any_json_row(shared: Service, folder: Path, row: dict[str, Any]) -> None:
    found = imported(shared, folder / "row.jsonl", json.dumps(row).encode())
    assert isinstance(found, ImportReport)
    for problem in found.problems:
        # A terminal or a page must be able to show it.
        (problem.value + problem.reason).encode()
        assert len(problem.value) <= 41


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@given(rows=st.lists(st.tuples(titles, cells), min_size=1, max_size=5))
def test_csv_cells_come_in_as_they_are(folder: Path, encoding: str, rows: list[tuple[str, str]]) -> None:
    content = csv_bytes([["title", "description"], *map(list, rows)], encoding)
    if encoding == "gb18030":
        try:
            content.decode("utf-8")
            return  # ASCII, or by chance UTF-8 as well: then that is what it is taken for.
        except UnicodeDecodeError:
            pass
    found = parsed(folder / "cells.csv", content)
    assert not isinstance(found, ImportFileError)
    records, problems = found
    assert problems == []
    assert [(each.title, each.description) for each in records] == [(a.strip(), b.strip()) for a, b in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@given(rows=st.lists(st.tuples(titles, cells), min_size=1, max_size=5))
def test_json_texts_come_in_as_they_are(folder: Path, encoding: str, rows: list[tuple[str, str]]) -> None:
    lines = [json.dumps({"title": f"题{a}", "description": b}, ensure_ascii=False) for a, b in rows]
    content = "\n".join(lines).encode(encoding)
    found = parsed(folder / "texts.jsonl", content)
    assert not isinstance(found, ImportFileError)
    records, problems = found
    assert problems == []
    assert [(each.title, each.description) for each in records] == [(f"题{a}".strip(), b.strip()) for a, b in rows]


@pytest.mark.parametrize("formula", ["=1+1", "+86", "-1", "@SUM(A1)", '=HYPERLINK("http://x","y")', "\t=1", "0012"])
def test_formulas_stay_text(shared: Service, folder: Path, formula: str) -> None:
    found = imported(shared, folder / "formula.csv", csv_bytes([["title", "description"], [f"题{formula}", formula]]))
    assert isinstance(found, ImportReport) and found.added == 1
    stored = shared.postings.listing("need", Filters(), size=1).items[0]
    assert (stored.title, stored.description) == (f"题{formula}", formula.strip())


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    return target.getvalue()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("content", "word"),
    [
        (zipped(), "Excel"),
        (gzip.compress(b"title\nx", mtime=0), "压缩"),
        (b"%PDF-1.7", "PDF"),
        ("title\n题".encode("utf-16"), "UTF-16"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "Office"),
        (b"title\n\xff\xff\xff", "GB18030"),
    ],
)
def test_what_is_no_text_is_named(shared: Service, folder: Path, suffix: str, content: bytes, word: str) -> None:
    found = imported(shared, folder / f"renamed{suffix}", content)
    assert isinstance(found, ImportFileError)
    assert word in str(found) and "UTF-8" in str(found)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_store_nothing(shared: Service, folder: Path, suffix: str, encoding: str) -> None:
    text = "title\n题目\n" if suffix == ".csv" else '{"title": "题目"}\n'
    found = imported(shared, folder / f"wide{suffix}", text.encode(encoding))
    assert isinstance(found, ImportFileError) or found.problems


LONG = 10 * 2**20


@pytest.mark.parametrize(
    ("suffix", "make"),
    [
        (".jsonl", lambda: b"x" * LONG),
        (".jsonl", lambda: b'{"title": "' + b"x" * LONG + b'"}'),
        (".jsonl", lambda: b"[" * LONG),
        (".jsonl", lambda: b'{"title": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        (".csv", lambda: b"x" * LONG),
        (".csv", lambda: b"," * (LONG // 20)),
        (".csv", lambda: b"title\n" + b"x" * LONG),
        (".csv", lambda: b'title\n"' + (b"x" * 999 + b"\n") * (LONG // 1000)),
        (".csv", lambda: b"title\n" + b"," * (LONG // 5)),
        (".csv", lambda: b"title\n" + b"\x00" * LONG),
    ],
)
def test_one_line_of_ten_megabytes(shared: Service, folder: Path, suffix: str, make: Callable[[], bytes]) -> None:
    found = imported(shared, folder / f"long{suffix}", make())
    assert isinstance(found, ImportFileError) or found.problems or found.added == 0


@pytest.mark.parametrize("depth", [*range(880, 1000, 3), 2000])
def test_deep_nesting(shared: Service, folder: Path, depth: int) -> None:
    content = b'{"title": "x", "keywords": ' + b"[" * depth + b"]" * depth + b"}"
    found = imported(shared, folder / "deep.jsonl", content)
    assert isinstance(found, ImportReport)
    assert len(found.problems) == 1


def test_a_line_at_the_limit_comes_in_and_one_beyond_does_not(folder: Path) -> None:
    frame = len('{"title": "x", "x": ""}')
    for size, problems in ((LONGEST_LINE, 0), (LONGEST_LINE + 1, 1)):
        content = b'{"title": "x", "x": "' + b"y" * (size - frame) + b'"}'
        found = parsed(folder / "limit.jsonl", content)
        assert not isinstance(found, ImportFileError)
        assert (len(found[0]), len(found[1])) == (1 - problems, problems)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("none.csv", "无法读取"),
        ("folder.csv", "无法读取"),
        ("needs.xlsx", "xlsx"),
        ("needs", "needs"),
        (".csv", ".csv"),
    ],
)
def test_what_cannot_be_opened_is_named(shared: Service, folder: Path, name: str, word: str) -> None:
    (folder / "folder.csv").mkdir(exist_ok=True)
    with pytest.raises(ImportFileError, match=word):
        shared.importing.import_file("need", folder / name, "李")


def test_a_file_beyond_the_limit_is_refused(folder: Path) -> None:
    path = folder / "large.csv"
    path.write_bytes(b"title\n" + b"x\n" * 10)
    with pytest.raises(ImportFileError, match="MATCHER_UPLOAD_LIMIT_MB"):
        list(read_rows(path, 10))
