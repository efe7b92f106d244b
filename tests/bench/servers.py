"""Real servers for benches: started on a free port, waited for, measured from outside, ended."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import psutil

SERVE = (sys.executable, "-c", "import sys; sys.argv = ['matcher', 'serve']; from web.cli import main; main()")
_PAUSE = 0.02
_LONGEST = 120
_STOP_SECONDS = 60


@contextmanager
def served(
    home: Path, command: Sequence[str] = SERVE, log: IO[bytes] | int = subprocess.DEVNULL, **settings: str
) -> Iterator[tuple[int, psutil.Popen]]:
    """Give the port and the process of a server over `home` that was just started; it is ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment: Mapping[str, str] = os.environ | {"MATCHER_HOME": str(home), "MATCHER_PORT": str(port)} | settings
    process = psutil.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield port, process
    finally:
        process.terminate()
        process.wait(_STOP_SECONDS)


def wait_for(url: str, process: psutil.Popen) -> None:
    """Return once `url` answers with success. Raises: SystemExit when it never does."""
    deadline = time.monotonic() + _LONGEST
    while time.monotonic() < deadline and process.poll() is None:
        try:
            # A page that says "loading" is a 503 and raises.
            urllib.request.urlopen(url, timeout=30).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(_PAUSE)
    raise SystemExit(f"no answer from {url}")


def family(process: psutil.Process) -> list[psutil.Process]:
    """Return the listening process and all that it started."""
    return [process, *process.children(recursive=True)]


def is_beside(process: psutil.Process) -> bool:
    """Return whether it is the process beside, which answers nobody."""
    return "web.background" in process.cmdline()


def processor_seconds(processes: Sequence[psutil.Process]) -> float:
    """Return what they have used: unlike times, little moved by others on the machine."""
    return float(sum(each.cpu_times().user + each.cpu_times().system for each in processes))


class Held(NamedTuple):
    """The memory of a process in MB: proportional (what several share counts once), and of it what no file backs.

    The second is moved by nothing that other programs on the machine do.
    """

    proportional: float
    anonymous: float


def memory(pid: int) -> Held:
    """Return what a process holds."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    found = dict(re.findall(r"^(Pss|Pss_Anon):\s+(\d+) kB", told, re.MULTILINE))
    return Held(int(found["Pss"]) / 1024, int(found["Pss_Anon"]) / 1024)
