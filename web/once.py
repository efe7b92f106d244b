"""Forms that make something carry a token; the same content posted twice leads to what the first post made."""

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable

from flask import Flask, current_app, request

_KEY = "matcher_once"
_MOST_REMEMBERED = 1000


class _Token:
    """One form: its address once something was made, and the lock under which it is made."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.address = ""


class Tokens:
    """The tokens seen by one process, the oldest forgotten."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, _Token] = OrderedDict()
        self._lock = threading.Lock()

    def address_made(self, token: str, make: Callable[[], str]) -> str:
        """Return what `make` returns at the first successful call for `token`, and the same at every later one."""
        with self._lock:
            entry = self._seen.setdefault(token, _Token())
            while len(self._seen) > _MOST_REMEMBERED:
                self._seen.popitem(last=False)
        with entry.lock:
            entry.address = entry.address or make()
        return entry.address


def new_token() -> str:
    """Return a token for a form that is shown for the first time."""
    return secrets.token_urlsafe(12)


def only_once(token: str, make: Callable[[], str]) -> str:
    """Return the address of what the posted form made; `make` runs only for the first of equal posts.

    Somebody who goes back, changes the text and posts again means it: other content counts as another post.
    """
    if not token:
        return make()
    content = hashlib.sha256(repr(sorted(request.form.items(multi=True))).encode("utf-8", "surrogatepass"))
    return _tokens(current_app).address_made(f"{token} {content.hexdigest()}", make)


def _tokens(app: Flask) -> Tokens:
    tokens: Tokens = app.extensions.setdefault(_KEY, Tokens())
    return tokens
