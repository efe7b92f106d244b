"""Real processes that suggest: killed at any point, two at once, and the worker of a running service."""

import json
import random
import shutil
import time
from pathlib import Path

import pytest

from matcher.service import Service
from tests.conftest import OpenService
from tests.functional.test_processes import Browser, free_port, kill, start, wait_for
from tests.support.records import achievement, need
from tests.support.suggested import pairs

pytestmark = pytest.mark.slow

NEEDS, ACHIEVEMENTS, KILLS = 60, 120, 5
GIVEN = {"MATCHER_SUGGESTION_LEVEL": "1", "MATCHER_LEASE_SECONDS": "1"}
PARTS = ("锂离子电池", "木材防霉", "井下通风", "茶叶杀青", "废水回用", "针刺无纺布", "凝胶电解质", "振动监测")


def filled(open_service: OpenService) -> Service:
    service = open_service(suggestion_level=1)
    chance = random.Random(5)
    for make, count in ((need, NEEDS), (achievement, ACHIEVEMENTS)):
        texts = ["，".join(chance.choices(PARTS, k=4)) for _ in range(count)]
        found = [make(f"{text[:12]}{number}", description=text) for number, text in enumerate(texts)]
        service.importing.import_records(found, "李")
    return service


def done(service: Service) -> int:
    found = service.jobs.listing().items
    return found[0].done if found else 0


def test_a_job_killed_five_times_ends_with_each_pair_once(
    home: Path, tmp_path_factory: pytest.TempPathFactory, open_service: OpenService
) -> None:
    service = filled(open_service)
    whole = tmp_path_factory.mktemp("whole")
    service.store.db.execute("pragma wal_checkpoint(truncate)")
    shutil.copy(home / "matcher.db", whole)
    chance = random.Random(time.time())
    for _ in range(KILLS):
        before = done(service)
        process = start(home, "suggest", **GIVEN)
        while process.poll() is None and done(service) <= before + chance.randrange(15):
            time.sleep(0.002)
        kill(process)
        found = pairs(service)
        assert len(found) == len(set(found))
        assert service.store.db.execute("pragma integrity_check").fetchall() == [("ok",)]
    assert done(service) < NEEDS + ACHIEVEMENTS
    process = start(home, "suggest", "--json", **GIVEN)
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    job = json.loads(output)
    assert (job["state"], job["done"], job["attempts"]) == ("done", NEEDS + ACHIEVEMENTS, KILLS + 1)
    undisturbed = open_service(home=whole, suggestion_level=1)
    undisturbed.worker().finish_all()
    assert pairs(service) == pairs(undisturbed) and len(pairs(service)) > 300


def test_two_workers_share_the_work_and_do_nothing_twice(home: Path, open_service: OpenService) -> None:
    service = filled(open_service)
    processes = [start(home, "work", "--once", **GIVEN) for _ in range(2)]
    for process in processes:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    (job,) = service.jobs.listing().items
    assert (job.state, job.done) == ("done", NEEDS + ACHIEVEMENTS)
    assert len(pairs(service)) == len(set(pairs(service))) > 300


def test_a_running_service_suggests_and_hands_on_what_is_left(home: Path, open_service: OpenService) -> None:
    service = filled(open_service)
    port = free_port()
    process = start(home, "serve", "--port", str(port), **GIVEN)
    wait_for(Browser(f"http://127.0.0.1:{port}"), process)
    for _ in range(600):
        if done(service) > 3:
            break
        time.sleep(0.05)
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert "Traceback" not in errors, errors
    (job,) = service.jobs.listing().items
    assert job.state in ("waiting", "done") and not job.worker
    service.worker().finish_all()
    assert service.jobs.listing().items[0].done == NEEDS + ACHIEVEMENTS
