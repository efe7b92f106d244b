"""What a soak is judged by: a line through what was held, and what a quiet service holds more than before."""

import pytest

from tests.bench.soak_verdict import Process, Sample, growth, leaks, trend, trends


def sample(minute: float, *megabytes: float, files: int = 20, threads: int = 6, first_pid: int = 100) -> Sample:
    processes = tuple(
        Process(f"worker {number}", first_pid + number, held + 50, held, files, threads)
        for number, held in enumerate(megabytes)
    )
    return Sample(minute, processes, 10.0)


def test_a_line_is_told_by_its_beginning_and_its_rise() -> None:
    begins, per_minute, per_cent = trend([5, 6, 7, 8], [100, 101, 102, 103])
    assert (begins, per_minute, per_cent) == pytest.approx((100, 1, 3))


def test_memory_is_followed_of_each_process_and_of_all() -> None:
    found = trends([sample(minute, 100 + 10 * minute, 200) for minute in range(4)])
    assert [round(each.growth_per_cent, 3) for each in found.values()] == [7.5, 10, 30, 0]


def test_growth_compares_thirds_so_that_one_high_moment_does_not_count() -> None:
    held = [100, 100, 300, 100, 100, 100, 110, 110, 110]
    assert growth(held) == pytest.approx(10)


def test_what_a_quiet_service_holds_more_is_a_leak() -> None:
    before = sample(5, 100, 100)
    assert leaks(before, sample(30, 500, 500, files=22)) == []
    assert leaks(before, sample(30, 100, files=23)) == ["the processes are not those of the beginning"]
    assert leaks(before, sample(30, 100, 100, first_pid=200)) == ["the processes are not those of the beginning"]
    assert leaks(before, sample(30, 100, 100, files=23)) == [
        "worker 0: 23 open files, 20 before",
        "worker 1: 23 open files, 20 before",
    ]
    assert leaks(before, sample(30, 100, 100, threads=7))[0] == "worker 0: 7 threads, 6 before"
