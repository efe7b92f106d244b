"""Two rankers on the same judgments, of needs that the newer one has not seen. Pure."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

from matcher import metrics
from matcher.ranking import Judgments, Ranker

Mask = npt.NDArray[np.bool_]

# One need in five is held back.
SHARE = 5
# Chance moves the mean over the held-back pairs by half of this, and the ranker in force may have learned from them.
LOG_LOSS_TOLERANCE = 0.02
# Here too: chance moves the mean over the dozen held-back needs that people judged by half of this.
NDCG_TOLERANCE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How a ranker does on judgments: `log_loss` (nats a pair, lower is better), `ndcg` at 10 (0-1, higher is)."""

    log_loss: float
    ndcg: float


def held_back(groups: npt.NDArray[np.int64]) -> Mask:
    """Return bool (n,): which pairs belong to a need that is held back; always the same needs."""
    unique, places = np.unique(groups, return_inverse=True)
    held: Mask = np.array([crc32(str(group).encode()) % SHARE == 0 for group in unique.tolist()], dtype=np.bool_)
    return held[places]


def figures(ranker: Ranker, judgments: Judgments) -> Figures:
    """Return how the ranker does on the judgments; nDCG is the mean over needs with any grade >= 1, 0 without one."""
    odds = ranker.log_odds(judgments.features)
    wanted = judgments.grades >= metrics.RELEVANT
    # ln(1 + exp(-x)) of the odds on what was judged, without overflow.
    losses = np.logaddexp(0.0, np.where(wanted, -odds, odds))
    gains = [
        metrics.ndcg(ranked, grades)
        for group in np.unique(judgments.groups)
        for ranked, grades in [_list_of(judgments.groups == group, odds, judgments.grades)]
        if any(grades.values())
    ]
    return Figures(
        log_loss=round(float(np.average(losses, weights=judgments.weights)), 4) if len(losses) else 0.0,
        ndcg=round(float(np.mean(gains)), 4) if gains else 0.0,
    )


def worse(before: Figures, after: Figures) -> str:
    """Return by how much `after` is worse than `before`, for people; empty when it is not, beyond the tolerances."""
    found = []
    if after.log_loss > before.log_loss + LOG_LOSS_TOLERANCE:
        change = after.log_loss - before.log_loss
        found.append(f"对数损失从 {before.log_loss:.3f} 升到 {after.log_loss:.3f}（差了 {change:.3f}）")
    if after.ndcg < before.ndcg - NDCG_TOLERANCE:
        change = before.ndcg - after.ndcg
        found.append(f"nDCG@10 从 {before.ndcg:.3f} 降到 {after.ndcg:.3f}（差了 {change:.3f}）")
    return "，".join(found)


def _list_of(
    mask: Mask, odds: npt.NDArray[np.float64], grades: npt.NDArray[np.int64]
) -> tuple[list[str], dict[str, int]]:
    """Return the pairs of one need, best first, and their grades; each judgment stands for itself."""
    places = np.flatnonzero(mask)
    ranked = places[np.lexsort((places, -odds[places]))]
    return [str(place) for place in ranked], {str(place): int(grades[place]) for place in places}
