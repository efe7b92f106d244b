"""TREC files: what is written is read again, and what is wrong is named."""

from pathlib import Path

import pytest

from matcher.errors import ImportFileError
from matcher.runs import Row, cut, items, read_qrels, read_run, write_run

RUN = {"n1": [Row("a2", 1.5, 0.8, 4, (1.0,)), Row("a1", 1.5), Row("a9", -2.25)], "n2": [Row("a1", 0.1)]}


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_run(tmp_path / "run", RUN)
    assert items(read_run(tmp_path / "run")) == {"n1": ["a2", "a1", "a9"], "n2": ["a1"]}
    assert (tmp_path / "run").read_text().splitlines()[2] == "n1 Q0 a9 3 -2.250000 matcher"


def test_scores_decide_the_order_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("n1 Q0 a 1 0.1 x\n\nn1 Q0 b 2 0.9 x\nn1 Q0 c 3 0.1 x\n")
    assert items(read_run(tmp_path / "run")) == {"n1": ["b", "a", "c"]}


def test_cut_keeps_the_first_rows() -> None:
    assert items(cut(RUN, 2)) == {"n1": ["a2", "a1"], "n2": ["a1"]}


@pytest.mark.parametrize("line", ["n1 Q0 a 1 0.5", "n1 Q0 a 1 high x", "n1 Q0 a 1 nan x", "{}"])
def test_a_line_that_is_none_of_a_run_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "run").write_text(f"n1 Q0 a 1 0.5 x\n{line}\n")
    with pytest.raises(ImportFileError, match="第 2 行"):
        read_run(tmp_path / "run")


@pytest.mark.parametrize("read", [read_qrels, read_run])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, read) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "bad").write_bytes(b"\xff\xfe\xfa")
    for name in ("bad", "missing"):
        with pytest.raises(ImportFileError, match=name):
            read(tmp_path / name)
