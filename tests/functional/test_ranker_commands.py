"""`matcher train` and `matcher rankers` on a real store."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matcher import learning, search_engine
from matcher.ranking import shipped_ranker
from matcher.service import Service
from tests.conftest import OpenService
from tests.support.hash_encoder import HashEncoder
from tests.support.records import achievement, need
from web.cli import main

Run = Callable[..., Result]
SHIPPED = shipped_ranker().version


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A function that runs a command on the store of the test."""
    monkeypatch.setattr(search_engine, "load_encoder", lambda *_: HashEncoder())
    monkeypatch.setenv("MATCHER_HOME", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.fixture
def judged(open_service: OpenService) -> Service:
    """A service with one verdict, on a need that is withdrawn."""
    service = open_service()
    service.postings.post(need(), "李")
    service.postings.post(achievement(), "李")
    service.matching.judge(1, 1, 4, "李")
    service.postings.change_status("need", 1, "closed", "李")
    return service


def test_training_installs_a_version_that_is_listed_and_gone_back_from(run: Run, judged: Service) -> None:
    trained = run("train")
    version = judged.scoring.ranker().version
    assert trained.exit_code == 0 and version != SHIPPED
    assert f"学习了 1 条评判，新版本 {version} 已启用" in trained.stdout and "nDCG@10" in trained.stdout
    listed = run("rankers").stdout.splitlines()
    assert listed[0].startswith(f"* {version}") and "评判 1 条" in listed[0] and "对数损失" in listed[0]
    assert listed[1].startswith(f"  {SHIPPED}") and "随程序附带" in listed[1]
    assert run("rankers", "--use", SHIPPED).stdout.splitlines()[1].startswith(f"* {SHIPPED}")
    assert judged.scoring.ranker() == shipped_ranker()


def test_the_same_as_json(run: Run, judged: Service) -> None:
    found = json.loads(run("train", "--json").stdout)
    assert (found["verdicts"], found["left_out"], found["worse"]) == (1, 0, "")
    assert found["before"].keys() == found["after"].keys() == {"log_loss", "ndcg"}
    newest, shipped = json.loads(run("rankers", "--json").stdout)["rankers"]
    assert (newest["version"], newest["in_force"], newest["actor"]) == (found["installed"], True, "本机用户")
    assert newest["facts"]["verdicts"] == 1 and newest["created_at"]
    assert (shipped["version"], shipped["in_force"], shipped["created_at"]) == (SHIPPED, False, None)


def test_verdicts_on_withdrawn_records_are_left_out(run: Run, judged: Service) -> None:
    found = json.loads(run("train", "--leave-out-withdrawn", "--json").stdout)
    assert (found["verdicts"], found["left_out"]) == (0, 1)


def test_a_worse_ranker_is_refused_with_exit_code_1(run: Run, judged: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "worse", lambda *_: "nDCG@10 从 0.800 降到 0.700（差了 0.100）")
    refused = run("train")
    assert refused.exit_code == 1 and refused.stdout == ""
    assert "没有启用" in refused.stderr and "差了 0.100" in refused.stderr
    refused = run("train", "--json")
    assert refused.exit_code == 1 and json.loads(refused.stdout)["installed"] is None
    assert len(judged.rankers.versions()) == 1


def test_an_unknown_version_is_told_in_one_line(run: Run, judged: Service) -> None:
    result = run("rankers", "--use", "1999-01-01-1")
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr.strip() == f"错误：没有排序模型版本“1999-01-01-1”。现有版本：{SHIPPED}"
