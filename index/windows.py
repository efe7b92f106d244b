"""Long texts as windows of tokens: how they are cut, batched and made one vector again; pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Window(NamedTuple):
    """A run of content tokens of one text (its place in the input), special tokens left out."""

    text: int
    token_ids: Sequence[int]

    @property
    def weight(self) -> int:
        """Share of the window in its text's mean: its content tokens, at least 1."""
        return max(len(self.token_ids), 1)


def split_windows(texts: Sequence[Sequence[int]], size: int) -> list[Window]:
    """Return the windows of all texts in order, of up to `size` tokens each, without overlap.

    A text of no tokens gives one empty window, so every text has a vector.
    """
    return [
        Window(place, token_ids[start : start + size])
        for place, token_ids in enumerate(texts)
        for start in range(0, max(len(token_ids), 1), size)
    ]


def group_batches(windows: Sequence[Window], token_budget: int) -> Iterator[list[Window]]:
    """Yield batches of windows of like length, longest first; each window is in one batch.

    A batch padded to its longest window holds at most `token_budget` tokens, or one window.
    """
    ordered = sorted(windows, key=lambda window: -len(window.token_ids))
    start = 0
    while start < len(ordered):
        size = max(token_budget // ordered[start].weight, 1)
        yield ordered[start : start + size]
        start += size


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return float32 (n, dim) rows of L2 norm 1; a row of zeros stays so."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    rows: NDArray[np.float32] = vectors / np.maximum(norms, np.finfo(np.float32).tiny)
    return rows
