"""Eight processes at one engagement: nothing that was done is lost, and whoever comes second is told so."""

import multiprocessing
from itertools import pairwise
from pathlib import Path

import pytest

from matcher.engagement import Progress
from matcher.errors import StaleEditError
from matcher.policy import Viewer
from matcher.service import Service
from matcher.settings import Settings
from tests.conftest import CHEAP_PASSWORDS
from tests.support.hash_encoder import HashEncoder
from tests.support.records import achievement, need

PROCESSES, ROUNDS = 8, 12
TOGETHER_SECONDS = 120
together = None

pytestmark = pytest.mark.slow


def opened(home: Path) -> Service:
    return Service(Settings(home=home, busy_timeout_ms=60_000, **CHEAP_PASSWORDS), HashEncoder())


def share(barrier: object) -> None:
    """Take the barrier at which all processes of the pool meet."""
    global together
    together = barrier


def work(home: Path, public_id: str, number: int) -> tuple[int, int]:
    """Read, judge, note and move, all of a round on what all have read at the same time; return kept and refused."""
    service, kept, refused = opened(home), 0, 0
    for round_number in range(ROUNDS):
        together.wait(TOGETHER_SECONDS)
        seen = service.engagements.get(public_id)
        together.wait(TOGETHER_SECONDS)
        service.matching.judge(seen.need_id, seen.achievement_id, 1 + round_number % 4, f"评判人{number}")
        service.engagements.note(public_id, f"{number}-{round_number}", False, f"经纪人{number}")
        wanted = Progress(
            state="agreed" if seen.state == "contacting" else "contacting",
            waits_for="enterprise",
            next_step=f"{number}-{round_number}",
        )
        try:
            service.engagements.bring_on(public_id, seen.version, wanted, "", f"经纪人{number}")
            kept += 1
        except StaleEditError:
            latest = service.engagements.get(public_id)
            assert latest.version > seen.version and latest.next_step != wanted.next_step
            refused += 1
    service.close()
    return kept, refused


def test_no_event_is_lost_and_every_conflict_is_told(home: Path) -> None:
    service = opened(home)
    sides = [service.postings.post(each, "测试").id for each in (need(), achievement())]
    public_id = service.engagements.start(*sides, Viewer(name="王")).public_id
    spawning = multiprocessing.get_context("spawn")
    with spawning.Pool(PROCESSES, share, (spawning.Barrier(PROCESSES),)) as pool:
        done = pool.starmap(work, [(home, public_id, number) for number in range(PROCESSES)], chunksize=1)
    kept, refused = (sum(column) for column in zip(*done, strict=True))
    found = service.engagements.get(public_id)
    events = service.engagements.history(found, True)
    by_action = {action: [each for each in events if each.action == action] for action in ("noted", "moved", "planned")}
    assert (kept, refused) == (ROUNDS, ROUNDS * (PROCESSES - 1))
    assert found.version == kept + 1
    assert {action: len(lines) for action, lines in by_action.items()} == {
        "noted": PROCESSES * ROUNDS,
        "moved": kept,
        "planned": kept,
    }
    assert [each.number for each in events] == list(range(len(events), 0, -1))
    texts = [each.note for each in by_action["noted"]]
    assert len(set(texts)) == PROCESSES * ROUNDS
    states = [each.changes["state"] for each in reversed(by_action["moved"])]
    assert all(earlier[1] == later[0] for earlier, later in pairwise(states))
    verdicts = service.store.db.execute("select count(*) from verdict").fetchone()[0]
    assert verdicts == PROCESSES * ROUNDS
    assert service.auditing.verify().broken_at is None
    service.close()
