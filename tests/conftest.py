"""What tests of every layer share: services on real SQLite files with the small deterministic encoder."""

import web.calm_threads  # isort: skip  # noqa: F401  Before anything that loads OpenMP.

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from index.encoder import Encoder
from matcher.ranking import Ranker, shipped_ranker
from matcher.scoring import Scoring
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import Store
from tests.support.addresses import count_up
from tests.support.hash_encoder import HashEncoder

OpenService = Callable[..., Service]
UseRanker = Callable[..., Ranker]

# Argon2id at a real cost would take most of the time of the fast tests.
CHEAP_PASSWORDS = {"password_memory_kib": 8, "password_rounds": 1}

# Machines that run tests beside other work are slow at times; that is no failure.
settings.register_profile("tests", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that holds nothing yet: copying it is quicker than making one."""
    path = tmp_path_factory.mktemp("store") / "matcher.db"
    count_up(Store(path)).close()
    return path


@pytest.fixture
def home(tmp_path: Path, empty_store: Path) -> Path:
    """A folder with an empty store in it."""
    shutil.copy(empty_store, tmp_path)
    return tmp_path


@pytest.fixture
def open_service(home: Path) -> Iterator[OpenService]:
    """A function that opens a service: of its own process memory, but on the one store of the test."""
    opened: list[Service] = []

    def make(encoder: Encoder | None = None, **given: Any) -> Service:
        opened.append(Service(Settings(**{"home": home, **CHEAP_PASSWORDS, **given}), encoder or HashEncoder()))
        return opened[-1]

    yield make
    for service in opened:
        service.close()


@pytest.fixture
def service(open_service: OpenService) -> Service:
    """A service whose store holds nothing yet."""
    return open_service()


@pytest.fixture
def use_ranker(monkeypatch: pytest.MonkeyPatch) -> UseRanker:
    """A function that puts the shipped ranker in force with some of it changed, in all services of the test."""

    used = count(1)

    def use(**changes: Any) -> Ranker:
        # A version stands for one ranker: lists that are kept go by it.
        shipped = shipped_ranker()
        ranker = replace(shipped, **{"version": f"{shipped.version}+{next(used)}", **changes})
        monkeypatch.setattr(Scoring, "ranker", lambda _: ranker)
        return ranker

    return use
