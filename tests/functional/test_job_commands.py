"""The commands `matcher suggest`, `matcher work` and `matcher jobs`."""

import json
from pathlib import Path

import pytest

from matcher import search_engine
from matcher.service import Service
from tests.support.commands import invoke
from tests.support.examples import RECORDS
from tests.support.hash_encoder import HashEncoder
from tests.support.suggested import pairs


@pytest.fixture
def stocked(home: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service with a few records, on whose store the commands work, with the small encoder."""
    monkeypatch.setenv("MATCHER_HOME", str(home))
    monkeypatch.setenv("MATCHER_SUGGESTION_LEVEL", "1")
    monkeypatch.setattr(search_engine, "load_encoder", lambda *_: HashEncoder())
    return service


def test_suggest_says_what_came_of_it_and_repeats_nothing(stocked: Service) -> None:
    first = invoke("suggest")
    assert first.exit_code == 0 and "已完成：5 条记录。新增 6 条匹配建议" in first.stderr
    again = json.loads(invoke("suggest", "--all", "--json").stdout)
    assert (again["state"], again["done"], again["total"], again["message"]) == ("done", 5, 5, "新增 0 条匹配建议")
    assert json.loads(invoke("suggest", "--json").stdout)["done"] == 0
    assert len(pairs(stocked)) == 6


def test_work_once_finishes_what_there_is_to_do(stocked: Service) -> None:
    assert invoke("work", "--once").exit_code == 0
    assert len(pairs(stocked)) == 6
    stocked.postings.post(RECORDS[0], "李")
    assert invoke("work", "--once").exit_code == 0
    assert len(pairs(stocked)) == 9


def test_jobs_are_listed_stopped_and_restarted(stocked: Service) -> None:
    assert "还没有后台任务" in invoke("jobs").stdout
    job = stocked.suggesting.begin("李")
    assert invoke("jobs", "--stop", job.public_id).exit_code == 0
    assert "已停止 0/0" in invoke("jobs").stdout
    refused = invoke("jobs", "--stop", job.public_id)
    assert refused.exit_code == 1 and "已停止" in refused.stderr
    assert "等待执行" in invoke("jobs", "--restart", job.public_id).stdout
    invoke("work", "--once")
    (row,) = json.loads(invoke("jobs", "--json").stdout)["jobs"]
    assert (row["state"], row["done"], row["errors"]) == ("done", 5, [])
    assert invoke("jobs", "--stop", "x").exit_code == 1


def test_suggest_fails_when_its_job_did(stocked: Service) -> None:
    with stocked.store.transaction() as db:
        db.execute("update search_state set value = 'another@1' where key in ('model', 'model_id')")
    failed = invoke("suggest")
    assert failed.exit_code == 1 and "没有成功" in failed.stderr and "reindex" in failed.stderr
