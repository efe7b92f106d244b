"""Worker processes: gunicorn's threads, behind a loop that waits for slow clients and a queue that has an end."""

import errno
import re
import struct
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from signal import SIG_IGN, SIGINT, signal
from socket import SHUT_WR, SO_RCVTIMEO, SO_SNDBUF, SO_SNDTIMEO, SOL_SOCKET, socket
from typing import Any, NoReturn

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

# How long a client may take to send a request, and to close after the answer.
_SENDING_SECONDS = 20.0
_CLOSING_SECONDS = 2.0
_STOPPING_SECONDS = 2.0
_REFUSING_SECONDS = 1.0
# For each request in hand; of two workers the one with less to do takes a new connection first.
_HESITATION_SECONDS = 0.001
# A page fits into what the kernel holds back, so that no thread waits for a client that reads slowly. What is larger
# (long bodies, downloads) is read and sent by a thread: it gives up a client that makes no progress for so long, or
# that has sent less than the least speed after a while.
_SEND_BUFFER = 212_992
_STALLED = struct.pack("ll", 20, 0)
_LEAST_BYTES_A_SECOND = 16_384
_MOST_HEAD = 65_536
# Larger bodies are read by the thread that answers.
_MOST_BUFFERED = 262_144
# After an attempt to take a connection that no file is left for.
_REST_SECONDS = 0.05
_RECEIVED_AT_ONCE = 65_536
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r\n", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:", re.IGNORECASE)
_ALIVE = b"GET /healthz "
_ALIVE_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Reading(SocketUnreader):  # type: ignore[misc]
    """What a thread reads of a request itself, from a client that keeps up the least speed."""

    def begin(self) -> None:
        """Another request begins."""
        self._until = time.monotonic() + _SENDING_SECONDS

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return what comes next. Raises: TimeoutError; BlockingIOError when nothing comes."""
        if time.monotonic() > self._until:
            raise TimeoutError("the client sends too slowly")
        data: bytes = super().chunk(size_hint)
        self._until += len(data) / _LEAST_BYTES_A_SECOND
        return data


class Connection(TConn):  # type: ignore[misc]
    """A connection with what it has sent of its next request; `keeps_waiting`: a thread has to read the rest."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.received = bytearray()
        self.keeps_waiting = False

    def hand_over(self) -> None:
        """Give what was received to the parser, as if it had read it itself."""
        self.sock.setblocking(True)
        self.init()
        if not isinstance(self.parser.unreader, Reading):
            self.parser.unreader = Reading(self.sock)
        self.parser.unreader.begin()
        self.parser.unreader.unread(bytes(self.received))
        self.received.clear()

    def take_back(self) -> bool:
        """Take what the parser has read of a next request; return whether there is any."""
        self.received += self.parser.unreader.take_buffered()
        return bool(self.received)


