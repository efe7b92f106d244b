"""Forged posts, foreign content and the session: what a browser is told to refuse."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from matcher.settings import Settings
from web.current import service, session

MOST_FORM_BYTES = 4 * 1024 * 1024
_BESIDE_FILE_BYTES = 64 * 1024

_CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",  # Bootstrap's stylesheet draws its arrows and ticks as data: images.
        "script-src 'self'",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def protect(app: Flask, settings: Settings) -> None:
    """Set the session key, forgery protection, the limit on posted bytes and the headers of every answer."""
    app.config.update(
        SECRET_KEY=secret_key(settings.home / "secret_key"),
        SESSION_COOKIE_NAME="matcher_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,  # Forms take their messages from WTForms itself.
        MAX_CONTENT_LENGTH=MOST_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_FORM_BYTES,
    )
    if settings.public_url:
        _trust_proxy(app, settings.public_url)
    app.before_request(_let_files_in)  # Before the check for forgery, which reads the form.
    CSRFProtect(app)
    app.after_request(_add_headers)


def _trust_proxy(app: Flask, public_url: str) -> None:
    """Believe what the one proxy before the service says of whom it serves, and answer to no other host name."""
    app.config["TRUSTED_HOSTS"] = [urlsplit(public_url).hostname or "", "127.0.0.1", "localhost"]
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]


def _let_files_in() -> None:
    """Let a route that takes files be posted more than a form, by somebody who is signed in."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_files", False) and session() is not None:
        request.max_content_length = service().settings.file_limit_mb * 2**20 + _BESIDE_FILE_BYTES


def secret_key(path: Path) -> str:
    """Return the key kept in `path`, made there once, readable by its owner only."""
    if not path.exists():
        _make_key(path)
    return path.read_text(encoding="ascii")


def _make_key(path: Path) -> None:
    """Write a whole key beside `path` and link it there, so that no process ever reads half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # Another process was first: its key is the one to use.
    finally:
        draft.unlink()


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)  # A download is held more strictly than a page.
    if response.mimetype == "text/html":
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers.add("Vary", "HX-Request")
    return response
