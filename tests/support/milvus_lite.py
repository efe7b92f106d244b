"""Milvus Lite for tests: embedded in a folder, or as a server of its own that several processes reach."""

import socket
import subprocess
import sys
import time
from pathlib import Path


def forget_embedded(folder: Path) -> None:
    """Stop the embedded server on `folder`, as the end of its process would."""
    from milvus_lite.server_manager import server_manager_instance

    server_manager_instance.release_server(str(folder))


class Server:
    """A server on a free port of this machine that can be killed and started again on the same data."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self.address = f"milvus://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Server":
        """Start it and wait until it can be reached."""
        with (self._folder / "milvus.log").open("ab") as log:
            place = ["--data-dir", str(self._folder / "data"), "--port", str(self._port)]
            command = [sys.executable, "-c", "from milvus_lite.cmdline import main; main()", "server", *place]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(600):
            assert self._process.poll() is None, (self._folder / "milvus.log").read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return self
            time.sleep(0.05)
        raise AssertionError("Milvus Lite does not answer")

    def kill(self) -> None:
        """End it without a chance to clean up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
