"""Row ids in addresses: only those that a row can bear reach the store."""

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.routing import IntegerConverter, Map

LARGEST_ID = 2**63 - 1


class RowId(IntegerConverter):
    """The converter `int` of our routes: a number that SQLite cannot hold is an address that does not exist."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_ID)


def bound(app: Flask) -> None:
    """Make `int` in the routes of `app` a row id."""
    app.url_map.converters["int"] = RowId


def asked_id(args: MultiDict[str, str], name: str) -> int | None:
    """Return the row id that the query string gives under `name`, if any; one too large becomes one that no row has."""
    number = args.get(name, type=int)
    return None if number is None else min(abs(number), LARGEST_ID)
