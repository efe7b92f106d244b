"""`matcher evaluate` on small files: its figures, its parts, and the comparison of two runs."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from matcher import ranking, search_engine
from matcher.features import FAMILY_NAMES, NAMES
from matcher.models import Filters
from matcher.ranking import Ranker, shipped_ranker
from matcher.service import Service
from tests.conftest import OpenService
from tests.support.commands import invoke
from tests.support.hash_encoder import HashEncoder

pytestmark = pytest.mark.wide

Run = Callable[..., Result]
KEYS = ["ndcg@10", "mrr@10", "recall@10", "recall@100", "judged@10", "needs", "seconds"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs a command on the store of the test; an error that is no exit is raised."""
    monkeypatch.setattr(search_engine, "load_encoder", lambda *_: HashEncoder())
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path))
    return invoke


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def catalogue(folder: Path) -> list[object]:
    """Write a little catalogue; return the options that evaluate it."""
    topics = ["锂离子电池", "木材防霉", "污水脱氮"]
    needs = [{"id": f"n{number}", "title": topic} for number, topic in enumerate(topics)]
    offers = [{"id": f"a{number}", "title": f"{topic}技术"} for number, topic in enumerate(topics)]
    qrels = "n0 0 a0 3\nn0 0 a1 0\nn1 0 a1 2\n\nn2 0 a2 1\n"
    (folder / "qrels.tsv").write_text(qrels)
    files = [write(folder / "offers.jsonl", *offers), write(folder / "needs.jsonl", *needs), folder / "qrels.tsv"]
    return [part for pair in zip(("--achievements", "--needs", "--qrels"), files, strict=True) for part in pair]


