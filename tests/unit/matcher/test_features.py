"""What is measured of a pair: each number by hand, and that silence adds nothing."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from matcher.features import (
    FEATURES,
    NAMES,
    AchievementSides,
    NeedSide,
    budget_fit,
    field_agreement,
    freshness,
    maturity_gap,
    mode_fit,
    pair_features,
    region_closeness,
)
from tests.support.records import achievement, need

ASKED = NeedSide(need(), ("防爆", "电池", "研发"), np.array([4.0, 2.0, 1.0]), np.array([3.0, 1.0, 0.0]))


def measured(counts: dict[str, int], cosine: float = 0.0, **title: float) -> dict[str, float]:
    row = pair_features(ASKED, offered((counts, title, cosine)))[0]
    return dict(zip(NAMES, row.tolist(), strict=True))


def offered(*sides: tuple[dict[str, int], dict[str, float], float]) -> AchievementSides:
    counts, titles, cosines = zip(*sides, strict=True)
    held = np.array([[each.get(term, 0) for each in counts] for term in ASKED.terms], dtype=np.float64)
    lengths = np.array([sum(each.values()) for each in counts], dtype=np.float64)
    return AchievementSides([achievement() for _ in sides], held, lengths, titles, np.array(cosines))


def test_the_cosine_is_passed_on() -> None:
    assert measured({}, 0.25)["cosine"] == 0.25


def test_coverage_is_the_share_of_the_titles_rarity_that_is_found() -> None:
    found = measured({"防爆": 1, "研发": 5, "别的": 2})
    assert found["title_coverage"] == pytest.approx(3 / 4)


def test_a_title_is_asked_for_by_the_rarity_of_its_terms() -> None:
    assert measured({}, 电池=1.0, 凝胶=3.0)["title_asked"] == pytest.approx(1 / 4)


def test_bm25_saturates_with_repeats_and_falls_with_length() -> None:
    # At the usual length of 150 terms the norm is 1.2: a term found once weighs 2.2 / 2.2.
    assert measured({"防爆": 1, "别的": 149})["bm25"] == pytest.approx(math.log1p(4.0))
    assert measured({"防爆": 2, "别的": 148})["bm25"] == pytest.approx(math.log1p(4.0 * 2 * 2.2 / 3.2))
    assert measured({"防爆": 1, "别的": 20})["bm25"] > measured({"防爆": 1, "别的": 300})["bm25"]


def test_nothing_shared_and_nothing_stated_is_neutral() -> None:
    nothing = np.zeros(0)
    row = pair_features(
        NeedSide(need(), (), nothing, nothing),
        AchievementSides([achievement()], np.zeros((0, 1)), np.zeros(1), [{}], np.zeros(1)),
    )[0]
    np.testing.assert_array_equal(row, [feature.neutral for feature in FEATURES])


def test_no_pairs_give_no_rows() -> None:
    none = AchievementSides([], np.zeros((len(ASKED.terms), 0)), np.zeros(0), [], np.zeros(0))
    assert pair_features(ASKED, none).shape == (0, len(FEATURES))


def test_each_achievement_has_a_row_of_its_own_and_equal_ones_are_equal() -> None:
    one, other = ({"防爆": 2, "研发": 7}, {"电池": 1.0}, 0.5), ({"电池": 1}, {"凝胶": 2.0}, 0.1)
    together = pair_features(ASKED, offered(one, other, one))
    np.testing.assert_array_equal(together[0], together[2])
    for row, each in zip(together, (one, other), strict=False):
        np.testing.assert_array_equal(row, pair_features(ASKED, offered(each))[0])


@pytest.mark.parametrize(
    ("wanted", "reached", "value"),
    [(None, 5, 0.0), (5, None, 0.0), (5, 9, 1.0), (5, 5, 1.0), (5, 4, 0.5), (9, 1, -2.0)],
)
def test_maturity(wanted: int | None, reached: int | None, value: float) -> None:
    assert maturity_gap(wanted, reached) == value


@pytest.mark.parametrize(
    ("wanted", "offered", "value"),
    [("", "340123", 0.0), ("340123", "340123", 1.0), ("340123", "340104", 0.7), ("340123", "340700", 0.4),
     ("340123", "110101", 0.0)],
)  # fmt: skip
def test_region(wanted: str, offered: str, value: float) -> None:
    assert region_closeness(wanted, offered) == value


@pytest.mark.parametrize(
    ("budget", "price", "value"),
    [(None, 10, 0.0), (10, None, 0.0), (100, 50, 1.0), (100, 100, 1.0), (100, 200, 0.0), (100, 800, -1.0), (0, 0, 1.0)],
)
def test_budget(budget: int | None, price: int | None, value: float) -> None:
    assert budget_fit(budget, price) == value


def test_field_mode_and_freshness() -> None:
    assert field_agreement("", "x") == 0.0
    assert (mode_fit(["a"], []), mode_fit(["a"], ["b", "a"]), mode_fit(["a"], ["b"])) == (0.0, 1.0, -1.0)
    asked = datetime(2026, 1, 1, tzinfo=UTC)
    assert freshness(asked, asked + timedelta(days=900)) == 0.0
    assert freshness(asked, asked - timedelta(days=365.25 * 3)) == pytest.approx(-0.4, abs=1e-3)
    assert freshness(asked, asked - timedelta(days=9000)) == -1.0
    assert freshness(None, asked) == 0.0


def test_every_value_stays_in_its_range() -> None:
    found = measured({"防爆": 400, "电池": 400, "研发": 400}, 1.0, 电池=1.0)
    for feature in FEATURES:
        assert feature.low <= found[feature.name] <= feature.high


def test_the_manner_of_a_need_is_that_of_all_its_pairs() -> None:
    rows = pair_features(ASKED._replace(manner=0.3), offered(({"防爆": 1}, {}, 0.5), ({}, {}, 0.1)))
    assert rows[:, NAMES.index("need_manner")].tolist() == [0.3, 0.3]
