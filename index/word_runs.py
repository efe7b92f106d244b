"""Postings of any number of rows, sorted by term in bounded memory: block by block into a file, then merged."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from index.bm25 import Counts
from index.nearest import Ids
from index.word_key import word_key

# A text: its id, the terms of its title and those of its body.
Text = tuple[int, Sequence[str], Sequence[str]]
Keys = npt.NDArray[np.uint64]

_MERGED_AT_ONCE = 4_000_000
# A text of more repeats of one term is scored as one of so many.
_MOST_COUNTED = np.iinfo(np.uint16).max


class _Run(NamedTuple):
    """Where the postings of one block stand in the file: of each of its terms so many, one after another."""

    keys: Keys
    sizes: npt.NDArray[np.int32]
    rows_at: int
    counts_at: int


class _Numbers(dict[str, int]):
    """Numbers of terms in the order in which they are met."""

    def __missing__(self, term: str) -> int:
        self[term] = len(self)
        return self[term]


class WordRuns:
    """Collects texts in ascending order of their ids, in blocks; rows are numbered as they come."""

    def __init__(self, file: IO[bytes], check: Callable[[], None] = lambda: None) -> None:
        """The `file`, open for writing and reading, takes 6 bytes for each term of each text.

        `check` is called before each long step, and may raise to stop it.
        """
        self._file = file
        self._check = check
        self._runs: list[_Run] = []
        self._columns: list[tuple[Ids, npt.NDArray[np.int32], npt.NDArray[np.int32]]] = []
        self._most = 0
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def add(self, texts: Iterable[Text]) -> None:
        """Take a block of texts; each may be cut as it is asked for. Raises: OSError."""
        self._check()
        numbers, codes = _Numbers(), array("i")
        ids, lengths, titles = array("q"), array("i"), array("i")
        for item_id, title, body in texts:
            ids.append(item_id)
            lengths.append(len(title) + len(body))
            titles.append(len(title))
            for terms in (title, title, body):
                codes.extend(map(numbers.__getitem__, terms))
        plain = np.array(lengths, dtype=np.int32)
        weighted = plain + np.array(titles, dtype=np.int32)
        self._columns.append((np.array(ids, dtype=np.int64), plain, weighted))
        keys = np.fromiter(map(word_key, numbers), dtype=np.uint64, count=len(numbers))
        self._sort(keys, np.array(codes, dtype=np.int32), weighted)

    def _sort(self, keys: Keys, codes: npt.NDArray[np.int32], sizes: npt.NDArray[np.int32]) -> None:
        """Write the postings of rows that hold so many of `codes` each, in the order of terms, then of rows."""
        order, count = np.argsort(keys), max(1, len(sizes))
        rank = np.empty(len(keys), dtype=np.int64)
        rank[order] = np.arange(len(keys))
        pairs = rank[codes]
        pairs *= count
        pairs += np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        pairs.sort()
        firsts = np.flatnonzero(np.diff(pairs, prepend=-1))
        counts, pairs = np.diff(firsts, append=len(pairs)), pairs[firsts]
        self._most = max(self._most, int(counts.max(initial=0)))
        held = np.bincount(pairs // count, minlength=len(keys)).astype(np.int32)
        pairs %= count
        pairs += self._rows
        rows_at = self._append(pairs.astype(np.int32))
        self._runs.append(
            _Run(keys[order], held, rows_at, self._append(counts.clip(max=_MOST_COUNTED).astype(np.uint16)))
        )
        self._rows += len(sizes)

    def _append(self, values: npt.NDArray[Any]) -> int:
        at = self._file.seek(0, 2)
        self._file.write(values.tobytes())
        return at

    def ids(self) -> Ids:
        """Return the ids of all rows, int64 (n,)."""
        return np.concatenate([np.zeros(0, dtype=np.int64), *(ids for ids, _, _ in self._columns)])

    def lengths(self) -> tuple[Counts, Counts]:
        """Return how many terms each row has, and how many with those of its title counted twice, int32 (n,)."""
        none = np.zeros(0, dtype=np.int32)
        plain, weighted = ([none, *(columns[place] for columns in self._columns)] for place in (1, 2))
        return np.concatenate(plain), np.concatenate(weighted)

    @cached_property
    def vocabulary(self) -> tuple[Keys, Ids]:
        """All terms as numbers, ascending, and where the postings of each begin and the last end, (v + 1,).

        Taken when all texts are there.
        """
        keys = np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *(run.keys for run in self._runs)]))
        sizes = np.zeros(len(keys), dtype=np.int64)
        for run in self._runs:
            sizes[np.searchsorted(keys, run.keys)] += run.sizes
        return keys, np.concatenate([[0], np.cumsum(sizes)])

    def rows(self) -> Iterator[npt.NDArray[np.int32]]:
        """Yield the rows of all postings, term by term, in pieces. Raises: OSError."""
        return self._merged([run.rows_at for run in self._runs], np.dtype(np.int32))

    @property
    def counted_in(self) -> np.dtype[Any]:
        """As few bytes as the highest count needs."""
        return np.dtype(np.uint8 if self._most <= np.iinfo(np.uint8).max else np.uint16)

    def counts(self) -> Iterator[Counts]:
        """Yield how often each of `rows` holds its term, of the type `counted_in`. Raises: OSError."""
        pieces = self._merged([run.counts_at for run in self._runs], np.dtype(np.uint16))
        return (piece.astype(self.counted_in) for piece in pieces)

    def _merged(self, begins: Sequence[int], kind: np.dtype[Any]) -> Iterator[npt.NDArray[Any]]:
        """Yield the values that stand at `begins` for each run, in pieces of about as much as may be in memory."""
        keys, starts = self.vocabulary
        steps = np.searchsorted(starts, np.arange(0, starts[-1], _MERGED_AT_ONCE), side="right")[1:] - 1
        begins = list(begins)
        for low, high in pairwise(np.unique([0, *steps, len(keys)])):
            self._check()
            piece = np.empty(starts[high] - starts[low], dtype=kind)
            free = starts[low:high] - starts[low]
            for number, run in enumerate(self._runs):
                own = slice(
                    np.searchsorted(run.keys, keys[low]), np.searchsorted(run.keys, keys[high - 1], side="right")
                )
                sizes = run.sizes[own]
                terms = np.searchsorted(keys[low:high], run.keys[own])
                begun = np.cumsum(sizes) - sizes
                values = self._read(begins[number], int(sizes.sum()), kind)
                piece[np.repeat(free[terms] - begun, sizes) + np.arange(len(values))] = values
                free[terms] += sizes
                begins[number] += values.nbytes
            yield piece

    def _read(self, begin: int, count: int, kind: np.dtype[Any]) -> npt.NDArray[Any]:
        self._file.seek(begin)
        return np.frombuffer(self._file.read(count * kind.itemsize), dtype=kind)