def test_evaluate_prints_its_figures_and_writes_a_trec_run(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    result = run("evaluate", *catalogue(tmp_path), "--run-out", path, "--json")
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    found = json.loads(line)
    assert list(found) == KEYS
    # Each need finds its own; of n0's three hits two are judged, of the others' one: (2/3 + 1/3 + 1/3) / 3.
    assert [found[key] for key in KEYS[:-1]] == [1.0, 1.0, 1.0, 1.0, 0.4444, 3]
    rows = [line.split() for line in path.read_text().splitlines()]
    assert len(rows) == 9
    assert rows[0][:4] == ["n0", "Q0", "a0", "1"] and rows[0][5] == "matcher"
    assert [row[3] for row in rows] == ["1", "2", "3"] * 3
    for need_id in ("n0", "n1", "n2"):
        scores = [float(row[4]) for row in rows if row[0] == need_id]
        assert scores == sorted(scores, reverse=True)


def test_evaluate_prints_a_line_for_each_figure(run: Run, tmp_path: Path) -> None:
    result = run("evaluate", *catalogue(tmp_path))
    assert [line.split()[0] for line in result.stdout.splitlines()] == KEYS


def test_evaluate_keeps_vectors_and_leaves_the_store_alone(
    run: Run, tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = [*catalogue(tmp_path), "--cache", tmp_path / "cache", "--json"]
    first = json.loads(run("evaluate", *options).stdout)
    monkeypatch.setattr(HashEncoder, "encode", None)
    again = json.loads(run("evaluate", *options).stdout)
    assert again | {"seconds": 0} == first | {"seconds": 0}
    assert service.postings.count("achievement", Filters()) == 3


def test_evaluate_leaves_an_index_that_others_share_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHER_INDEX", "milvus://127.0.0.1:1")
    assert run("evaluate", *catalogue(tmp_path)).exit_code == 0


def test_evaluate_cuts_lists_at_top(run: Run, tmp_path: Path) -> None:
    run("evaluate", *catalogue(tmp_path), "--run-out", tmp_path / "run.txt", "--top", 1)
    assert len((tmp_path / "run.txt").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("qrels.tsv", "n0 0 a0", "第 1 行“n0 0 a0”应为"),
        ("qrels.tsv", "n0 0 a0 3\nn0 0 a1 x", "第 2 行"),
        ("qrels.tsv", "n9 0 a0 3", "评判文件提到需求 n9"),
        ("needs.jsonl", '{"title": ""}', "needs.jsonl 第 1 行 title"),
    ],
)
def test_evaluate_names_what_is_wrong_in_its_files(
    run: Run, tmp_path: Path, name: str, content: str, words: str
) -> None:
    options = catalogue(tmp_path)
    (tmp_path / name).write_text(content)
    result = run("evaluate", *options)
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr


def contrary() -> Ranker:
    """Return a ranker that turns the shipped one's order round."""
    shipped = shipped_ranker()
    return replace(shipped, version="contrary-1", coefficients=tuple(-weight for weight in shipped.coefficients))


def test_a_ranker_of_a_file_decides_the_order(run: Run, tmp_path: Path) -> None:
    (tmp_path / "contrary.json").write_text(ranking.to_json(contrary()))
    options = [*catalogue(tmp_path), "--run-out", tmp_path / "run.txt", "--json"]
    found = json.loads(run("evaluate", *options, "--ranker", tmp_path / "contrary.json").stdout)
    assert found["ranker"] == "contrary-1"
    rows = [line.split() for line in (tmp_path / "run.txt").read_text().splitlines()]
    # The own one of each need, which the shipped ranker puts first, now comes last.
    assert [row[2] for row in rows if row[3] == "3"] == ["a0", "a1", "a2"]
    assert found["mrr@10"] < 1


def test_a_version_is_taken_from_the_store(run: Run, tmp_path: Path, open_service: OpenService) -> None:
    kept = open_service().rankers.install(contrary(), "李")
    options = [*catalogue(tmp_path), "--json"]
    found = json.loads(run("evaluate", *options, "--ranker", kept.version).stdout)
    assert (found["ranker"], found["mrr@10"] < 1) == (kept.version, True)
    # Without being asked for, what is installed here does not change the measure.
    assert json.loads(run("evaluate", *options).stdout)["mrr@10"] == 1
    shipped = json.loads(run("evaluate", *options, "--ranker", shipped_ranker().version).stdout)
    assert (shipped["ranker"], shipped["mrr@10"]) == (shipped_ranker().version, 1)


def test_fusion_is_the_order_of_retrieval(run: Run, tmp_path: Path) -> None:
    options = [*catalogue(tmp_path), "--run-out", tmp_path / "run.txt"]
    found = json.loads(run("evaluate", *options, "--ranker", "fusion", "--per-need", "--json").stdout)
    assert (found["ranker"], found["mrr@10"]) == ("fusion", 1)
    assert {row["best_probability"] for row in found["per_need"]} == {None}
    scores = [float(line.split()[4]) for line in (tmp_path / "run.txt").read_text().splitlines()]
    # Standardised scores of a list add up to nothing; log-odds would not.
    assert sum(scores[:3]) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("part", ["--calibration", "--ablate"])
def test_fusion_has_no_probabilities(run: Run, tmp_path: Path, part: str) -> None:
    result = run("evaluate", *catalogue(tmp_path), "--ranker", "fusion", part)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no probabilities" in result.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [("none.json", "无法读取排序模型文件"), ("qrels.tsv", "读不懂"), ("2020-01-01-1", "没有排序模型版本")],
)
def test_a_ranker_that_is_none_is_named(run: Run, tmp_path: Path, name: str, words: str) -> None:
    options = catalogue(tmp_path)
    path = tmp_path / name
    result = run("evaluate", *options, "--ranker", path if path.exists() else name)
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr and "Traceback" not in result.stderr


def test_each_need_is_told_worst_first(run: Run, tmp_path: Path) -> None:
    options = catalogue(tmp_path)
    (tmp_path / "qrels.tsv").write_text("n0 0 a0 3\nn1 0 gone 3\nn2 0 a2 1\n")
    rows = json.loads(run("evaluate", *options, "--per-need", "--json").stdout)["per_need"]
    assert [(row["need"], row["failure"], row["first_rank"]) for row in rows] == [
        ("n1", "retrieval", None),
        ("n0", "", 1),
        ("n2", "unanswerable", None),
    ]
    assert all(0 < row["best_probability"] < 1 for row in rows)
    lines = run("evaluate", *options, "--per-need").stdout.splitlines()
    assert [line.split()[-2:] for line in lines[-3:]] == [["n1", "候选中没有"], ["n0", "找到"], ["n2", "没有相关成果"]]


