"""What a visitor sees who asks for matches while the model is still being loaded."""

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue

from matcher.errors import ModelLoadingError
from matcher.search_engine import patience

_READER_SECONDS = 1.0
_AGAIN_SECONDS = 2


def explain(app: Flask) -> None:
    """Let readers wait a moment and then see a page that asks again by itself; whoever posts waits to the end."""
    app.before_request(_choose_patience)
    app.register_error_handler(ModelLoadingError, _waiting_page)


def _choose_patience() -> None:
    # What somebody typed must not be lost for a few seconds.
    patience.set(_READER_SECONDS if request.method in ("GET", "HEAD") else -1)


def _waiting_page(error: ModelLoadingError) -> ResponseReturnValue:
    headers = {"Retry-After": str(_AGAIN_SECONDS), "Cache-Control": "no-store"}
    if request.method == "GET":
        headers["Refresh"] = str(_AGAIN_SECONDS)
    return render_template("errors/waiting.html", advice=str(error), seconds=_AGAIN_SECONDS), 503, headers
