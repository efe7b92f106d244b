"""The real server with several processes: stopping, replacing, refusing, counting, and clients that are slow."""

import re
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen

import psutil
import pytest

from tests.functional.test_processes import Browser, free_port, kill, start, wait_for

pytestmark = pytest.mark.slow

HEAD = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n"
)
# More than a process keeps of a body before it gives the request to a thread.
LONG = 400_000


class Running:
    """A server of this test: its process, where it answers, and where it tells how it does."""

    def __init__(self, home: Path, workers: int, **given: str) -> None:
        self.port, self.watched = free_port(), free_port()
        sizes = {"MATCHER_WORKERS": str(workers), "MATCHER_METRICS_PORT": str(self.watched)}
        self.process: Popen[str] = start(home, "serve", "--port", str(self.port), **sizes, **given)
        self.browser = Browser(f"http://127.0.0.1:{self.port}")

    def connection(self, sent: bytes, receive_buffer: int = 0) -> socket.socket:
        """Return a connection on which `sent` has been sent."""
        client = socket.socket()
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(30)
        client.connect(("127.0.0.1", self.port))
        client.sendall(sent)
        return client

    def holding_a_thread(self) -> socket.socket:
        """Return a connection whose body a thread is reading; the last byte is missing."""
        client = self.connection(HEAD + b"Content-Length: %d\r\n\r\n" % LONG + b"x" * (LONG - 1))
        time.sleep(0.5)  # Until the thread has it: nothing outside tells.
        return client

    def workers(self) -> set[int]:
        return self._children(lambda command: "web.background" not in command)

    def beside(self) -> set[int]:
        return self._children(lambda command: "web.background" in command)

    def _children(self, wanted: Callable[[list[str]], bool]) -> set[int]:
        """Return the living ones whose command is `wanted`."""
        found = set()
        for each in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # Or it has ended and nobody has noticed yet.
                found |= {each.pid} if wanted(each.cmdline()) else set()
        return found

    @staticmethod
    def served(pid: int, clients: set[int]) -> int:
        """Return how many of the `clients`, named by their ports, a worker is connected with."""
        connections = psutil.Process(pid).net_connections("tcp")
        return sum(bool(each.raddr) and each.raddr.port in clients for each in connections)

    def figure(self, name: str) -> float:
        """Return the sum of the figures whose line begins like `name`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.watched}/metrics", timeout=30) as answer:
            text = answer.read().decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))


@contextmanager
def running(home: Path, workers: int = 2, **given: str) -> Iterator[Running]:
    server = Running(home, workers, **given)
    try:
        wait_for(server.browser, server.process)
        eventually(lambda: server.figure("matcher_model_ready ") == workers)
        yield server
    finally:
        server.process.terminate()
        _, errors = server.process.communicate(timeout=60)
        assert "Traceback" not in errors, errors
        assert server.process.returncode == 0


def eventually(holds: Callable[[], bool]) -> None:
    for _ in range(300):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it never came to be")


def answer(client: socket.socket) -> str:
    """Return all that the server sends on a connection until it closes."""
    parts = []
    while part := client.recv(65_536):
        parts.append(part)
    client.close()
    # What was read before may have ended within a character.
    return b"".join(parts).decode(errors="replace")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_what_runs_and_what_waits(tmp_path: Path, how: signal.Signals) -> None:
    with running(tmp_path, workers=1, MATCHER_THREADS="1") as server:
        running_one = server.holding_a_thread()
        waiting = server.connection(b"GET /help HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        for pid in (server.process.pid, *server.workers()):  # As a terminal does it.
            psutil.Process(pid).send_signal(how)
        time.sleep(0.5)
        running_one.sendall(b"x")
        assert answer(running_one).startswith("HTTP/1.1 400 ")
        page = answer(waiting)
        assert page.startswith("HTTP/1.1 200 ") and page.endswith("</html>")
        assert server.process.wait(60) == 0


def test_a_killed_worker_is_replaced_and_what_it_counted_stays(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        before = server.workers()
        for _ in range(20):
            server.browser.open("/help")
        assert len(before) == 2
        for pid in before:
            psutil.Process(pid).kill()
        eventually(lambda: len(server.workers() - before) == 2)
        wait_for(server.browser, server.process)
        server.browser.open("/help")
        assert server.figure('matcher_request_seconds_count{endpoint="home.help_page"') == 21
        eventually(lambda: server.figure("matcher_model_ready ") == 2)


def test_the_process_beside_is_replaced_and_ends_with_the_service(tmp_path: Path) -> None:
    with running(tmp_path, workers=1) as server:
        eventually(lambda: len(server.beside()) == 1)
        (before,) = server.beside()
        psutil.Process(before).kill()
        eventually(lambda: bool(server.beside() - {before}))
        (now,) = server.beside()
    assert not psutil.pid_exists(now)


def test_the_process_beside_does_not_outlive_a_killed_service(tmp_path: Path) -> None:
    server = Running(tmp_path, workers=1)
    wait_for(server.browser, server.process)
    eventually(lambda: len(server.beside()) == 1)
    (pid,) = server.beside()
    time.sleep(2)  # Until it has begun its work.
    kill(server.process)
    eventually(lambda: not psutil.pid_exists(pid))


def test_too_many_waiting_are_told_to_come_back_on_a_page_of_ours(tmp_path: Path) -> None:
    with running(tmp_path, workers=1, MATCHER_THREADS="1", MATCHER_QUEUE="1") as server:
        held = server.holding_a_thread()
        waiting = server.connection(b"GET /help HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        time.sleep(0.5)
        with pytest.raises(urllib.error.HTTPError) as refused:
            server.browser.open("/needs")
        assert refused.value.code == 503 and refused.value.headers["Retry-After"] == "5"
        assert "default-src 'self'" in refused.value.headers["Content-Security-Policy"]
        page = refused.value.read().decode()
        assert "服务正忙" in page and "</html>" in page and "/static/style.css" in page
        assert server.browser.open("/healthz")[1] == "ok", "busy is not dead"
        held.sendall(b"x")
        assert answer(held).startswith("HTTP/1.1 400 ")
        assert answer(waiting).startswith("HTTP/1.1 200 ")
        assert server.figure("matcher_refusals_total") == 1


def test_work_goes_to_the_worker_that_has_least_and_no_client_stays_with_a_busy_one(tmp_path: Path) -> None:
    kept = b"GET /help HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with running(tmp_path) as server:
        assert b"\r\nConnection: keep-alive\r\n" in server.connection(kept).recv(4096)
        held = []
        for share in (1, 2):
            held += [server.holding_a_thread(), server.holding_a_thread()]
            clients = {client.getsockname()[1] for client in held}
            assert [server.served(pid, clients) for pid in server.workers()] == [share, share]
        assert b"\r\nConnection: close\r\n" in server.connection(kept).recv(4096)
        for client in held:
            client.sendall(b"x")
            assert answer(client).startswith("HTTP/1.1 400 ")
        assert b"\r\nConnection: keep-alive\r\n" in server.connection(kept).recv(4096)


def test_slow_clients_do_not_keep_others_waiting(tmp_path: Path) -> None:
    with running(tmp_path, workers=1, MATCHER_THREADS="1") as server:
        style = re.search(r'href="(/bootstrap/[^"]+)"', server.browser.open("/")[1])
        assert style
        get = f"GET {style[1]} HTTP/1.1\r\nHost: localhost\r\n".encode()
        slow = [server.connection(sent) for sent in (b"", b"GET / HT", HEAD, HEAD + b"Content-Length: 9\r\n\r\nx")]
        slow += [server.connection(get + end, 4096) for end in (b"\r\n", b"Connection: close\r\n\r\n")]
        assert "</html>" in server.browser.open("/help")[1]
        slow[1].sendall(b"TP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert answer(slow[1]).startswith("HTTP/1.1 200 "), "slow, not lost"
        slow[3].sendall(b"y" * 8)
        assert answer(slow[3]).startswith("HTTP/1.1 400 ")
        assert len(answer(slow[5])) > 200_000
        for client in slow:
            client.close()


def test_long_bodies_leave_half_of_the_threads_to_others(tmp_path: Path) -> None:
    with running(tmp_path, workers=1, MATCHER_THREADS="2") as server:
        held = server.holding_a_thread()
        refused = server.connection(HEAD + b"Content-Length: %d\r\n\r\n" % LONG + b"x" * (LONG - 1))
        assert answer(refused).startswith("HTTP/1.1 503 ")
        assert "</html>" in server.browser.open("/help")[1]
        held.sendall(b"x")
        assert answer(held).startswith("HTTP/1.1 400 ")
        again = server.holding_a_thread()
        again.sendall(b"x")
        assert answer(again).startswith("HTTP/1.1 400 ")


def test_a_body_in_pieces_and_a_begun_next_request_hold_no_thread(tmp_path: Path) -> None:
    with running(tmp_path, workers=1, MATCHER_THREADS="1") as server:
        pieces = server.connection(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n")
        kept = server.connection(b"GET /help HTTP/1.1\r\nHost: localhost\r\n\r\nGET /needs HT")
        assert kept.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert "</html>" in server.browser.open("/help")[1]
        pieces.settimeout(0)
        with pytest.raises(BlockingIOError):
            pieces.recv(1)  # No thread had to give it up first.
        pieces.settimeout(30)
        pieces.sendall(b"0\r\n\r\n")
        assert answer(pieces).startswith("HTTP/1.1 400 ")
        kept.sendall(b"TP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert "HTTP/1.1 200 " in answer(kept), "slow, not lost"


def test_a_worker_without_a_file_left_goes_on_when_there_is_one(tmp_path: Path) -> None:
    with running(tmp_path, workers=1) as server:
        (pid,) = server.workers()
        psutil.Process(pid).rlimit(psutil.RLIMIT_NOFILE, (60, 60))
        clients = [server.connection(b"") for _ in range(80)]
        time.sleep(1)
        for client in clients:
            client.close()
        eventually(lambda: server.browser.open("/healthz")[1] == "ok")
        assert server.workers() == {pid}


def test_figures_are_for_administrators_and_the_machine_itself(tmp_path: Path) -> None:
    with running(tmp_path, MATCHER_ACCESS_LOG="on") as server:
        assert server.browser.open("/metrics")[0] == "/sign-in"
        server.browser.sign_in(tmp_path)
        path, text = server.browser.open("/metrics")
        assert path == "/metrics"
        assert 'matcher_request_seconds_count{endpoint="signing.sign_in",status="303"} 1.0' in text
        assert server.browser.open("/readyz")[1] == "ready"
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{server.watched}/needs", timeout=30)
        server.browser.open("/search?q=secret")
        server.process.terminate()
        _, errors = server.process.communicate(timeout=60)
        lines = [line for line in errors.splitlines() if "access_log" in line]
        assert any(re.search(r"GET searching\.results 200 \d+ \d+\.\dms$", line) for line in lines)
        assert not any("secret" in line or "127.0.0.1" in line for line in lines)
