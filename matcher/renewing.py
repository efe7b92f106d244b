"""Building an index anew behind searches: in a thread of lower priority, by one of several processes at a time."""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from matcher.errors import WorkStoppedError
from matcher.store import Store

_log = logging.getLogger(__name__)
_NICENESS = 5
_ASK_AGAIN_SECONDS = 0.5
# After a failure: what fails (a full disk) mostly fails again, and building takes all that a machine has.
_REST_SECONDS = 60


class Renewal:
    """Runs `once` in a thread until it says that no more is to do. A failure leaves everything as it was."""

    def __init__(self, store: Store, name: str, once: Callable[[], bool]) -> None:
        self._store = store
        self._name = name
        self._once = once
        self.thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._rests_until = 0.0

    @property
    def is_running(self) -> bool:
        """True while the thread works."""
        return self.thread is not None and self.thread.is_alive()

    def start(self) -> None:
        """Begin, unless it is at work already or has failed a moment ago."""
        if not self.is_running and not self._stopped.is_set() and time.monotonic() >= self._rests_until:
            self.thread = threading.Thread(target=self._run, name=f"renew-{self._name}", daemon=True)
            self.thread.start()

    def wait(self) -> None:
        """Wait until it is not at work."""
        if self.thread is not None:
            self.thread.join()

    def stop(self) -> None:
        """Let it end at its next `check`, wait for that, and begin no more."""
        self._stopped.set()
        self.wait()

    def is_stopped(self) -> bool:
        """Return whether it was told to stop."""
        return self._stopped.is_set()

    def check(self) -> None:
        """Called by long work now and then. Raises: WorkStoppedError when it is to stop."""
        if self._stopped.is_set():
            raise WorkStoppedError

    def _run(self) -> None:
        # On Linux a thread has a niceness of its own: searches come first.
        with suppress(OSError, AttributeError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
        try:
            while self._once():
                pass
        except WorkStoppedError:
            _log.info("the index of %s is left as it is", self._name)
        except Exception:
            _log.exception("cannot build the index of %s anew", self._name)
            self._rests_until = time.monotonic() + _REST_SECONDS
        finally:
            self._store.close_own()


@contextmanager
def alone(snapshot: Path, timeout: float = -1, is_stopped: Callable[[], bool] | None = None) -> Iterator[None]:
    """Hold the lock of whoever builds or writes the snapshot. Raises: Timeout; WorkStoppedError when `is_stopped`.

    Where the folder cannot be written, nobody takes over from another and each builds for itself.
    """
    lock = FileLock(snapshot.with_suffix(".lock"))
    try:
        snapshot.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=timeout, poll_interval=_ASK_AGAIN_SECONDS, cancel_check=is_stopped)
    except Timeout:
        if is_stopped is not None and is_stopped():
            raise WorkStoppedError from None
        raise
    except OSError as error:
        _log.warning("cannot lock %s: %s", snapshot, error)
    try:
        yield
    finally:
        lock.release()
