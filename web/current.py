"""What a request works with: the service of its app and the person who acts."""

from typing import cast

from flask import Flask, current_app

from matcher.policy import Role, Viewer
from matcher.service import Service

_KEY = "matcher"


def attach(app: Flask, service: Service) -> None:
    """Make `service` the one that requests of `app` work with."""
    app.extensions[_KEY] = service


def service() -> Service:
    """Return the service of the running app."""
    return cast(Service, current_app.extensions[_KEY])


def viewer() -> Viewer:
    """Return who reads or acts: until people can sign in, somebody at this machine who may do everything."""
    return Viewer(roles=frozenset({Role.ADMINISTRATOR}), name=service().settings.actor)


def actor() -> str:
    """Return the name that histories and verdicts keep; one for all until accounts exist."""
    return service().settings.actor
