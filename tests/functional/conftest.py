"""The whole application on a real SQLite file, with the small deterministic encoder and forgery protection on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache

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
