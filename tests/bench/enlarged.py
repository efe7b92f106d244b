"""Many vectors made from a few real ones, so that recall is not flattered by clean clusters."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.centre import centred
from matcher.evaluation import stocked
from matcher.models import Kind
from matcher.settings import Settings
from matcher.store import embeddings

Matrix = npt.NDArray[np.float32]

_BLOCK = 50_000


def real_vectors(achievements: Path, needs: Path, cache: Path) -> tuple[Matrix, Matrix]:
    """Return the centred unit vectors of real achievements and of the needs that ask for them."""
    files: dict[Kind, Path] = {"achievement": achievements, "need": needs}
    with stocked(Settings(), files, cache) as service:
        db, model_id = service.store.db, service.engine.model_id()
        found = []
        for kind in files:
            live = service.engine.live(kind)
            found.append(centred(embeddings.published(db, kind, model_id, live.dense.dim)[1], live.mean()))
        return found[0], found[1]


def enlarged(real: Matrix, count: int, noise: float, seed: int = 1) -> Matrix:
    """Return `count` unit vectors: each near one of `real`, drawn towards a second one, and off by `noise`.

    `noise` is the length of the random part beside a mixture of length 1 at most: with 1 it weighs more than the rest.
    """
    chance, dim = np.random.default_rng(seed), real.shape[1]
    rows = np.empty((count, dim), dtype=np.float32)
    for start in range(0, count, _BLOCK):
        size = min(_BLOCK, count - start)
        one, other = (real[chance.integers(0, len(real), size)] for _ in range(2))
        share = chance.uniform(0.5, 1, (size, 1)).astype(np.float32)
        made = share * one + (1 - share) * other
        made += noise / np.sqrt(dim) * chance.standard_normal((size, dim), dtype=np.float32)
        rows[start : start + size] = made / np.linalg.norm(made, axis=1, keepdims=True)
    return rows
