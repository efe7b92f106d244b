"""A worker: takes up one background job after the other, and goes on with those that a dead worker left."""

import logging
import threading
from collections.abc import Callable, Mapping

from matcher.errors import MatcherError, WorkStoppedError
from matcher.job import Job
from matcher.jobs import HeldJob, Jobs, Progress
from matcher.store import Store
from matcher.tokens import new_public_id

# What does a job of one kind; returns what came of it, in words.
Run = Callable[[HeldJob], str]
_BETWEEN_LOOKS_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Worker:
    """Works until it is stopped. `plan` sees that what is to be done by itself has a job."""

    def __init__(self, store: Store, keeper: Jobs, runs: Mapping[str, Run], plan: Callable[[], None]) -> None:
        self._store = store
        self._keeper = keeper
        self._runs = runs
        self._plan = plan
        self._stopping = threading.Event()
        self.name = new_public_id()

    def stop(self) -> None:
        """Ask it to stop after the record at hand; the job waits for another worker."""
        self._stopping.set()

    def work(self) -> None:
        """Work until stopped; an error of the store or the model is logged and tried again later."""
        while not self._stopping.is_set():
            try:
                if not self._step():
                    self._stopping.wait(_BETWEEN_LOOKS_SECONDS)
            except MatcherError as error:
                _log.warning("%s", error)
                self._stopping.wait(_BETWEEN_LOOKS_SECONDS)

    def finish_all(self, progress: Progress | None = None) -> None:
        """Work until no job is open: one that another worker holds is waited for. Raises: StoreError."""
        while not self._stopping.is_set():
            if self._step(progress):
                continue
            if not self._keeper.has_open():
                return
            self._stopping.wait(_BETWEEN_LOOKS_SECONDS / 5)

    def finish(self, public_id: str, progress: Progress | None = None) -> Job:
        """Work on one job, or watch another worker do so, until it is finished; return it. Raises: NotFoundError."""
        while (job := self._keeper.get(public_id)).is_open and not self._stopping.is_set():
            mine = self._keeper.claim(self.name, public_id)
            if mine is not None:
                self._do(mine, progress)
                continue
            if progress is not None:
                progress(job.done, job.total)
            self._stopping.wait(_BETWEEN_LOOKS_SECONDS / 5)
        return job

    def _step(self, progress: Progress | None = None) -> bool:
        self._plan()
        job = self._keeper.claim(self.name)
        if job is not None:
            self._do(job, progress)
        return job is not None

    def _do(self, job: Job, progress: Progress | None) -> None:
        held = HeldJob(self._store, self._keeper, job, self._stopping, progress)
        _log.info("job %s (%s) taken up, attempt %s", job.public_id, job.kind, job.attempts)
        try:
            message = self._runs[job.kind](held)
        except WorkStoppedError as stopped:
            _log.info("%s", stopped)
            held.finish("waiting")
        except KeyboardInterrupt:
            held.finish("waiting")
            raise
        except MatcherError as error:
            held.finish("failed", str(error))
        except Exception:
            _log.exception("job %s failed", job.public_id)
            held.finish("failed", "程序出错，详情见服务日志。可以重新开始，已完成的部分不会重做")
        else:
            held.finish("done", message)
