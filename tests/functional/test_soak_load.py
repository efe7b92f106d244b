"""What the clients of the soak do works from beginning to end, so that a soak's errors are those of the service."""

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from matcher.models import Filters
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import postings
from tests.bench import soak_load
from tests.bench.servers import served, wait_for
from tests.bench.soak_load import Pool, Way
from tests.support.hash_encoder import HashEncoder

pytestmark = pytest.mark.slow

SERVE = (sys.executable, "-m", "tests.support.hash_server", "serve")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Pool]]:
    """The port of a real service on the demo catalogue, and what there is to read."""
    home: Path = tmp_path_factory.mktemp("soak")
    service = Service(Settings(home=home), HashEncoder())
    service.seed("test")
    soak_load.enrol(service)
    addresses = {
        kind: [f"/{kind}s/{service.public_ids.of(kind, number)}" for number in numbers]
        for kind, numbers in (
            (kind, postings.ids(service.store.db, kind, Filters())) for kind in ("need", "achievement")
        )
    }
    service.close()
    pool = Pool(addresses["need"], addresses["need"], addresses["achievement"], ("防爆锂电池", "木材防霉"))
    with served(home, SERVE, MATCHER_WORKERS="1") as (port, process):
        wait_for(f"http://127.0.0.1:{port}/readyz", process)
        yield port, pool


@pytest.mark.parametrize(
    "way",
    [
        soak_load.visitor,
        soak_load.firm,
        soak_load.university,
        soak_load.deal,
        soak_load.broker,
        soak_load.administrator,
        soak_load.rude,
    ],
    ids=lambda way: way.__name__,
)
def test_a_client_reaches_its_end(place: tuple[int, Pool], way: Way) -> None:
    assert len(list(way(*place, random.Random(1)))) >= 5


def test_a_crowd_counts_what_goes_wrong_and_goes_on(place: tuple[int, Pool]) -> None:
    port, pool = place
    broken = pool._replace(needs=["/needs/none"], achievements=["/achievements/none"])
    crowd = soak_load.Crowd(port, broken, think=0.01)
    crowd.start()
    while crowd.tally.errors.total() < 3:
        time.sleep(0.05)
    crowd.stop()
    assert any("visitor: AssertionError" in error and "404" in error for error in crowd.tally.errors)
