"""Whether probabilities mean what they say, and where to draw the line. Pure.

`probabilities` (n,) hold 0-1, `relevant` (n,) true for a grade >= 2. A figure that is not defined is None.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Probabilities = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]
Spacing = Literal["width", "mass"]

BINS = 10
LEAST_PRECISION = 0.5
_GRID = tuple(step / 20 for step in range(1, 20))


class Bin(NamedTuple):
    """Rows of like probability: `share` of them are relevant, `mean` is what the probabilities promised."""

    low: float
    high: float
    rows: int
    mean: float
    share: float


class Point(NamedTuple):
    """What a threshold shows: `precision` of the rows at or above it, `coverage` of the relevant rows by them."""

    threshold: float
    shown: int
    precision: float | None
    coverage: float | None


class NoneTable(NamedTuple):
    """How many needs are told that nothing fits, and how many are shown something, rightly and wrongly."""

    none_rightly: int
    none_wrongly: int
    some_rightly: int
    some_wrongly: int


def brier(probabilities: Probabilities, relevant: Truth) -> float | None:
    """Return the mean squared distance of probability and truth (Brier 1950), 0-1, lower is better."""
    return float(np.mean((probabilities - relevant) ** 2)) if len(relevant) else None


def brier_skill(probabilities: Probabilities, relevant: Truth) -> float | None:
    """Return 1 - Brier / Brier of always saying the share of these very rows that is relevant.

    1 is perfect, 0 no better than that constant, which knows more than any constant could beforehand; None when all
    rows are alike.
    """
    found = brier(probabilities, relevant)
    if found is None or relevant.all() or not relevant.any():
        return None
    base = float(relevant.mean())
    return 1.0 - found / (base * (1.0 - base))


def reliability(probabilities: Probabilities, relevant: Truth, spacing: Spacing = "width") -> list[Bin]:
    """Return up to ten bins, the empty ones left out: of equal width, or of equal numbers of rows ("mass")."""
    order = np.argsort(probabilities, kind="stable")
    if spacing == "mass":
        parts = [part for part in np.array_split(order, BINS) if len(part)]
        return [_bin(part, probabilities, relevant) for part in parts]
    places = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    wide = [(place, np.flatnonzero(places == place)) for place in range(BINS)]
    return [
        _bin(part, probabilities, relevant)._replace(low=place / BINS, high=(place + 1) / BINS)
        for place, part in wide
        if len(part)
    ]


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Return the expected calibration error (Naeini et al. 2015): how far promise and truth lie apart, by rows."""
    rows = sum(each.rows for each in bins)
    return sum(each.rows * abs(each.mean - each.share) for each in bins) / rows if rows else None


def point(probabilities: Probabilities, relevant: Truth, threshold: float) -> Point:
    """Return what showing only the rows at or above `threshold` gives."""
    shown = probabilities >= threshold
    right = int((shown & relevant).sum())
    count, total = int(shown.sum()), int(relevant.sum())
    return Point(threshold, count, right / count if count else None, right / total if total else None)


def curve(probabilities: Probabilities, relevant: Truth) -> list[Point]:
    """Return the precision-coverage curve at thresholds 0.05, 0.10 … 0.95."""
    return [point(probabilities, relevant, threshold) for threshold in _GRID]


def best_point(probabilities: Probabilities, relevant: Truth, least: float = LEAST_PRECISION) -> Point | None:
    """Return the point of most coverage, then precision, whose precision is at least `least`; None without one."""
    if not relevant.any():
        return None
    from sklearn.metrics import precision_recall_curve

    precisions, coverages, thresholds = precision_recall_curve(relevant, probabilities)
    # The curve ends in a point of its own that no threshold stands for.
    points = zip(coverages[:-1], precisions[:-1], thresholds, strict=True)
    best = max((each for each in points if each[1] >= least), default=None)
    return point(probabilities, relevant, float(best[2])) if best else None


def auc(scores: Sequence[float], truth: Sequence[bool]) -> float | None:
    """Return how often a true case scores higher than a false one (0-1, ties count half); None without both."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truth, scores)) if len(set(truth)) == 2 else None


def none_table(best: Sequence[float], answerable: Sequence[bool], threshold: float) -> NoneTable:
    """Return how often "none" is said rightly and wrongly, when it is said below `threshold`.

    `best` holds each need's highest probability, `answerable` whether anything relevant is known for it.
    """
    said = [(probability < threshold, can) for probability, can in zip(best, answerable, strict=True)]
    return NoneTable(
        none_rightly=said.count((True, False)),
        none_wrongly=said.count((True, True)),
        some_rightly=said.count((False, True)),
        some_wrongly=said.count((False, False)),
    )


def _bin(part: npt.NDArray[np.intp], probabilities: Probabilities, relevant: Truth) -> Bin:
    inside = probabilities[part]
    return Bin(float(inside.min()), float(inside.max()), len(part), float(inside.mean()), float(relevant[part].mean()))
