"""Addresses: rows stand in them under random ids, so that nobody can count them up."""

from typing import get_args

from flask import Flask, request
from werkzeug.datastructures import MultiDict
from werkzeug.routing import BaseConverter, IntegerConverter, Map

from matcher.public_ids import PublicKind
from web.current import service

LARGEST_ID = 2**63 - 1


class RowId(IntegerConverter):
    """The converter `int` of our routes: a number that SQLite cannot hold is an address that does not exist."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_ID)


class PublicId(BaseConverter):
    """The converters that bear the name of a kind of row: a public id outside, the row's id inside."""

    regex = "[A-Za-z0-9_-]{1,40}"
    kind: PublicKind

    def to_python(self, value: str) -> int:
        """Return the id of the row, or one that no row has: what is missing must look like what is hidden."""
        return service().public_ids.find(self.kind, value)

    def to_url(self, value: int) -> str:
        """Return the public id of the row."""
        return service().public_ids.of(self.kind, value)


def bound(app: Flask) -> None:
    """Teach the routes of `app` how rows stand in addresses, and templates what stands for a row."""
    app.url_map.converters["int"] = RowId
    for kind in get_args(PublicKind):
        app.url_map.converters[kind] = type(f"{kind.title()}Id", (PublicId,), {"kind": kind})
    app.jinja_env.globals["public_id_of"] = lambda kind, item_id: service().public_ids.of(kind, item_id)


def outer(path: str) -> str:
    """Return the whole address of `path`, to be passed on: as the settings say, or as the browser came here."""
    return (service().settings.public_url or request.host_url).rstrip("/") + path


def asked_id(args: MultiDict[str, str], kind: PublicKind) -> int | None:
    """Return the id of the row of `kind` that the query string names, if any; NO_ROW for one that is not there."""
    public_id = args.get(kind, "")
    return service().public_ids.find(kind, public_id) if public_id else None
