"""An index of words that stays as it is, in memory or in mapped files, and a note of which of its rows still count."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.bm25 import Counts, Places, Posting
from index.errors import SnapshotError
from index.nearest import Ids
from index.snapshot_files import Facts, Writer, open_files, write_files
from index.word_key import word_key
from index.word_postings import Postings
from index.word_runs import Keys, WordRuns

_FORM = 1


@dataclass(frozen=True, eq=False)
class SealedWords:
    """Rows under ascending `ids` with their lengths, and the rows that hold each term, one term after another.

    The postings of the term that `keys[i]` stands for are `rows[starts[i]:starts[i + 1]]`, with `counts` beside them.
    Never changed in place: a search goes on with the one it began with.
    """

    ids: Ids
    lengths: Counts
    weighted: Counts
    keys: Keys
    starts: Ids
    rows: Places
    counts: Counts
    gone: Ids

    @classmethod
    def of(cls, runs: WordRuns) -> "SealedWords":
        """Return what was collected, in memory. Raises: OSError."""
        rows = np.concatenate([np.zeros(0, dtype=np.int32), *runs.rows()])
        counts = np.concatenate([np.zeros(0, dtype=np.uint8), *runs.counts()])
        return cls(runs.ids(), *runs.lengths(), *runs.vocabulary, rows, counts, np.zeros(0, dtype=np.int64))

    @classmethod
    def mapped(cls, path: Path) -> tuple["SealedWords", Facts]:
        """Return what `write_words` wrote, postings mapped into memory, and its facts. Raises: SnapshotError."""
        facts, files = open_files(path)
        try:
            if facts["form"] != _FORM:
                raise SnapshotError(f"the snapshot {path} has another form; rebuild from the store")
            lengths, weighted = _read(files["lengths"], np.int32), _read(files["weighted"], np.int32)
            keys, starts = _map(files["keys"], np.uint64), _map(files["starts"], np.int64)
            rows, counts = _map(files["rows"], np.int32), _map(files["counts"], facts["counts"])
            ids = _read(files["ids"], np.int64)
        except (OSError, ValueError, KeyError) as error:
            # Found whole a moment ago: another process has put a newer snapshot in its place.
            raise SnapshotError(f"no snapshot at {path} any more: {error}; rebuild from the store") from error
        return cls(ids, lengths, weighted, keys, starts, rows, counts, np.zeros(0, dtype=np.int64)), facts

    def __len__(self) -> int:
        return len(self.ids) - len(self.gone)

    @cached_property
    def terms(self) -> int:
        """How many terms the rows have together, repeats counted."""
        return int(self.lengths.sum(dtype=np.int64) - self.lengths[self.gone].sum(dtype=np.int64))

    def find(self, wanted: Ids) -> Ids:
        """Return the place of each of `wanted`, int64 (n,), -1 where there is none."""
        if not len(self.ids):
            return np.full(len(wanted), -1)
        at = np.searchsorted(self.ids, wanted).clip(max=len(self.ids) - 1)
        return np.where(self.ids[at] == wanted, at, -1)

    def without(self, ids: Sequence[int]) -> "SealedWords":
        """Return the same less `ids`; unknown ones are passed over."""
        places = self.find(np.array(ids, dtype=np.int64))
        return replace(self, gone=np.union1d(self.gone, places[places >= 0]))

    def postings(self, terms: Collection[str]) -> Postings:
        """Return what the rows hold of `terms`."""
        names = list(terms)
        keys = np.fromiter(map(word_key, names), dtype=np.uint64, count=len(names))
        at = np.searchsorted(self.keys, keys).clip(max=max(0, len(self.keys) - 1))
        known = np.flatnonzero(self.keys[at] == keys) if len(self.keys) else at[:0]
        bounds = zip(self.starts[at[known]].tolist(), self.starts[at[known] + 1].tolist(), strict=True)
        found = {
            names[place]: Posting(self.rows[first:end], self.counts[first:end])
            for place, (first, end) in zip(known, bounds, strict=True)
        }
        return Postings(self.ids, self.lengths, self.weighted, self.gone, found, self.find)


def write_words(runs: WordRuns, path: Path, facts: Facts) -> None:
    """Write a snapshot of what was collected, described with `facts` at `path`, holding little of it in memory.

    A crash at any point leaves the old snapshot or the new one. One writer at a time. Raises: OSError.
    """
    lengths, weighted = runs.lengths()
    keys, starts = runs.vocabulary
    writers: dict[str, Writer] = {
        "ids": runs.ids().tofile,
        "lengths": lengths.tofile,
        "weighted": weighted.tofile,
        "keys": keys.tofile,
        "starts": starts.tofile,
        "rows": partial(_write, runs.rows),
        "counts": partial(_write, runs.counts),
    }
    write_files(path, {**facts, "form": _FORM, "counts": runs.counted_in.str}, writers)


def _write(pieces: Callable[[], Iterator[npt.NDArray[Any]]], file: Path) -> None:
    with file.open("wb") as opened:
        for piece in pieces():
            opened.write(piece.data)


def _read(file: Path, kind: npt.DTypeLike) -> npt.NDArray[Any]:
    return np.fromfile(file, dtype=kind)


def _map(file: Path, kind: npt.DTypeLike) -> npt.NDArray[Any]:
    if not file.stat().st_size:
        return np.zeros(0, dtype=kind)
    return np.asarray(np.memmap(file, dtype=kind, mode="r"))
