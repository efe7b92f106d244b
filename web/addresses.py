"""Row ids in addresses: only those that a row can bear reach the store."""

from flask import Flask, request
from werkzeug.datastructures import MultiDict
from werkzeug.routing import IntegerConverter, Map

from web.current import service

LARGEST_ID = 2**63 - 1


class RowId(IntegerConverter):
    """The converter `int` of our routes: a number that SQLite cannot hold is an address that does not exist."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_ID)


def bound(app: Flask) -> None:
    """Make `int` in the routes of `app` a row id."""
    app.url_map.converters["int"] = RowId


def outer(path: str) -> str:
    """Return the whole address of `path`, to be passed on: as the settings say, or as the browser came here."""
    return (service().settings.public_url or request.host_url).rstrip("/") + path


def asked_id(args: MultiDict[str, str], name: str) -> int | None:
    """Return the row id that the query string gives under `name`, if any; one too large becomes one that no row has."""
    number = args.get(name, type=int)
    return None if number is None else min(abs(number), LARGEST_ID)
