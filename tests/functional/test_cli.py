"""The `matcher` command on a real store: what it prints where, and how it exits."""

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from matcher import importing, search_engine
from matcher.models import LEVEL_NAMES, Filters
from matcher.service import Service
from tests.conftest import OpenService, UseRanker
from tests.support.commands import invoke
from tests.support.hash_encoder import HashEncoder, StoppingEncoder
from tests.support.records import achievement, assert_consistent, counts, need
from web.cli import main

pytestmark = pytest.mark.wide

Run = Callable[..., Result]


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> HashEncoder:
    """The encoder that every command loads."""
    found = HashEncoder()
    monkeypatch.setattr(search_engine, "load_encoder", lambda *_: found)
    return found


@pytest.fixture
def run(tmp_path: Path, encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs a command on the store of the test; an error that is no exit is raised."""
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path))
    return invoke


@pytest.fixture
def filled(open_service: OpenService) -> Service:
    service = open_service()
    service.postings.post(need("防爆锂离子电池的研发", external_id="n-1"), "李")
    for title in ("不燃凝胶电解质的锂离子电池", "木材防霉微乳液"):
        service.postings.post(achievement(title, organisation="云麓林业大学"), "李")
    return service


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["", *sorted(main.commands)])
def test_help(run: Run, name: str) -> None:
    for flag in ("-h", "--help"):
        result = run(*([name] if name else []), flag)
        assert result.exit_code == 0
        assert result.stdout.startswith("Usage: ")
    assert not name or main.commands[name].help


def test_every_option_has_help() -> None:
    options = [option for command in main.commands.values() for option in command.params if option.opts[0][0] == "-"]
    assert [option.name for option in options if not getattr(option, "help", None)] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["import"],
        ["import", "cats", "x.csv"],
        ["import", "needs"],
        ["match"],
        ["match", "1", "-k", "0"],
        ["match", "1", "-k", "x"],
        ["search", "x", "--in", "cats"],
        ["search", "x", "-k", "201"],
        ["evaluate"],
        ["serve", "--port", "99999"],
        ["seed", "--no-such-option"],
    ],
)
def test_wrong_usage_exits_with_2(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage" in result.stderr or "Error" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["match", "99"], "没有编号为 99"),
        (["match", "x"], "没有编号为 x"),
        (["import", "needs", "none.csv"], "无法读取文件"),
        (["import", "needs", "a.xlsx"], "不认识文件类型"),
        (["evaluate", "--achievements", "a.csv", "--needs", "b.csv", "--qrels", "none.tsv"], "无法读取评判文件"),
    ],
)
def test_what_fails_says_why_in_one_line_and_exits_with_1(run: Run, arguments: list[str], words: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    errors = [line for line in result.stderr.splitlines() if line.startswith("错误：")]
    assert len(errors) == 1 and words in errors[0]
    assert "Traceback" not in result.stderr


def test_a_bad_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_PAGE_SIZE", "viele")
    result = run("search", "x")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "MATCHER_PAGE_SIZE" in result.stderr


def test_a_database_that_is_none_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "matcher.db").write_text("no database" * 1000)
    result = run("search", "x")
    assert result.exit_code == 1
    assert str(tmp_path / "matcher.db") in result.stderr


def test_another_model_is_named_with_the_way_out(run: Run, filled: Service, encoder: HashEncoder) -> None:
    encoder.model_id = "other@1"
    for arguments in (["search", "x"], ["match", "1"]):
        # A process that trusts the store's note of the model does not load one; importing does.
        filled.store.db.execute("delete from search_state where key = 'model'")
        result = run(*arguments)
        assert result.exit_code == 1
        assert all(word in result.stderr for word in ("hash-encoder@1", "other@1", "matcher reindex"))
    again = run("reindex")
    assert again.exit_code == 0
    assert "已重建 3 条向量，当前模型 other@1" in again.stderr
    assert run("search", "x").exit_code == 0


def test_init_makes_the_database_and_the_model(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Path] = []
    monkeypatch.setattr(search_engine, "build_bundled_model", lambda folder, progress: built.append(folder))
    for _ in range(2):
        result = run("init")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "已就绪" in result.stderr
    assert built == [tmp_path / "models"] * 2
    assert (tmp_path / "matcher.db").exists()


def test_seed_loads_only_what_is_missing(run: Run) -> None:
    first, second = run("seed"), run("seed")
    assert (first.exit_code, second.exit_code, first.stdout) == (0, 0, "")
    assert "新增演示数据：单位 " in first.stderr
    assert "新增演示数据：单位 0，需求 0，成果 0，评判 0" in second.stderr


def test_match_prints_the_best_with_reasons(run: Run, filled: Service) -> None:
    result = run("match", "n-1")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "需求 1：防爆锂离子电池的研发"
    rows = [line for line in lines if "（成果 " in line]
    assert re.fullmatch(r"  1\. \[\S*相关 .*%.*\] 不燃凝胶电解质的锂离子电池（成果 1）", rows[0])
    assert "锂离子" in lines[lines.index(rows[0]) + 1]
    assert run("match", "1").stdout == result.stdout
    assert run("match", "1", "-k", "1").stdout.count("（成果 ") == 1


def test_match_says_none_and_what_would_help(run: Run, filled: Service, use_ranker: UseRanker) -> None:
    use_ranker(thresholds={4: 1.0, 3: 1.0, 2: 0.0})
    lines = run("match", "1").stdout.splitlines()
    assert lines[1] == "目前没有合适的成果。"
    assert any("补充技术指标" in line for line in lines)
    found = json.loads(run("match", "1", "--json").stdout)
    assert found["none"] is True and "补充技术指标" in [each["action"] for each in found["advice"]]
    use_ranker(thresholds={4: 0.0, 3: 0.0, 2: 0.0})
    assert "目前没有" not in run("match", "1").stdout
    assert json.loads(run("match", "1", "--json").stdout)["none"] is False


def test_match_as_json(run: Run, filled: Service) -> None:
    result = run("match", "1", "--json")
    assert len(result.stdout.splitlines()) == 1
    found = json.loads(result.stdout)
    assert (found["need"]["id"], found["need"]["external_id"]) == (1, "n-1")
    assert [row["rank"] for row in found["matches"]] == [1, 2]
    first = found["matches"][0]
    assert (first["id"], first["relative"], first["organisation"]) == (1, 100, "云麓林业大学")
    assert "锂离子" in first["shared_terms"]
    assert LEVEL_NAMES[first["level"]] == first["level_name"]
    assert 0 < first["probability"] < 1 and first["folded"] == []
    assert found["version"] == filled.scoring.ranker().version


def test_search(run: Run, filled: Service) -> None:
    result = run("search", "木材发霉")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "  1. [100] 木材防霉微乳液（成果 2）"
    found = json.loads(run("search", "木材发霉", "--json", "-k", "1").stdout)
    assert [row["title"] for row in found["results"]] == ["木材防霉微乳液"]
    assert json.loads(run("search", "x", "--in", "needs", "--json").stdout)["results"][0]["external_id"] == "n-1"


def test_nothing_to_find_is_said(run: Run, open_service: OpenService) -> None:
    assert run("search", "x").stdout == "没有找到相关的记录。\n"
    assert json.loads(run("search", "x", "--json").stdout) == {"results": []}
    open_service().postings.post(need(), "李")
    assert "没有找到已发布的成果。" in run("match", "1").stdout


def test_import_counts(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"id": "1", "title": "甲"}, {"id": "2", "title": "乙"})
    assert run("import", "needs", path).stdout == "新增 2，更新 0，未变 0\n"
    write(path, {"id": "1", "title": "甲改"}, {"id": "2", "title": "乙"}, {"title": "丙"})
    result = run("import", "needs", path, "--json")
    assert json.loads(result.stdout) == {"added": 1, "updated": 1, "unchanged": 1, "problems": []}
    assert result.exit_code == 0


def test_an_import_with_bad_rows_stores_nothing_and_names_them(
    run: Run, tmp_path: Path, open_service: OpenService
) -> None:
    path = write(tmp_path / "a.jsonl", {"title": "甲"}, {"title": "乙", "maturity": "很成熟"}, {"title": "\ud83d"})
    path.write_text(path.read_text() + "\n{broken", encoding="utf-8")
    result = run("import", "needs", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "第 2 行 maturity“很成熟”：技术成熟度应为 1 到 9 的整数，或留空" in result.stderr
    assert "第 3 行 title“?”：含有空字符（NUL）或残缺的字符" in result.stderr
    assert "第 4 行“{broken”：不是一个 JSON 对象" in result.stderr
    assert "一行也没有导入" in result.stderr
    assert open_service().postings.count("need", Filters(status="")) == 0


def test_keep_good_stores_the_sound_rows(run: Run, tmp_path: Path, open_service: OpenService) -> None:
    path = write(tmp_path / "a.jsonl", {"title": "甲"}, {"title": "乙", "maturity": "很成熟"})
    result = run("import", "achievements", path, "--keep-good")
    assert (result.exit_code, result.stdout) == (1, "新增 1，更新 0，未变 0\n")
    assert "很成熟" in result.stderr and "一行也没有导入" not in result.stderr
    assert counts(open_service(), "achievement")["records"] == 1
    found = json.loads(run("import", "achievements", path, "--keep-good", "--json").stdout)
    assert found["problems"] == [
        {"line": 2, "field": "maturity", "value": "很成熟", "reason": "技术成熟度应为 1 到 9 的整数，或留空"}
    ]


def test_very_many_problems_are_cut_short(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *({"title": ""} for _ in range(60)))
    result = run("import", "needs", path)
    assert result.stderr.count("请填写标题") == 50
    assert "另有 10 处" in result.stderr
    assert len(json.loads(run("import", "needs", path, "--json").stdout)["problems"]) == 60


def test_an_interrupted_import_leaves_whole_chunks_and_says_so(
    run: Run, tmp_path: Path, open_service: OpenService, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.jsonl", *({"id": str(number), "title": f"需求{number}"} for number in range(10)))
    monkeypatch.setattr(importing, "_CHUNK", 4)
    stopping = StoppingEncoder()
    monkeypatch.setattr(search_engine, "load_encoder", lambda *_: stopping)
    result = run("import", "needs", path)
    assert result.exit_code == 130
    assert "已中断" in result.stderr and "再次运行同一命令会接着做" in result.stderr
    assert "Traceback" not in result.stderr and result.stdout == ""
    service = open_service()
    assert set(counts(service, "need").values()) == {8}
    assert_consistent(service)
    assert run("import", "needs", path).stdout == "新增 2，更新 0，未变 8\n"


def test_a_port_in_use_is_named(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("serve", "--port", port)
    assert result.exit_code == 1
    assert f"无法监听 127.0.0.1:{port}" in result.stderr
