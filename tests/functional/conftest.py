"""The whole application on a real SQLite file, with the small deterministic encoder and forgery protection on."""

import socket
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule

from matcher.service import Service
from matcher.settings import Settings
from tests.conftest import CHEAP_PASSWORDS
from tests.support.examples import RECORDS
from tests.support.hash_encoder import HashEncoder
from tests.support.people import sign_in
from tests.support.visitor import Visitor
from web import create_app


@pytest.fixture
def empty_service(home: Path) -> Iterator[Service]:
    """A service whose store holds nothing yet."""
    service = Service(Settings(home=home, **CHEAP_PASSWORDS), HashEncoder())
    yield service
    service.close()


@pytest.fixture
def service(empty_service: Service) -> Service:
    """A service with needs 1-2 and achievements 1-3 of `tests.support.examples`."""
    for record in RECORDS:
        empty_service.postings.post(record, "测试")
    return empty_service


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once for all tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session", autouse=True)
def compiled_routes() -> Iterator[None]:
    """Routes compiled once for all tests: it takes most of the time of making an application.

    What Werkzeug compiles a route to asks the route itself for its converters, so that routes that read the same
    can share it.
    """
    compile_route, known = Rule._compile_builder, {}

    def compiled(self: Rule, append_unknown: bool = True) -> Any:
        key = (self.rule, self.subdomain, self.host, str(self.defaults), append_unknown, str(self._trace))
        if key not in known:
            known[key] = compile_route(self, append_unknown)
        return known[key]

    Rule._compile_builder = compiled  # type: ignore[method-assign]
    yield
    Rule._compile_builder = compile_route  # type: ignore[method-assign]


@pytest.fixture
def app(service: Service, compiled_templates: FileSystemBytecodeCache) -> Flask:
    app = create_app(service=service)
    app.jinja_env.bytecode_cache = compiled_templates
    return app


@pytest.fixture
def client(app: Flask, service: Service) -> FlaskClient:
    """A browser in which the administrator is signed in."""
    return sign_in(app.test_client(), service)


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client)


@pytest.fixture
def mails() -> Iterator[tuple[list[Any], str]]:
    """A mail server that keeps what it gets, and the setting that names it."""
    kept: list[Any] = []

    class Keeper:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            kept.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(Keeper(), hostname="127.0.0.1", port=port)
    server.start()
    yield kept, f"smtp://127.0.0.1:{port}?from=match@example.cn"
    server.stop()
