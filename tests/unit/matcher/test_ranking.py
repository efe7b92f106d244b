"""Fitting a ranker: what orders the pairs of a need, and what only says how likely any of them is."""

import numpy as np

from matcher.features import NAMES
from matcher.ranking import Judgments, Ranker, fit

COSINE, MANNER = NAMES.index("cosine"), NAMES.index("need_manner")
RANDOM = np.random.default_rng(3)


def judgments(judged: bool = True) -> Judgments:
    """60 needs with 20 pairs each; likelier the nearer they are, and far likelier for needs of a low manner."""
    groups = np.repeat(np.arange(60), 20)
    features = np.zeros((len(groups), len(NAMES)))
    features[:, COSINE] = RANDOM.normal(size=len(groups))
    features[:, MANNER] = np.repeat(np.linspace(-0.5, 0.5, 60), 20)
    odds = 2 * features[:, COSINE] - 6 * features[:, MANNER] - 1
    grades = np.where(RANDOM.random(len(groups)) < 1 / (1 + np.exp(-odds)), 3, 0)
    return Judgments(features, grades, groups, np.ones(len(groups)), np.full(len(groups), judged))


def fitted(known: Judgments) -> Ranker:
    return fit(known, "probe", "model")


def test_how_likely_pairs_are_follows_the_manner_of_their_need() -> None:
    known = judgments()
    ranker = fitted(known)
    assert -8 < ranker.coefficients[MANNER] < -4
    shares, wanted = ranker.probabilities(known.features), known.grades >= 2
    for low, high in ((-0.5, 0.0), (0.0, 0.5)):
        part = (known.features[:, MANNER] >= low) & (known.features[:, MANNER] <= high)
        assert abs(shares[part].mean() - wanted[part].mean()) < 0.03


def test_the_manner_is_learned_from_what_people_judged_alone() -> None:
    known = judgments()
    turned = known._replace(
        features=np.where(np.arange(len(NAMES)) == MANNER, -known.features, known.features),
        judged=np.zeros(len(known.grades), dtype=bool),
        groups=known.groups + 60,
    )
    both = Judgments(*(np.concatenate(parts) for parts in zip(known, turned, strict=True)))
    assert fitted(both).coefficients[MANNER] < -3


def test_without_judged_pairs_the_manner_says_nothing() -> None:
    assert fitted(judgments(judged=False)).coefficients[MANNER] == 0.0


def test_the_parts_of_a_score_add_up_with_the_manner_among_them() -> None:
    known = judgments()
    ranker = fitted(known)
    sums = ranker.contributions(known.features).sum(axis=1) + ranker.base
    np.testing.assert_allclose(sums, ranker.log_odds(known.features), atol=1e-9)
