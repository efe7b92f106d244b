"""The table of `make bench`, made from the figures of its parts."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench.__main__ import kept
from tests.bench.figures import FIGURES
from tests.bench.history import page
from tests.bench.table import Figure, at_most, markdown, number, ratio_at_least, rows, text

PARTS = {
    "speed": {"documents/s": 3.2, "ours": 3.2, "theirs": 2.0, "words": "fast", "zero": 0},
    "sizes": {"search": [{"ms": 7}, {"ms": 90.04}]},
    "soak": {"is as wanted": False},
}
SPEED = Figure("speed", "documents/s", "documents/s", "theirs", "theirs", ratio_at_least(1.6))


def test_a_ratio_is_taken_to_the_baseline_of_the_same_part() -> None:
    (row,) = rows([SPEED], PARTS)
    assert (row.measured, row.against, row.ratio, row.wanted, row.is_reached) == (3.2, 2.0, 1.6, "ratio ≥ 1.6", True)


@pytest.mark.parametrize(("limit", "is_reached"), [(90.04, True), (90, False)])
def test_a_value_deep_in_a_part_is_held_against_its_limit(limit: float, is_reached: bool) -> None:
    (row,) = rows([Figure("sizes", "search", "search > 1 > ms", wanted=at_most(limit))], PARTS)
    assert (row.measured, row.ratio, row.is_reached) == (90.04, None, is_reached)


def test_a_ratio_that_cannot_be_taken_is_not_reached() -> None:
    figures = [SPEED._replace(against="zero"), SPEED._replace(against="nothing")]
    assert [(row.ratio, row.is_reached) for row in rows(figures, PARTS)] == [(None, False)] * 2


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("none", "ours"),
        ("speed", "nothing"),
        ("speed", "words"),
        ("sizes", "search > 2 > ms"),
        ("speed", "ours > deeper"),
    ],
)
def test_what_was_not_measured_has_no_line(part: str, path: str) -> None:
    assert rows([Figure(part, "x", path)], PARTS) == []


def test_yes_and_no_count_as_one_and_nothing() -> None:
    assert rows([Figure("soak", "fine", "is as wanted")], PARTS)[0].measured == 0


def test_both_forms_of_the_table_hold_every_line() -> None:
    found = rows([SPEED, Figure("sizes", "搜索", "search > 0 > ms", wanted=at_most(3))], PARTS)
    assert markdown(found)[2:] == [
        "| documents/s | 3.2 | theirs | 2 | 1.6 | ratio ≥ 1.6 | yes |",
        "| 搜索 | 7 |  |  |  | ≤ 3 | **no** |",
    ]
    assert [line.split()[0] for line in text(found)] == ["figure", "documents/s", "搜索"]


@pytest.mark.parametrize(
    ("value", "written"), [(None, ""), (0, "0"), (0.99951, "0.9995"), (1.6, "1.6"), (50.04, "50"), (12345.6, "12,346")]
)
def test_numbers_have_the_digits_that_count(value: float | None, written: str) -> None:
    assert number(value) == written


def test_no_two_figures_bear_the_same_name() -> None:
    names = [figure.name for figure in FIGURES]
    assert len(names) == len(set(names))
    assert all(bool(figure.baseline) == bool(figure.against) for figure in FIGURES)


def run(day: str, ours: float) -> dict[str, Any]:
    parts = {"speed": {"documents/s": ours, "theirs": 2.0, "load average": [0.5, 2.0], "rounds": 5}}
    found = [row._asdict() for row in rows([SPEED], parts)]
    facts = {"commit": "abc", "changed since": False, "processor": "fast", "cores": 2}
    return {"at": f"{day}T10:00:00+00:00", **facts, "parts": parts, "table": found}


def test_the_page_of_runs_shows_the_newest_and_how_it_went() -> None:
    lines = page([run("2026-01-01", 3.0), run("2026-02-01", 4.0)]).splitlines()
    assert "## 2026-02-01 abc" in lines and any("speed 0.5 to 2.0 (5)" in line for line in lines)
    assert "| documents/s | 4 | theirs | 2 | 2 | ratio ≥ 1.6 | yes |" in lines
    assert lines[-1] == "| documents/s | 1.5 | 2 |"
    assert "## Over time" not in page([run("2026-01-01", 3.0)])


def test_parts_are_kept_of_the_same_commit_only(tmp_path: Path) -> None:
    file, now = tmp_path / "run.json", run("2026-01-02", 4.0)
    assert kept(now, file) == {}
    file.write_text(json.dumps(run("2026-01-01", 3.0)), encoding="utf-8")
    assert kept(now, file)["speed"]["documents/s"] == 3.0
    assert kept(now | {"commit": "other"}, file) == {}
    assert kept(now | {"changed since": True}, file) == {}
