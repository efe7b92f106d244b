"""What worker processes take for a whole request, and how long they read from a slow client."""

import time
from socket import socketpair

import pytest

from web import workers
from web.workers import Reading, is_enough, is_whole

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("received", "whole", "enough"),
    [
        (b"", False, False),
        (HEAD, False, False),
        (b"GET / HTTP/1.1\r\n\r\n", True, True),
        (HEAD + b"Content-Length: 3\r\n\r\nab", False, False),
        (HEAD + b"content-length:3\r\n\r\nabc", True, True),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", False, False),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", True, True),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", True, True),
        (HEAD + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", False, True),
        (HEAD + b"Content-Length: 400000\r\n\r\n" + b"x" * 300_000, False, True),
        (b"x" * 70_000, False, True),
    ],
)
def test_what_a_thread_gets(received: bytes, whole: bool, enough: bool) -> None:
    assert (is_whole(bytearray(received)), is_enough(bytearray(received))) == (whole, enough)


def test_a_client_that_sends_too_slowly_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_SENDING_SECONDS", 0.05)
    ours, theirs = socketpair()
    reading = Reading(ours)
    reading.begin()
    theirs.send(b"x")
    assert reading.read() == b"x"
    theirs.send(b"y" * workers._LEAST_BYTES_A_SECOND)
    assert len(reading.read()) > 1000
    time.sleep(0.1)
    theirs.send(b"z")
    assert reading.read()[:1] == b"y", "much was sent, so it has time"
    reading.begin()
    time.sleep(0.1)
    with pytest.raises(TimeoutError):
        reading.read()
    ours.close()
    theirs.close()
