"""Query to ranked candidates: dense and lexical pools, filtered before the cut, fused into one order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from index.centre import Matrix
from index.dense import DenseIndex
from index.fusion import Scores, fused
from matcher.models import Candidate, Kind
from matcher.store import Database, search_terms
from matcher.telling import telling, term_weight

# Chosen on the development judgments; docs/evaluation.md has the table.
DENSE_WEIGHT = 1.0
LEXICAL_WEIGHT = 0.6
POOL = 100
_SCORED = 2000


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: a centred unit vector (dim,) and how often each term counts."""

    vector: Matrix
    terms: Counter[str]


def retrieve(
    db: Database, dense: DenseIndex, kind: Kind, query: Query, k: int, allowed: Sequence[int] | None = None
) -> list[Candidate]:
    """Return the `k` best published records of `kind`, best first, ties by id.

    `allowed` (None for all) restricts both pools before they are cut, so a filter leaves min(k, matching)
    answers. Both scores of every candidate are its own, whichever pool it came from; only a candidate beyond
    the first 2,000 of the lexical ranking is given the lexical score of the 2,000th.
    """
    pool = max(k, POOL)
    dense_hits = dense.search(query.vector, pool, allowed)
    found = search_terms.best(db, kind, telling_terms(db, kind, query.terms), max(pool, _SCORED), allowed)
    lexical = {item_id: score for item_id, score in found if item_id in dense}
    known, cosines = dense.scores(query.vector, sorted({*islice(lexical, pool), *map(int, dense_hits.ids)}))
    ids, dense_scores = known.tolist(), cosines.astype(np.float64)
    floor = found[-1][1] if len(found) >= _SCORED else 0.0
    lexical_scores = np.array([lexical.get(item_id, floor) for item_id in ids])
    return _ranked(ids, dense_scores, lexical_scores)[:k]


def telling_terms(db: Database, kind: Kind, asked: Counter[str]) -> dict[str, int]:
    """Return the terms of a query that tell most among the records of `kind`, with their counts."""
    frequencies = search_terms.document_frequencies(db, kind, list(asked))
    total = search_terms.count(db, kind)
    return telling(asked, {term: term_weight(count, total) for term, count in frequencies.items()})


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
