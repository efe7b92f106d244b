"""The process beside those that answer: background jobs, notices of what runs out, mails. It ends with the service."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

from matcher.errors import MatcherError
from matcher.service import Service
from matcher.settings import read_settings
from web.digest_command import Courier
from web.job_commands import Background

# Whoever waits for a page goes first.
_NICENESS = 5
_STOP_SECONDS = 45
# A process that cannot start is not tried again and again.
_SECONDS_BETWEEN_STARTS = 10
_log = logging.getLogger(__name__)


class Beside:
    """Such a process, started again when it has ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._started = -float(_SECONDS_BETWEEN_STARTS)

    def see_to(self) -> None:
        """Start the process unless it runs; called about once a second."""
        is_running = self._process is not None and self._process.poll() is None
        if is_running or time.monotonic() < self._started + _SECONDS_BETWEEN_STARTS:
            return
        self._started = time.monotonic()
        self._process = subprocess.Popen([sys.executable, "-m", __name__, str(os.getpid())])

    def stop(self) -> None:
        """Let the process finish what it has at hand."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()


def main() -> None:
    """Work until SIGTERM, or until the process whose number is given is no longer the parent."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stopped, parent = threading.Event(), int(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one stops the others.
    os.nice(_NICENESS)
    try:
        # One core: the processes that answer share all of them already.
        service = Service(replace(read_settings(), engine_threads=1))
    except MatcherError as error:
        _log.warning("%s", error)
        return
    parts = (Courier(service), Background(service))
    for part in parts:
        part.start()
    while os.getppid() == parent and not stopped.wait(1):
        pass
    for part in parts:
        part.stop()
    service.close()


if __name__ == "__main__":
    main()
