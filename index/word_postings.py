"""The rows of one part of an index of words as they were at one moment, and what they hold of some terms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.bm25 import Counts, Posting, Scores, summed
from index.nearest import Ids

# Highest scores are looked for block by block: sorting a million of them would take longer than summing them.
_BLOCK = 256


@dataclass(frozen=True, eq=False)
class Postings:
    """Rows under `ids`, int64 (n,), and the postings of those asked terms that any of them holds.

    `lengths` (n,) are in terms, `weighted` (n,) count those of the title twice. Rows at the places `gone` do not count.
    """

    ids: Ids
    lengths: Counts
    weighted: Counts
    gone: Ids
    of: Mapping[str, Posting]
    find: Callable[[Ids], Ids]

    def best(self, weights: Mapping[str, float], usual: float, k: int, allowed: Ids | None) -> tuple[Ids, Scores]:
        """Return ids of the `k` best with their scores, in any order, and all that tie with the last of them."""
        held = [term for term in weights if term in self.of]
        if not held:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        scores = summed([self.of[term] for term in held], [weights[term] for term in held], self.lengths, usual)
        scores[self.gone] = 0
        if allowed is None:
            places = _near_the_top(scores, k)
            return self.ids[places], scores[places]
        wanted = self.find(np.unique(allowed))
        wanted = wanted[wanted >= 0]
        places = wanted[_near_the_top(scores[wanted], k)]
        return self.ids[places], scores[places]

    def held(self, ids: Ids) -> Ids:
        """Return the place of each of `ids`, int64 (n,), -1 where it is not held."""
        places = self.find(ids)
        return np.where(np.isin(places, self.gone), -1, places) if len(self.gone) else places

    def counts(self, terms: Sequence[str], places: Ids) -> Counts:
        """Return how often each row at `places` (n,) holds each of `terms` (t,), int32 (t, n)."""
        found = np.zeros((len(terms), len(places)), dtype=np.int32)
        for number, term in enumerate(terms):
            posting = self.of.get(term)
            if posting is not None:
                at, stands = _stand(posting, places)
                found[number] = np.where(stands, posting.counts[at], 0)
        return found

    def frequency(self, term: str) -> int:
        """Return how many rows that count hold a term."""
        posting = self.of[term]
        gone = np.count_nonzero(_stand(posting, self.gone)[1]) if len(self.gone) else 0
        return len(posting.rows) - int(gone)


def _stand(posting: Posting, places: Ids) -> tuple[Ids, npt.NDArray[np.bool_]]:
    """Return where in a posting each of the rows `places` (n,) would stand, and which of them do."""
    # Places of the type of the rows: else all rows would be copied to the wider one.
    at = np.searchsorted(posting.rows, places.astype(np.int32)).clip(max=len(posting.rows) - 1)
    return at, posting.rows[at] == places


def _near_the_top(scores: Scores, k: int) -> Ids:
    """Return the places of the `k` highest scores above 0 and of all that tie with the last of them."""
    blocks = len(scores) // _BLOCK
    least = 0.0
    if blocks >= k > 0:
        least = _kth(scores[: blocks * _BLOCK].reshape(blocks, _BLOCK).max(axis=1), k)
    places = np.flatnonzero((scores >= least) & (scores > 0))
    if len(places) > k > 0:
        places = places[scores[places] >= _kth(scores[places], k)]
    return places


def _kth(scores: Scores, k: int) -> float:
    return float(np.partition(scores, len(scores) - k)[len(scores) - k])
