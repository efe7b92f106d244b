"""Use cases of background jobs: begin, watch, stop, restart, and holding one while it is worked on."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from matcher.errors import IllegalTransitionError, NotFoundError, WorkStoppedError
from matcher.job import STATES, Job
from matcher.models import Page
from matcher.people import ITSELF
from matcher.settings import Settings
from matcher.store import Database, Store, audit, jobs
from matcher.store.rows import time_text
from matcher.tokens import new_public_id

_BETWEEN_TRIES = timedelta(minutes=10)
Progress = Callable[[int, int], None]


class Jobs:
    """Jobs in the store; a worker holds one under a lease that it renews with each step."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._lease = timedelta(seconds=settings.lease_seconds)

    def begin(self, db: Database, kind: str, actor: str) -> Job:
        """Return the open job of a kind, added when there is none; part of the caller's transaction."""
        return jobs.open_of_kind(db, kind) or jobs.add(db, new_public_id(), kind, actor)

    def begin_by_itself(self, db: Database, kind: str) -> None:
        """See that there is a job of a kind without anybody's asking; part of the caller's transaction.

        One that somebody stopped stays so until somebody goes on with it; one that failed is tried again later.
        """
        last = jobs.newest_of_kind(db, kind)
        if last is None or last.state == "done":
            jobs.add(db, new_public_id(), kind, ITSELF)
        elif last.state == "failed" and last.finished_at and datetime.now(UTC) - last.finished_at > _BETWEEN_TRIES:
            jobs.restart(db, last.id)

    def begin_anew(self, db: Database, job: Job, total: int) -> None:
        """Count a job of so many records from its beginning; part of the caller's transaction."""
        jobs.begin_anew(db, job.id, total)

    def get(self, public_id: str) -> Job:
        """Return the job. Raises: NotFoundError."""
        found = jobs.find(self._store.db, public_id)
        if found is None:
            raise NotFoundError("没有这项后台任务，可能地址有误")
        return found

    def listing(self, state: str = "", number: int = 1, size: int = 20) -> Page[Job]:
        """Return one page of all jobs, or of those in `state`, newest first."""
        return jobs.listing(self._store.db, state, number, size)

    def has_open(self) -> bool:
        """Return whether a job waits or is worked on."""
        return jobs.count_open(self._store.db) > 0

    def stop(self, public_id: str, actor: str) -> None:
        """Stop a job; what it has done stays. Raises: NotFoundError; IllegalTransitionError when it is finished."""
        with self._store.transaction() as db:
            job = self.get(public_id)
            if not job.is_open:
                raise IllegalTransitionError(f"这项任务{STATES[job.state]}，不用停止")
            jobs.stop(db, job.id, f"由{actor}停止")
            audit.add(db, actor, "stopped job", "job", job.id, {"state": job.state}, {"state": "stopped"})

    def restart(self, public_id: str, actor: str) -> None:
        """Let a stopped or failed job go on where it stood. Raises: NotFoundError; IllegalTransitionError."""
        with self._store.transaction() as db:
            job = self.get(public_id)
            if job.state == "done":
                raise IllegalTransitionError("这项任务已完成，不用重新开始；有变动的记录会另起一项任务")
            if job.is_open or jobs.open_of_kind(db, job.kind):
                raise IllegalTransitionError("同类任务正在执行或等待执行，不用重新开始")
            jobs.restart(db, job.id)
            audit.add(db, actor, "restarted job", "job", job.id, {"state": job.state}, {"state": "waiting"})

    def claim(self, worker: str, public_id: str = "") -> Job | None:
        """Return a job that the worker now holds: the oldest that may be taken up, or the named one; None if none."""
        with self._store.transaction() as db:
            return jobs.claim(db, worker, self.lease_end(), public_id)

    def lease_end(self) -> str:
        """Return until when a lease given now holds."""
        return time_text(datetime.now(UTC) + self._lease)


class HeldJob:
    """A job in the hands of one worker. Each step is checked against the lease in the transaction of the work."""

    def __init__(
        self, store: Store, keeper: Jobs, job: Job, stopping: threading.Event, progress: Progress | None = None
    ) -> None:
        self.job = job
        self._store = store
        self._keeper = keeper
        self._stopping = stopping
        self._progress = progress

    def expect(self, left: int) -> None:
        """Note how many records are left to do. Raises: WorkStoppedError when the job is held no longer."""
        with self._store.transaction() as db:
            self._check(jobs.expect(db, self.job.id, self.job.worker, left))

    def advance(self, db: Database, problem: str = "") -> None:
        """Count one record as done, as part of the transaction that does it.

        Raises: WorkStoppedError when the job was stopped or taken over: then nothing of the transaction may stay.
        """
        self._check(jobs.advance(db, self.job.id, self.job.worker, self._keeper.lease_end(), problem))

    def report(self) -> None:
        """Tell whoever watches how far it is, between two records. Raises: WorkStoppedError when asked to stop."""
        if self._progress is not None:
            now = self._keeper.get(self.job.public_id)
            self._progress(now.done, now.total)
        if self._stopping.is_set():
            raise WorkStoppedError("worker asked to stop")

    def finish(self, state: str, message: str = "") -> None:
        """End the work: done, failed, or waiting for another worker; nothing when the job is held no longer."""
        with self._store.transaction() as db:
            jobs.finish(db, self.job.id, self.job.worker, state, message)

    def _check(self, is_held: bool) -> None:
        if not is_held:
            raise WorkStoppedError(f"job {self.job.public_id} is no longer held by {self.job.worker}")
