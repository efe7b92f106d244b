"""For whoever watches the service: is it alive, is it ready, how is it doing."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Flask, Response, current_app

from matcher.policy import Action
from web import measuring
from web.access import rule
from web.current import service

bp = Blueprint("watching", __name__)
_PATHS = ("/metrics", "/readyz", "/healthz")
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@bp.get("/healthz")
@rule(Action.BROWSE)
def healthz() -> Response:
    """Return `ok` while the process answers."""
    return Response("ok", mimetype="text/plain")


@bp.get("/readyz")
@rule(Action.BROWSE)
def readyz() -> Response:
    """Return `ready` once this process has what a search needs; status 503 before."""
    is_ready = service().is_ready()
    return Response("ready" if is_ready else "loading", 200 if is_ready else 503, mimetype="text/plain")


@bp.get("/metrics")
@rule(Action.WATCH)
def metrics() -> Response:
    """Return the figures of all processes for Prometheus."""
    return Response(measuring.of(current_app).text(), content_type=_TEXT)


def open_port(app: Flask, port: str) -> None:
    """Let the figures be read without signing in at `port`, which is bound to this machine, and nothing else there."""
    if port:
        app.wsgi_app = _Port(app, app.wsgi_app, port)  # type: ignore[method-assign]


class _Port:
    """Tells requests at the port for watching from all others, before anything believes a header."""

    def __init__(self, app: Flask, inner: Callable[..., Iterable[bytes]], port: str) -> None:
        self._app, self._inner, self._port = app, inner, port

    def __call__(self, given: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if given.get("SERVER_PORT") != self._port:
            return self._inner(given, start_response)
        path = given.get("PATH_INFO", "")
        if path not in _PATHS:
            return Response("Not Found", 404, mimetype="text/plain")(given, start_response)
        if path != "/metrics":
            return self._inner(given | {"HTTP_HOST": "localhost"}, start_response)
        return Response(measuring.of(self._app).text(), content_type=_TEXT)(given, start_response)
