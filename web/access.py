"""The one table of who may do what. An endpoint that is not in it answers nobody."""

from enum import Enum
from typing import NamedTuple

from flask import Flask, abort, request


class Who(Enum):
    """Circles of people; more of them when accounts exist."""

    ANYONE = "anyone"


class Does(Enum):
    """What an endpoint does to the records."""

    READ = "read"
    WRITE = "write"


class Rule(NamedTuple):
    """Who may call an endpoint and what it does."""

    who: Who
    does: Does


_READ = Rule(Who.ANYONE, Does.READ)
_WRITE = Rule(Who.ANYONE, Does.WRITE)

RULES: dict[str, Rule] = {
    "static": _READ,
    "bootstrap.static": _READ,
    "htmx.static": _READ,
    "home.index": _READ,
    "home.help_page": _READ,
    "home.healthz": _READ,
    "searching.results": _READ,
    "needs.listing": _READ,
    "needs.detail": _READ,
    "needs.new": _WRITE,
    "needs.edit": _WRITE,
    "needs.change_status": _WRITE,
    "needs.delete": _WRITE,
    "achievements.listing": _READ,
    "achievements.detail": _READ,
    "achievements.new": _WRITE,
    "achievements.edit": _WRITE,
    "achievements.change_status": _WRITE,
    "achievements.delete": _WRITE,
    "matches.reasons": _READ,
    "matches.judge": _WRITE,
    "scoring.explained": _READ,
    "judging.listing": _READ,
    "judging.desk": _READ,
    "judging.judge": _WRITE,
    "judging.undo": _WRITE,
    "rankers.versions": _READ,
    "rankers.train": _WRITE,
    "rankers.use": _WRITE,
    "cooperations.listing": _READ,
    "cooperations.detail": _READ,
    "cooperations.new": _WRITE,
    "cooperations.edit": _WRITE,
    "cooperations.move": _WRITE,
}


def guard(app: Flask) -> None:
    """Refuse every endpoint that the table does not open."""
    app.before_request(_refuse_undeclared)


def _refuse_undeclared() -> None:
    if request.endpoint is not None and request.endpoint not in RULES:
        abort(403)
