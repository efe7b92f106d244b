"""Filing by real processes at once: numbers without gap or double."""

import subprocess
import sys
from pathlib import Path

import pytest

from matcher.service import Service
from tests.conftest import OpenService
from tests.support.cooperations import complete

ROOT = Path(__file__).parents[2]
PROCESSES, RECORDS = 8, 500

pytestmark = pytest.mark.slow


def start(home: Path, first: int) -> "subprocess.Popen[str]":
    """Start a process that files every record it can lay hands on, beginning at `first`."""
    command = [sys.executable, "-m", "tests.support.filing_process", str(home), str(first), str(RECORDS)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def submitted(service: Service) -> None:
    for number in range(RECORDS):
        stored = service.cooperations.record(complete(region=("341500", "340100")[number % 2]), "李")
        service.cooperations.move(stored.id, "submitted", "李")


def test_numbers_have_no_gap_and_no_double(open_service: OpenService, home: Path) -> None:
    service = open_service()
    submitted(service)
    running = [start(home, number * RECORDS // PROCESSES) for number in range(PROCESSES)]
    answers = [process.communicate(timeout=600) for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES, answers
    # Every process tried every record: each was filed by exactly one of them.
    filed = [int(line) for out, _ in answers for line in out.split()]
    assert sorted(filed) == list(range(1, RECORDS + 1))
    stored = [service.cooperations.get(number) for number in filed]
    assert len({each.filing_number for each in stored}) == RECORDS
    for region in ("341500", "340100"):
        numbers = sorted(each.filing_number for each in stored if each.region == region)
        assert [number[-4:] for number in numbers] == [f"{place:04d}" for place in range(1, RECORDS // 2 + 1)]
    actions = [service.cooperations.history(number)[0].action for number in filed]
    assert actions == ["filed"] * RECORDS
