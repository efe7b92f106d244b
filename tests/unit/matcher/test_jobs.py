"""Background jobs: one worker at a time under a lease, stopping, going on, failing."""

import threading

import pytest

from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError, WorkStoppedError
from matcher.job import Job
from matcher.jobs import HeldJob
from matcher.service import Service
from matcher.store import audit
from matcher.working import Worker
from tests.conftest import OpenService


def begun(service: Service) -> Job:
    return service.suggesting.begin("李")


def expire(service: Service) -> None:
    with service.store.transaction() as db:
        db.execute("update job set lease_until = '2020-01-01T00:00:00.000000+00:00'")


def held(service: Service, worker: str) -> HeldJob:
    job = service.jobs.claim(worker)
    assert job is not None
    return HeldJob(service.store, service.jobs, job, threading.Event())


def advance(service: Service, work: HeldJob, problem: str = "") -> None:
    with service.store.transaction() as db:
        work.advance(db, problem)


def test_there_is_one_open_job_of_a_kind(service: Service) -> None:
    assert begun(service).public_id == begun(service).public_id
    assert service.jobs.listing().total == 1


def test_a_held_job_is_given_to_nobody_else_until_its_lease_runs_out(open_service: OpenService) -> None:
    one, other = open_service(), open_service()
    job = begun(one)
    first = held(one, "甲")
    assert other.jobs.claim("乙") is None
    advance(one, first)
    expire(one)
    second = other.jobs.claim("乙")
    assert second is not None and (second.public_id, second.done, second.attempts) == (job.public_id, 1, 2)
    with pytest.raises(WorkStoppedError):
        advance(one, first)
    first.finish("done")
    assert one.jobs.get(job.public_id).state == "running"


def test_what_a_lost_lease_did_in_the_same_transaction_is_not_kept(service: Service) -> None:
    begun(service)
    work = held(service, "甲")
    service.jobs.stop(work.job.public_id, "李")
    with pytest.raises(WorkStoppedError), service.store.transaction() as db:
        db.execute("insert into search_state values ('trace', '1')")
        work.advance(db)
    assert service.store.db.execute("select count(*) from search_state where key = 'trace'").fetchone() == (0,)


def test_stopping_and_going_on_where_it_stood(service: Service) -> None:
    job = begun(service)
    advance(service, held(service, "甲"))
    service.jobs.stop(job.public_id, "李")
    stopped = service.jobs.get(job.public_id)
    assert (stopped.state, stopped.done, stopped.message) == ("stopped", 1, "由李停止")
    with pytest.raises(IllegalTransitionError, match="已停止"):
        service.jobs.stop(job.public_id, "李")
    service.jobs.restart(job.public_id, "王")
    again = service.jobs.get(job.public_id)
    assert (again.state, again.done, again.finished_at) == ("waiting", 1, None)
    with pytest.raises(IllegalTransitionError, match="正在执行"):
        service.jobs.restart(job.public_id, "王")
    actions = [line.action for line in audit.of_item(service.store.db, "job", job.id)]
    assert actions == ["began suggesting", "stopped job", "restarted job"]


def test_what_is_done_is_not_done_again(service: Service) -> None:
    job = begun(service)
    service.worker().finish_all()
    with pytest.raises(IllegalTransitionError, match="已完成"):
        service.jobs.restart(job.public_id, "李")


def test_problems_of_records_are_kept_up_to_a_number(service: Service) -> None:
    job = begun(service)
    work = held(service, "甲")
    for number in range(60):
        advance(service, work, f'第 {number} 条“有"引号”')
    found = service.jobs.get(job.public_id)
    assert (found.done, found.total, len(found.errors)) == (60, 60, 50)
    assert found.errors[0] == '第 0 条“有"引号”'


def run_by(service: Service, run) -> Job:  # type: ignore[no-untyped-def]
    """Return the job after a worker did it with `run`."""
    job = begun(service)
    return Worker(service.store, service.jobs, {"suggest": run}, lambda: None).finish(job.public_id)


def test_what_goes_wrong_is_told_in_the_job(service: Service) -> None:
    def refuse(_: HeldJob) -> str:
        raise InvalidInputError({"": "模型不可用"})

    def crash(_: HeldJob) -> str:
        raise ZeroDivisionError

    assert (failed := run_by(service, refuse)).state == "failed" and failed.message == "模型不可用"
    crashed = run_by(service, crash)
    assert crashed.state == "failed" and "服务日志" in crashed.message


def test_a_worker_that_is_stopped_leaves_its_job_to_the_next(service: Service) -> None:
    job = begun(service)
    worker = Worker(service.store, service.jobs, {"suggest": lambda work: asked_to_stop(work)}, lambda: None)

    def asked_to_stop(work: HeldJob) -> str:
        worker.stop()
        work.report()
        return "没有停"

    worker.finish_all()
    assert service.jobs.get(job.public_id).state == "waiting"
    assert service.jobs.claim("乙") is not None


def test_a_job_that_is_not_there(service: Service) -> None:
    with pytest.raises(NotFoundError):
        service.jobs.get("x")
