"""Two runs held against each other."""

import json
from pathlib import Path

import pytest

from matcher.comparing import compare, read_figures
from matcher.errors import ImportFileError, InvalidInputError

QRELS = {f"n{number}": {"right": 3, "wrong": 0} for number in range(10)}


def run_file(path: Path, place: int, needs: int = 10) -> Path:
    """Write a run whose relevant achievement stands at `place`."""
    lines = []
    for need in range(needs):
        ids = [f"x{number}" for number in range(5)]
        ids.insert(place - 1, "right")
        lines += [f"n{need} Q0 {item} {rank} {10 - rank} t\n" for rank, item in enumerate(ids, 1)]
    path.write_text("".join(lines))
    return path


def test_a_run_that_is_better_for_every_need(tmp_path: Path) -> None:
    first, second = run_file(tmp_path / "a", 2), run_file(tmp_path / "b", 1)
    found = compare(read_figures(first, QRELS), read_figures(second, QRELS))["mrr@10"]
    assert (found.first, found.second, found.change) == (0.5, 1.0, 0.5)
    assert found.interval == (0.5, 0.5)
    assert (found.better, found.worse, found.equal) == (10, 0, 0)
    # Of 1,024 patterns of signs two are as far.
    assert found.p == pytest.approx(2 / 1024, abs=0.002)


def test_the_other_way_round_the_sign_turns(tmp_path: Path) -> None:
    first = read_figures(run_file(tmp_path / "a", 2), QRELS)
    second = read_figures(run_file(tmp_path / "b", 1), QRELS)
    there, back = compare(first, second)["ndcg@10"], compare(second, first)["ndcg@10"]
    assert (back.change, back.p, back.worse) == (-there.change, there.p, there.better)


def test_a_run_does_not_differ_from_itself(tmp_path: Path) -> None:
    figures = read_figures(run_file(tmp_path / "a", 3), QRELS)
    for found in compare(figures, figures).values():
        assert (found.change, found.interval, found.p, found.equal) == (0, (0, 0), 1, 10)


def test_a_need_that_a_run_leaves_out_scores_0(tmp_path: Path) -> None:
    figures = read_figures(run_file(tmp_path / "a", 1, needs=4), QRELS)
    assert sum(figures["mrr@10"].values()) == 4
    assert len(figures["mrr@10"]) == 10


def test_reports_are_compared_as_runs_are(tmp_path: Path) -> None:
    for name, place in (("a", 2), ("b", 1)):
        figures = read_figures(run_file(tmp_path / name, place), QRELS)
        rows = [{"need": need, "figures": {key: values[need] for key, values in figures.items()}} for need in QRELS]
        (tmp_path / f"{name}.json").write_text(json.dumps({"ndcg@10": 1, "per_need": rows}))
    from_runs = compare(*(read_figures(tmp_path / name, QRELS) for name in "ab"))
    assert compare(*(read_figures(tmp_path / f"{name}.json", None) for name in "ab")) == from_runs


def test_different_needs_are_not_compared(tmp_path: Path) -> None:
    figures = read_figures(run_file(tmp_path / "a", 1), QRELS)
    fewer = {name: {need: value for need, value in values.items() if need != "n3"} for name, values in figures.items()}
    for pair in ((figures, fewer), (fewer, figures)):
        with pytest.raises(InvalidInputError, match="同一份评判"):
            compare(*pair)


def test_a_run_needs_judgments_that_fit(tmp_path: Path) -> None:
    path = run_file(tmp_path / "a", 1)
    with pytest.raises(InvalidInputError, match="--qrels"):
        read_figures(path, None)
    with pytest.raises(InvalidInputError, match="是否配套"):
        read_figures(path, {"other": {"right": 3}})


@pytest.mark.parametrize("text", ["{", '{"ndcg@10": 0.5}', '{"per_need": [{"need": "n"}]}', '{"per_need": 3}'])
def test_json_that_is_no_report_per_need_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ImportFileError, match="--per-need --json"):
        read_figures(tmp_path / "a.json", QRELS)
