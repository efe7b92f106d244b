"""Which terms of a long text tell most of what is asked. Pure."""

import math
from collections.abc import Mapping

_MOST_TERMS = 64


def term_weight(document_frequency: int, total: int) -> float:
    """Return how telling a term is: ln(1 + total / document_frequency), above 0, rarer is higher."""
    return math.log(1 + total / max(1, document_frequency))


def telling(asked: Mapping[str, int], rarity: Mapping[str, float]) -> dict[str, int]:
    """Return the 64 terms that tell most (rarity × count), with their counts; terms without a rarity go.

    A long need holds hundreds of terms, most of them in half of all records: they cost time and decide nothing.
    """
    weights = {term: times * rarity[term] for term, times in asked.items() if term in rarity}
    kept = sorted(weights, key=lambda term: (-weights[term], term))[:_MOST_TERMS]
    return {term: asked[term] for term in kept}


def affordable(terms: Mapping[str, float], frequencies: Mapping[str, float], most: float) -> list[str]:
    """Return those of `terms` (term → how telling) that together stand in at most `most` records, repeats counted.

    The most telling are taken first; one that does not fit any more is passed over.
    """
    taken, left = [], most
    for term in sorted(terms, key=lambda term: (-terms[term], term)):
        if frequencies[term] <= left:
            taken.append(term)
            left -= frequencies[term]
    return taken
