"""The commands `matcher work`, `matcher jobs` and `matcher suggest`."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from matcher.job import KINDS, STATES, Job
from matcher.service import Service
from matcher.working import Worker
from web.command_parts import json_option, opened, print_json, progress

_LAST_RECORD_SECONDS = 10


class Background:
    """Works on jobs beside the pages of a running service, unless the settings leave that to others."""

    def __init__(self, service: Service) -> None:
        self._worker = service.worker()
        self._is_on = service.settings.background_worker == "on"
        self._thread = threading.Thread(target=self._worker.work, name="worker", daemon=True)

    def start(self) -> None:
        """Begin with what there is to do."""
        if self._is_on:
            self._thread.start()

    def stop(self) -> None:
        """Finish the record at hand; what is left of its job waits for another worker."""
        self._worker.stop()
        if self._is_on:
            self._thread.join(_LAST_RECORD_SECONDS)


@click.command()
@click.option("--once", is_flag=True, help="Finish what there is to do, then exit.")
def work(once: bool) -> None:
    """Do background jobs until stopped; several workers share them, one job is never done by two at once."""
    with opened() as service, progress("后台任务", 1) as step, _worker(service) as worker:
        if once:
            worker.finish_all(step)
        else:
            click.echo("正在等待后台任务（按 Ctrl-C 停止）", err=True)
            worker.work()


@click.command()
@click.option("--stop", "stopped", metavar="ID", help="Stop a job; what it has done stays.")
@click.option("--restart", "restarted", metavar="ID", help="Let a stopped or failed job go on where it stood.")
@click.option("-n", "count", default=20, show_default=True, type=click.IntRange(1, 1000), help="How many to print.")
@json_option
def jobs(stopped: str | None, restarted: str | None, count: int, as_json: bool) -> None:
    """List background jobs, newest first."""
    with opened() as service:
        if stopped:
            service.jobs.stop(stopped, service.settings.actor)
        if restarted:
            service.jobs.restart(restarted, service.settings.actor)
        found = service.jobs.listing(size=count).items
    if as_json:
        print_json({"jobs": [_row(job) for job in found]})
        return
    for job in found:
        words = f"{STATES[job.state]} {job.done}/{job.total}"
        click.echo(f"{job.public_id}  {job.created_at:%Y-%m-%d %H:%M} UTC  {KINDS[job.kind]}  {words}  {job.message}")
    if not found:
        click.echo("还没有后台任务。")


@click.command()
@click.option("--all", "anew", is_flag=True, help="Go through all records again, not only those that changed.")
@json_option
@click.pass_context
def suggest(ctx: click.Context, anew: bool, as_json: bool) -> None:
    """Suggest matches of new and changed records to brokers; go on where an interrupted run stopped."""
    with opened() as service, progress("查找匹配建议", 1) as step, _worker(service) as worker:
        begun = service.suggesting.begin(service.settings.actor, anew)
        job = worker.finish(begun.public_id, step)
    if as_json:
        print_json(_row(job))
    else:
        click.echo(f"{STATES[job.state]}：{job.done} 条记录。{job.message}", err=True)
    for error in job.errors:
        click.echo(error, err=True)
    if job.state != "done":
        ctx.exit(1)


@contextmanager
def _worker(service: Service) -> Iterator[Worker]:
    """Yield a worker that SIGTERM stops after the record at hand."""
    worker = service.worker()
    before = signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    try:
        yield worker
    finally:
        signal.signal(signal.SIGTERM, before)


def _row(job: Job) -> dict[str, Any]:
    return {
        "id": job.public_id,
        "kind": job.kind,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "message": job.message,
        "errors": list(job.errors),
        "attempts": job.attempts,
        "created_at": job.created_at.isoformat(),
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
    }
