"""A client for `Visitor` that speaks HTTP with a real server on this machine and keeps its connection and cookies."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from werkzeug.datastructures import MultiDict

_TIMEOUT = 60
# A server closes a connection that nobody used for so long.
_IDLE_SECONDS = 20


@dataclass(frozen=True)
class Answer:
    """What came back, with the names that a test client gives it."""

    status_code: int
    data: bytes
    location: str

    @property
    def text(self) -> str:
        """The page."""
        return self.data.decode(errors="replace")


class LoopbackClient:
    """Gets and posts."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
        self._cookies: dict[str, str] = {}
        self._used = time.monotonic()

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Return the answer to GET."""
        return self._ask("GET", address, None, dict(headers or {}))

    def post(self, address: str, data: Mapping[str, object]) -> Answer:
        """Return the answer to a posted form."""
        pairs = list(data.items(multi=True)) if isinstance(data, MultiDict) else list(data.items())
        return self._ask(
            "POST", address, urlencode(pairs).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        )

    def _ask(self, method: str, address: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        parts = urlsplit(address)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if time.monotonic() - self._used > _IDLE_SECONDS:
            self._connection.close()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        data = answer.read()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, cookie in SimpleCookie(line).items():
                self._cookies[name] = cookie.value
        self._used = time.monotonic()
        return Answer(answer.status, data, answer.headers.get("Location", ""))

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()
