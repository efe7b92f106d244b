"""One store for all examples of a module: making one costs more than an example."""

from collections.abc import Iterator

import pytest

from matcher.service import Service
from matcher.settings import Settings
from tests.support.hash_encoder import HashEncoder


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that keeps what earlier examples stored."""
    service = Service(Settings(home=tmp_path_factory.mktemp("shared")), HashEncoder())
    yield service
    service.close()
