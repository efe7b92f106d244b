"""Features of a pair to the probability that a broker would judge it 较强相关 or better, and to a level."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matcher.errors import RankerError
from matcher.features import FEATURES, NAMES, Matrix
from matcher.metrics import RELEVANT
from matcher.models import Level

Scores = npt.NDArray[np.float64]

DEFAULT_THRESHOLDS: dict[Level, float] = {4: 0.45, 3: 0.25, 2: 0.08}
# Log-odds a unit of a fact is worth before judgments say otherwise; docs/ranking.md has the reasons.
PRIOR_WEIGHTS = {
    "field_agreement": 0.3,
    "maturity_gap": 0.2,
    "region_closeness": 0.3,
    "mode_fit": 0.2,
    "budget_fit": 0.2,
    "freshness": 0.3,
}
_STRENGTH = 1.0
_NO_PENALTY = 1e6
_LEAST_KNOWN = 50


class Judgments(NamedTuple):
    """Pairs to learn from: features (n, F), grades 0-3 (n,), the need each belongs to (n,), how much each counts (n,).

    `judged` (n,) is true where a person gave the grade, reading both texts; the others are what a need's pool holds
    besides, taken for unrelated, and needs written for one achievement.
    """

    features: Matrix
    grades: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    weights: Scores
    judged: npt.NDArray[np.bool_]

    def at(self, chosen: npt.NDArray[Any]) -> "Judgments":
        """Return the pairs that a mask or places choose."""
        return Judgments(*(part[chosen] for part in self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranker:
    """A logistic model over the features of a pair.

    `reference` holds the value of each feature from which its contribution is counted, `thresholds` the least
    probability of levels 4, 3 and 2 (that of level 3 is the working point), `facts` where it comes from.
    """

    version: str
    model_id: str
    features: tuple[str, ...]
    coefficients: tuple[float, ...]
    reference: tuple[float, ...]
    intercept: float
    thresholds: dict[Level, float]
    facts: dict[str, Any] = field(default_factory=dict)

    def contributions(self, features: Matrix) -> Matrix:
        """Return float64 (n, F): what each feature adds to the log-odds, exactly; with `base` they sum up."""
        parts: Matrix = (features - np.array(self.reference)) * np.array(self.coefficients)
        return parts

    @property
    def base(self) -> float:
        """The log-odds of a pair whose features all have their reference values."""
        return self.intercept + float(np.dot(self.reference, self.coefficients))

    def log_odds(self, features: Matrix) -> Scores:
        """Return float64 (n,): ln(p / (1 - p)) of each pair, any size, higher is better."""
        odds: Scores = features @ np.array(self.coefficients) + self.intercept
        return odds

    def probabilities(self, features: Matrix) -> Scores:
        """Return float64 (n,), 0-1: how likely a broker would judge each pair 较强相关 or better."""
        return probability(self.log_odds(features))

    def level(self, probability: float) -> Level:
        """Return the level that the probability stands for."""
        levels: tuple[Level, ...] = (4, 3, 2)
        return next((level for level in levels if probability >= self.thresholds[level]), 1)


def probability(log_odds: Scores) -> Scores:
    """Return 1 / (1 + exp(-log_odds)), each 0-1."""
    shares: Scores = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -40.0, 40.0)))
    return shares


def fit(
    judgments: Judgments,
    version: str,
    model_id: str,
    leave_out: Sequence[str] = (),
    thresholds: Mapping[Level, float] = DEFAULT_THRESHOLDS,
) -> Ranker:
    """Return a ranker fitted to the pairs: logistic regression, L2, on standardised features.

    Then the log-odds are stretched and moved, by need where its features say so, to fit the pairs that people judged
    (Platt 1999): the others settle the order, and would make the probabilities too low. A fact that fewer than 50 pairs
    state keeps its prior weight; `leave_out` names features that get none.

    Raises: RankerError when the judgments hold no pair of one of both classes.
    """
    wanted = judgments.grades >= RELEVANT
    if wanted.all() or not wanted.any():
        raise RankerError("评判里要同时有“较强相关及以上”和“弱相关及以下”的配对，才能训练排序模型")
    learned = [place for place, name in enumerate(NAMES) if name not in leave_out and _is_known(judgments, place)]
    of_pair = [place for place in learned if FEATURES[place].family != "need"]
    of_need = [place for place in learned if FEATURES[place].family == "need"]
    coefficients = np.array([0.0 if name in leave_out else PRIOR_WEIGHTS.get(name, 0.0) for name in NAMES])
    pairs, needs = judgments.features[:, of_pair], judgments.features[:, of_need]
    coefficients[of_pair], coefficients[of_need], intercept = _calibrated(pairs, needs, wanted, judgments)
    usual = judgments.features.mean(axis=0)
    reference = [feature.neutral if feature.name in PRIOR_WEIGHTS else usual[n] for n, feature in enumerate(FEATURES)]
    return Ranker(
        version=version,
        model_id=model_id,
        features=NAMES,
        coefficients=tuple(float(weight) for weight in coefficients),
        reference=tuple(float(value) for value in reference),
        intercept=intercept,
        thresholds=dict(thresholds),
        facts=_counts(judgments),
    )


def _counts(judgments: Judgments) -> dict[str, int]:
    return {
        "pairs": len(judgments.grades),
        "judged": int(judgments.judged.sum()),
        "relevant": int((judgments.grades >= RELEVANT).sum()),
        "needs": len(set(judgments.groups.tolist())),
    }


def _calibrated(
    pairs: Matrix, needs: Matrix, wanted: npt.NDArray[np.bool_], judgments: Judgments
) -> tuple[Scores, Scores, float]:
    """Return the coefficients of the columns of `pairs` and of `needs`, and the intercept.

    What is the same for all pairs of a need cannot order them: it only says how likely any is, so that people's
    judgments alone settle it.
    """
    coefficients, intercept = _logistic(pairs, wanted, judgments.weights, _STRENGTH)
    judged = judgments.judged
    if wanted[judged].all() or not wanted[judged].any():
        return coefficients, np.zeros(needs.shape[1]), intercept
    odds = (pairs[judged] @ coefficients + intercept)[:, None]
    known = np.hstack([odds, needs[judged]])
    (stretch, *rest), shift = _logistic(known, wanted[judged], judgments.weights[judged], _NO_PENALTY)
    return coefficients * stretch, np.array(rest), intercept * float(stretch) + shift


def _logistic(sample: Matrix, wanted: npt.NDArray[np.bool_], weights: Scores, strength: float) -> tuple[Scores, float]:
    """Return the coefficients of the columns and the intercept, fitted to standardised columns, told for raw ones."""
    mean, spread = sample.mean(axis=0), sample.std(axis=0)
    # Serving reads rankers and never fits one: a second of start and 100 MB.
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, max_iter=1000)
    model.fit((sample - mean) / spread, wanted, sample_weight=weights)
    coefficients: Scores = model.coef_[0] / spread
    return coefficients, float(model.intercept_[0] - np.dot(mean, coefficients))


def _is_known(judgments: Judgments, place: int) -> bool:
    feature = FEATURES[place]
    values = judgments.features[:, place]
    stated = feature.name not in PRIOR_WEIGHTS or (values != feature.neutral).sum() >= _LEAST_KNOWN
    return bool(stated and values.std() > 0)


def to_json(ranker: Ranker) -> str:
    """Return the ranker as JSON text."""
    return json.dumps(asdict(ranker), ensure_ascii=False)


def from_json(text: str) -> Ranker:
    """Return the ranker kept as JSON text. Raises: RankerError when it is none, or fits other features."""
    try:
        content = json.loads(text)
        content["thresholds"] = {int(level): float(least) for level, least in content["thresholds"].items()}
        for name in ("features", "coefficients", "reference"):
            content[name] = tuple(content[name])
        ranker = Ranker(**content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RankerError(f"排序模型文件读不懂：{error}") from error
    if ranker.features != NAMES or len(ranker.coefficients) != len(NAMES) or set(ranker.thresholds) != {2, 3, 4}:
        raise RankerError(f"排序模型 {ranker.version} 的特征与本程序不符，请重新训练（matcher train）")
    return ranker


@cache
def shipped_ranker() -> Ranker:
    """Return the ranker that ships with the project."""
    return from_json((files("matcher") / "lists" / "ranker.json").read_text(encoding="utf-8"))


@cache
def shipped_judgments() -> Judgments:
    """Return the judged pairs that ship with the project, as features only: no text can be got back from them."""
    with (files("matcher") / "lists" / "judgments.npz").open("rb") as file:
        content = np.load(file)
        return Judgments(
            content["features"].astype(np.float64),
            content["grades"].astype(np.int64),
            content["groups"].astype(np.int64),
            content["weights"].astype(np.float64),
            content["judged"].astype(np.bool_),
        )
