"""Hard negatives: achievements that look like the target of a need, by terms or by meaning, and are not it."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from index.centre import Matrix, centred
from matcher.documents import body_terms, bounded, title_terms
from matcher.models import Record

Places = npt.NDArray[np.int64]

_NEAREST = 30
_K1, _B = 1.2, 0.75


def nearest_by_terms(needs: Sequence[Record], achievements: Sequence[Record]) -> Places:
    """Return int64 (needs, 30): the places of the achievements of highest BM25, best first.

    BM25 of Robertson and Zaragoza 2009 (k1 1.2, b 0.75), title terms counted twice.
    """
    vocabulary: dict[str, int] = {}
    counts = _count([Counter(body_terms(each)) + _twice(title_terms(each)) for each in achievements], vocabulary, True)
    frequencies = np.bincount(counts.indices, minlength=len(vocabulary))
    rarity = np.log(1 + (len(achievements) - frequencies + 0.5) / (frequencies + 0.5))
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    cells = counts.tocoo()
    norm = _K1 * (1 - _B + _B * lengths[cells.row] / lengths.mean())
    weights = cells.data * (_K1 + 1) / (cells.data + norm) * rarity[cells.col]
    passages = sparse.csr_matrix((weights, (cells.row, cells.col)), shape=counts.shape)
    queries = _count([bounded(title_terms(each) + body_terms(each)) for each in needs], vocabulary, False)
    return _first((queries @ passages.T).toarray().astype(np.float32))


def nearest_by_meaning(needs: Matrix, achievements: Matrix) -> Places:
    """Return int64 (needs, 30): the places of the achievements nearest to each need, both sides centred."""
    return _first(centred(needs, needs.mean(axis=0)) @ centred(achievements, achievements.mean(axis=0)).T)


def _first(scores: Matrix) -> Places:
    return np.argsort(-scores, axis=1)[:, :_NEAREST]


def _twice(terms: list[str]) -> Counter[str]:
    return Counter(terms + terms)


def _count(texts: Sequence[Counter[str]], vocabulary: dict[str, int], grow: bool) -> sparse.csr_matrix:
    """Return how often each term of `vocabulary` stands in each text; unknown terms are added when it may `grow`."""
    rows, columns, values = [], [], []
    for row, counts in enumerate(texts):
        for term, times in counts.items():
            if grow:
                vocabulary.setdefault(term, len(vocabulary))
            if term in vocabulary:
                rows.append(row)
                columns.append(vocabulary[term])
                values.append(float(times))
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(texts), len(vocabulary)))
