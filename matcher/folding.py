"""Near-duplicates among ranked records become one row. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from index.segment import fold
from matcher.documents import reading_text
from matcher.models import Record

LEAST_LIKENESS = 0.8
_SHINGLE = 3
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class _Leader:
    """A row's record and what others are compared with; `others` are the places of those folded into it."""

    place: int
    record: Record
    text: str
    others: list[int]

    @cached_property
    def shingles(self) -> frozenset[str]:
        """Cut when they are first asked for: most records of a list come from sources of their own."""
        return _shingles(self.text)


def fold_places(ranked: Sequence[Record], most: int) -> list[tuple[int, tuple[int, ...]]]:
    """Return at most `most` rows of records ranked best first, as places: each row's best and its near-duplicates.

    Two records are near-duplicates when their texts are the same, or when they come from one organisation or team
    and their texts are nearly the same. Each record joins the best row it duplicates, so no two rows duplicate
    each other; a record beyond the last row is left out.
    """
    leaders: list[_Leader] = []
    by_text: dict[str, _Leader] = {}
    for place, record in enumerate(ranked):
        text = _plain(record)
        found = [each for each in (by_text.get(text), _near(record, text, leaders)) if each is not None]
        if found:
            # The better of the two rows: else what a record joins would hang on how many rows there may be.
            min(found, key=lambda each: each.place).others.append(place)
        elif len(leaders) < most:
            leaders.append(_Leader(place, record, text, []))
            by_text[text] = leaders[-1]
    return [(leader.place, tuple(leader.others)) for leader in leaders]


def are_near(one: Record, other: Record) -> bool:
    """True when the two are near-duplicates; the order does not matter."""
    text, others = _plain(one), _plain(other)
    if text == others:
        return True
    return _same_source(one, other) and _likeness(_shingles(text), _shingles(others)) >= LEAST_LIKENESS


def share_within(text: str, record: Record) -> float:
    """Return how much of the shorter of a text and a record stands in the other, 0-1."""
    one, other = _shingles(_BETWEEN.sub("", fold(text))), _shingles(_plain(record))
    return len(one & other) / min(len(one), len(other))


def _near(record: Record, text: str, leaders: Sequence[_Leader]) -> _Leader | None:
    akin = [leader for leader in leaders if _same_source(record, leader.record)]
    if not akin:
        return None
    shingles = _shingles(text)
    return next((leader for leader in akin if _likeness(shingles, leader.shingles) >= LEAST_LIKENESS), None)


def _same_source(one: Record, other: Record) -> bool:
    if one.organisation and one.organisation == other.organisation:
        return True
    team = getattr(one, "team", "")
    return bool(team) and team == getattr(other, "team", "")


def _plain(record: Record) -> str:
    """Return the letters, digits and Chinese characters of a record, forms and case made alike."""
    return _BETWEEN.sub("", fold(reading_text(record)))


def _shingles(text: str) -> frozenset[str]:
    return frozenset(text[start : start + _SHINGLE] for start in range(max(1, len(text) - _SHINGLE + 1)))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Jaccard likeness (0-1) of two sets of shingles (Broder 1997)."""
    return len(one & other) / len(one | other)