def test_calibration_is_told_as_figures_and_as_tables(run: Run, tmp_path: Path) -> None:
    options = [*catalogue(tmp_path), "--calibration"]
    found = json.loads(run("evaluate", *options, "--json").stdout)["calibration"]
    # Nine rows, of which n0-a0 and n1-a1 are of grade >= 2; n0-a0, n0-a1, n1-a1 and n2-a2 are judged.
    assert (found["rows"], found["relevant"], found["base_rate"]) == (9, 2, 0.2222)
    assert (found["judged_only"]["rows"], found["judged_only"]["relevant"]) == (4, 2)
    assert found["working_point"]["threshold"] == found["none"]["threshold"] == shipped_ranker().thresholds[3]
    assert sum(found["none"][name] for name in found["none"] if name.startswith(("none_", "some_"))) == 3
    assert sum(each["rows"] for each in found["reliability"]) == sum(each["rows"] for each in found["levels"]) == 9
    text = run("evaluate", *options).stdout
    for line in (f"brier_skill     {found['brier_skill']:.4f}", f"ece             {found['ece']:.4f}", "现行门槛"):
        assert line in text
    assert f"确实没有 {found['none']['none_rightly']}  其实有 {found['none']['none_wrongly']}" in text


def test_the_working_point_is_that_of_the_ranker_asked_for(run: Run, tmp_path: Path) -> None:
    other = replace(shipped_ranker(), version="strict-1", thresholds={4: 0.99, 3: 0.98, 2: 0.5})
    (tmp_path / "strict.json").write_text(ranking.to_json(other))
    options = [*catalogue(tmp_path), "--calibration", "--json", "--ranker", tmp_path / "strict.json"]
    assert json.loads(run("evaluate", *options).stdout)["calibration"]["working_point"]["threshold"] == 0.98


def test_ablation_leaves_out_each_family_once(run: Run, tmp_path: Path) -> None:
    options = [*catalogue(tmp_path), "--ablate"]
    found = json.loads(run("evaluate", *options, "--json").stdout)["ablation"]
    assert [each["family"] for each in found] == list(FAMILY_NAMES)
    assert sorted(name for each in found for name in each["features"]) == sorted(NAMES)
    # No record says anything of regions, so nothing can change without them.
    region = next(each for each in found if each["family"] == "region")
    assert {(each["change"], each["p"]) for each in region["differences"].values()} == {(0, 1)}
    text = run("evaluate", *options).stdout
    assert all(f"{name}（" in text for name in FAMILY_NAMES.values())


def test_two_runs_and_two_reports_are_compared(run: Run, tmp_path: Path) -> None:
    options = catalogue(tmp_path)
    (tmp_path / "contrary.json").write_text(ranking.to_json(contrary()))
    for name, ranker in (("a", shipped_ranker().version), ("b", tmp_path / "contrary.json")):
        made = run("evaluate", *options, "--ranker", ranker, "--run-out", tmp_path / name, "--per-need", "--json")
        (tmp_path / f"{name}.json").write_text(made.stdout)
    runs = run("evaluate", "--compare", tmp_path / "a", tmp_path / "b", "--qrels", tmp_path / "qrels.tsv", "--json")
    found = json.loads(runs.stdout)["compare"]
    assert list(found) == KEYS[:5]
    assert (found["mrr@10"]["first"], found["mrr@10"]["worse"]) == (1, 2)
    assert found["mrr@10"]["change"] == pytest.approx(found["mrr@10"]["second"] - 1, abs=1e-4)
    reports = run("evaluate", "--compare", tmp_path / "a.json", tmp_path / "b.json", "--json")
    for name, each in json.loads(reports.stdout)["compare"].items():
        # The figures of reports are rounded.
        assert each["change"] == pytest.approx(found[name]["change"], abs=1e-4)
        assert (each["p"], each["worse"]) == (found[name]["p"], found[name]["worse"])
    text = run("evaluate", "--compare", tmp_path / "a", tmp_path / "b", "--qrels", tmp_path / "qrels.tsv").stdout
    assert "1.0000 → " in text and "0/2/0" in text


def test_a_run_is_not_compared_without_judgments(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("n0 Q0 a0 1 0.5 x\n")
    result = run("evaluate", "--compare", tmp_path / "a", tmp_path / "a")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "--qrels" in result.stderr


@pytest.mark.parametrize("missing", ["--achievements", "--needs", "--qrels"])
def test_all_three_files_are_needed(run: Run, tmp_path: Path, missing: str) -> None:
    options = catalogue(tmp_path)
    place = options.index(missing)
    result = run("evaluate", *options[:place], *options[place + 2 :])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--compare" in result.stderr
