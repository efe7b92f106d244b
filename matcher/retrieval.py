"""Query to ranked candidates: dense and lexical pools, filtered before the cut, fused into one order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.centre import Matrix
from index.fusion import Scores, fused
from index.vector_index import VectorIndex
from matcher.lexical import LexicalQuery
from matcher.models import Candidate

# Chosen on the development judgments; docs/evaluation.md has the table.
DENSE_WEIGHT = 1.0
LEXICAL_WEIGHT = 0.6
POOL = 100


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: a centred unit vector (dim,) and how often each term counts."""

    vector: Matrix
    terms: Counter[str]


def retrieve(
    dense: VectorIndex, words: LexicalQuery, vector: Matrix, k: int, allowed: Sequence[int] | None = None
) -> list[Candidate]:
    """Return the `k` best published records for a centred unit `vector` (dim,) and `words`, best first, ties by id.

    `allowed` (None for all) restricts both pools before they are cut, so a filter leaves min(k, matching)
    answers. Both scores of every candidate are its own, whichever pool it came from.
    """
    pool = max(k, POOL)
    found = {*dense.search(vector, pool, allowed).ids.tolist(), *(item_id for item_id, _ in words.best(pool, allowed))}
    known, cosines = dense.scores(vector, sorted(found))
    ids, dense_scores = known.tolist(), cosines.astype(np.float64)
    lexical = words.scores(ids)
    lexical_scores = np.array([lexical.get(item_id, 0.0) for item_id in ids])
    return _ranked(ids, dense_scores, lexical_scores)[:k]


def _ranked(ids: list[int], dense_scores: Scores, lexical_scores: Scores) -> list[Candidate]:
    if not ids:
        return []
    scores = fused([dense_scores, lexical_scores], [DENSE_WEIGHT, LEXICAL_WEIGHT])
    reach = float(np.ptp(scores)) or 1.0
    relative = np.rint(100 * (scores - scores.min()) / reach).astype(int)
    return [
        Candidate(
            item_id=ids[place],
            score=float(scores[place]),
            dense_score=float(dense_scores[place]),
            lexical_score=float(lexical_scores[place]),
            relative=int(relative[place]) if len(ids) > 1 else 100,
        )
        for place in np.lexsort((np.array(ids), -scores))
    ]
