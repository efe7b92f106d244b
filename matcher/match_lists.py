"""Ranked rows of a record, kept until the store changes: a page that is opened again is not ranked again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from matcher.models import Candidate, Filters, Kind
from matcher.remembered import Remembered
from matcher.store import Store

# A list of ten rows takes some ten kilobytes.
_MOST_LISTS = 2_000


class Asked(NamedTuple):
    """What a list depends on beside the store: the record, the filters, how many rows, and the ranker."""

    kind: Kind
    item_id: int
    filters: Filters
    k: int
    ranker_version: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The best first, each with its near-duplicates behind it; and what dropping each filter would gain.

    It holds no record: what somebody may read of them is decided anew each time.
    """

    rows: tuple[tuple[Candidate, ...], ...]
    gains: dict[str, int]


class MatchLists:
    """Lists of one revision of the store. `tell` hears of each whether it was `computed` or `kept`."""

    def __init__(self, store: Store) -> None:
        self._lists: Remembered[Asked, Rows] = Remembered(store, _MOST_LISTS)
        self.tell: Callable[[str], object] = lambda source: None

    def get(self, asked: Asked, compute: Callable[[], Rows]) -> Rows:
        """Return the list, computed unless it is kept."""
        found, was_known = self._lists.get(asked, compute)
        self.tell("kept" if was_known else "computed")
        return found