class Worker(ThreadWorker):  # type: ignore[misc]
    """Threads get whole requests; more than `queue` waiting ones are answered at once with the page `busy`.

    Half of the threads may read long bodies themselves, so that no client keeps all of them waiting.

    `busy` and `refused` (called for each refusal) are attributes of the application that `wsgi` is.
    """

    queue = 32

    def init_process(self) -> None:
        # Requests that wait for a thread or have one. Only the loop counts them.
        self._in_hand = 0
        self._kept_waiting = 0
        self._has_others = self.cfg.workers > 1
        self._refusing = ThreadPoolExecutor(1, "refuse")
        super().init_process()

    def init_signals(self) -> None:
        super().init_signals()
        signal(SIGINT, SIG_IGN)  # Ctrl-C reaches all processes; the first one tells the others to stop calmly.

    def set_accept_enabled(self, enabled: bool) -> None:
        """Whoever the kernel has connected before a stop is served."""
        if not enabled and not self.alive and self._accepting:
            for listener in self.sockets:
                while self._accepted(listener):
                    pass
        super().set_accept_enabled(enabled)

    def accept(self, listener: Any) -> None:
        """Take a new connection, unless a worker with less in hand takes it first."""
        if self._has_others:
            time.sleep(_HESITATION_SECONDS * min(self._in_hand, self.cfg.threads))
        self._accepted(listener)

    def _accepted(self, listener: Any) -> bool:
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                time.sleep(_REST_SECONDS)
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return False
        self.nr_conns += 1
        for option, value in ((SO_SNDBUF, _SEND_BUFFER), (SO_RCVTIMEO, _STALLED), (SO_SNDTIMEO, _STALLED)):
            client.setsockopt(SOL_SOCKET, option, value)
        self._watch(Connection(self.cfg, client, address, listener.getsockname()), self._receive, _SENDING_SECONDS)
        return True

    def on_client_socket_readable(self, conn: Connection, client: socket) -> None:
        """The next request on a kept connection begins."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._watch(conn, self._receive, _SENDING_SECONDS)

    def _watch(self, conn: Connection, act: Callable[[Connection, socket], None], seconds: float) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + (seconds if self.alive else min(seconds, _STOPPING_SECONDS))
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(act, conn))

    def _unwatch(self, conn: Connection) -> None:
        self.pending_conns.remove(conn)
        self.poller.unregister(conn.sock)

    def _receive(self, conn: Connection, client: socket) -> None:
        """Take what has come; a whole request goes to the threads."""
        data = _read(client)
        if data is None:
            return
        conn.received += data
        if data and not is_enough(conn.received):
            return
        self._unwatch(conn)
        if data:
            self.enqueue_req(conn)
        else:
            self._drop(conn)

    def enqueue_req(self, conn: Connection) -> None:
        """Let a thread answer, or refuse when too many wait already."""
        conn.keeps_waiting = not is_whole(conn.received)
        has_place = not conn.keeps_waiting or self._kept_waiting < max(1, self.cfg.threads // 2)
        if has_place and self._in_hand < self.cfg.threads + self.queue:
            self._in_hand += 1
            self._kept_waiting += conn.keeps_waiting
            super().enqueue_req(conn)
            return
        done = self._refusing.submit(self._refuse, conn)
        done.add_done_callback(lambda future: self.method_queue.defer(self._part, conn))

    def handle(self, conn: Connection) -> Any:
        """Answer one request, in a thread."""
        conn.data_ready = True
        conn.hand_over()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """Answer it; while others are in hand the client is asked to connect anew, maybe to a worker with less to do.

        Kept connections would bind many clients to one worker while the next has none.
        """
        if self._in_hand > 1 and self._has_others:
            req.force_close()
        return super().handle_request(req, conn)

    def _refuse(self, conn: Connection) -> None:
        conn.sock.settimeout(_REFUSING_SECONDS)
        if conn.received.startswith(_ALIVE):
            conn.sock.sendall(_ALIVE_ANSWER)  # Busy is not dead.
        else:
            self.wsgi.refused()
            conn.sock.sendall(self.wsgi.busy)

    def finish_request(self, conn: Connection, done: Future[Any]) -> None:
        """Keep a connection that stays, with what it has sent of its next request; let go of any other."""
        self._in_hand -= 1
        self._kept_waiting -= conn.keeps_waiting
        if done.cancelled() or done.exception() is not None or not done.result():
            self._part(conn)
        elif not conn.take_back():
            super().finish_request(conn, done)
        elif is_enough(conn.received):
            self.enqueue_req(conn)
        else:
            self._watch(conn, self._receive, _SENDING_SECONDS)

    def _part(self, conn: Connection) -> None:
        """Let go of a connection without waiting for its client."""
        try:
            conn.sock.shutdown(SHUT_WR)
            self._watch(conn, self._drain, _CLOSING_SECONDS)
        except (OSError, ValueError):
            self._drop(conn)

    def _drain(self, conn: Connection, client: socket) -> None:
        """Throw away what comes after the answer, until the client closes: closing before would cut the answer off."""
        if _read(client) == b"":
            self._unwatch(conn)
            self._drop(conn)

    def murder_pending(self) -> None:
        """Close what has not sent, or not closed, in time."""
        now = time.monotonic()
        for conn in [each for each in self.pending_conns if each.timeout <= now]:
            self._unwatch(conn)
            self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _drop(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close()


class CalmArbiter(Arbiter):  # type: ignore[misc]
    """Ctrl-C finishes running requests, as SIGTERM does. `see_to` is called whenever the workers are looked after."""

    def __init__(self, app: BaseApplication, see_to: Callable[[], None]) -> None:
        super().__init__(app)
        self._see_to = see_to

    def manage_workers(self) -> None:
        super().manage_workers()
        self._see_to()

    def handle_int(self) -> NoReturn:
        raise StopIteration


def is_whole(received: bytearray) -> bool:
    """True when a thread can answer without waiting for its client: head and body are there."""
    end = received.find(b"\r\n\r\n")
    if end < 0 or _EXPECTS.search(received, 0, end):
        return False
    if _CHUNKED.search(received, 0, end + 2):
        return received.find(_LAST_CHUNK, end + 2) >= 0
    length = _LENGTH.search(received, 0, end + 2)
    return length is None or len(received) >= end + 4 + int(length[1])


def is_enough(received: bytearray) -> bool:
    """True when a thread has to see to a request: it is whole, more than is kept, or wants to be told to go on."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return len(received) > _MOST_HEAD
    return len(received) >= _MOST_BUFFERED or bool(_EXPECTS.search(received, 0, end)) or is_whole(received)


def _read(client: socket) -> bytes | None:
    """Return what has come, None when nothing has, no bytes at the end."""
    try:
        return client.recv(_RECEIVED_AT_ONCE)
    except BlockingIOError:
        return None
    except OSError:
        return b""
