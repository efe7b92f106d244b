"""How sure a figure is: bootstrap intervals and paired tests over needs. Pure; the same input gives the same answer."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

T = TypeVar("T")

ROUNDS = 2000
_SIGN_ROUNDS = 10_000
_SEED = 20261124


class Interval(NamedTuple):
    """Where a figure lies with 95 % confidence."""

    low: float
    high: float


def interval(values: Sequence[float]) -> Interval:
    """Return the percentile bootstrap interval (Efron 1979) of the mean of `values`, one a need; zeros for none."""
    if not values:
        return Interval(0.0, 0.0)
    known = np.asarray(values, dtype=np.float64)
    drawn = np.random.default_rng(_SEED).integers(0, len(known), (ROUNDS, len(known)))
    return _middle(known[drawn].mean(axis=1).tolist())


def grouped_interval(groups: Sequence[T], figure: Callable[[Sequence[T]], float | None]) -> Interval | None:
    """Return the bootstrap interval of a figure of whole groups, such as the rows of each need.

    Draws on which the figure is not defined (None) are left out; None when there are no others.
    """
    chance = np.random.default_rng(_SEED)
    draws = (chance.integers(0, len(groups), len(groups)) for _ in range(ROUNDS if groups else 0))
    found = [figure([groups[place] for place in drawn]) for drawn in draws]
    known = [value for value in found if value is not None]
    return _middle(known) if known else None


def paired_p(differences: Sequence[float]) -> float:
    """Return how often chance alone, flipping the sign of each need's difference, moves the mean as far (0-1).

    A two-sided paired randomisation test (Smucker, Allan and Carterette 2007); 1 when nothing differs.
    """
    known = np.array([value for value in differences if value])
    signs = np.random.default_rng(_SEED).integers(0, 2, (_SIGN_ROUNDS, len(known)), dtype=np.int8)
    sums = np.abs((2.0 * signs - 1.0) @ known)
    # Sums in another order differ in the last digits; they are as far all the same.
    as_far = int((sums >= abs(known.sum()) - 1e-9).sum())
    return (1 + as_far) / (1 + _SIGN_ROUNDS)


def _middle(values: Sequence[float]) -> Interval:
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(float(low), float(high))
