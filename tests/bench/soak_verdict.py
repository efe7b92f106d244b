"""What a soak shows: whether memory stays flat once all is warm, and whether files, threads or processes leak. Pure."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# Wanted: whole memory no more than so much above where it was, from the warm-up to the end.
MOST_GROWTH_PER_CENT = 5.0
# A connection that was just closed may still be counted.
_MOST_MORE_FILES = 2


class Process(NamedTuple):
    """What one process held at one moment."""

    name: str
    pid: int
    megabytes: float
    own_megabytes: float
    files: int
    threads: int


class Sample(NamedTuple):
    """All processes at one moment, and the size of the store."""

    minute: float
    processes: tuple[Process, ...]
    store_megabytes: float

    @property
    def megabytes(self) -> float:
        """What all of them hold together, shared parts once."""
        return sum(each.megabytes for each in self.processes)

    @property
    def own_megabytes(self) -> float:
        """What of it no file backs: other programs of the machine do not move it."""
        return sum(each.own_megabytes for each in self.processes)


class Trend(NamedTuple):
    """A straight line through the samples: where it begins, and how far it rises until the end."""

    begins: float
    per_minute: float
    growth_per_cent: float


def trend(minutes: Sequence[float], values: Sequence[float]) -> Trend:
    """Return the line through three samples or more that lie closest to them."""
    slope, height = np.polyfit(minutes, values, 1)
    begins = float(height + slope * minutes[0])
    return Trend(begins, float(slope), float(100 * slope * (minutes[-1] - minutes[0]) / begins))


def trends(samples: Sequence[Sample]) -> dict[str, Trend]:
    """Return how memory went: all, what of all no file backs, and that of each process by its name."""
    minutes = [each.minute for each in samples]
    found = {
        "all": trend(minutes, [each.megabytes for each in samples]),
        "own": trend(minutes, [each.own_megabytes for each in samples]),
    }
    for number, process in enumerate(samples[0].processes):
        if all(len(each.processes) > number for each in samples):
            found[process.name] = trend(minutes, [each.processes[number].own_megabytes for each in samples])
    return found


def leaks(before: Sample, after: Sample) -> list[str]:
    """Return in words what a quiet service holds more of than it did when it was quiet before."""
    if [each.pid for each in before.processes] != [each.pid for each in after.processes]:
        return ["the processes are not those of the beginning"]
    found = []
    for old, new in zip(before.processes, after.processes, strict=True):
        if new.files > old.files + _MOST_MORE_FILES:
            found.append(f"{new.name}: {new.files} open files, {old.files} before")
        if new.threads > old.threads:
            found.append(f"{new.name}: {new.threads} threads, {old.threads} before")
    return found


def growth(values: Sequence[float]) -> float:
    """Return by how many per cent they grew: the median of the last third above that of the first third."""
    third = max(1, len(values) // 3)
    first, last = statistics.median(values[:third]), statistics.median(values[-third:])
    return 100 * (last / first - 1)
