"""Why needs fail, what families are worth, whether probabilities hold: on small runs worked out by hand."""

from typing import Any

import numpy as np
import pytest

from matcher.diagnosis import ablation, calibration_report, per_need
from matcher.evaluation import reranked
from matcher.features import FEATURES, NAMES
from matcher.ranking import Judgments, fit
from matcher.runs import Row, items

pytestmark = pytest.mark.wide

QRELS = {
    "found": {"a0": 3, "a1": 0},
    "late": {"a11": 2, "a0": 1},
    "lost": {"elsewhere": 3},
    "hopeless": {"a0": 1},
    "empty": {"a0": 0},
}


def rows(*probabilities: float) -> list[Row]:
    """Return rows a0, a1 … of falling probability."""
    return [
        Row(f"a{number}", share, share, 3 if share >= 0.5 else 1, (share,) * len(FEATURES))
        for number, share in enumerate(probabilities)
    ]


RUN = {
    "found": rows(0.9, 0.5),
    "late": rows(*[0.4] * 12),
    "lost": rows(0.6),
    "hopeless": rows(0.2),
    "empty": [],
}


def test_each_need_says_why_it_fails_worst_first() -> None:
    found = per_need(RUN, QRELS)
    # "late" has a grade 1 in front, which counts for nDCG; "empty" cannot score.
    assert [(each.need, each.failure) for each in found] == [
        ("lost", "retrieval"),
        ("late", "ranking"),
        ("found", ""),
        ("hopeless", "unanswerable"),
        ("empty", "unanswerable"),
    ]
    by_name = {each.need: each for each in found}
    assert (by_name["late"].first_rank, by_name["late"].relevant_in_pool, by_name["late"].relevant) == (12, 1, 1)
    assert (by_name["lost"].first_rank, by_name["lost"].relevant_in_pool, by_name["lost"].relevant) == (None, 0, 1)
    assert (by_name["found"].best_probability, by_name["empty"].best_probability) == (0.9, None)
    assert set(by_name["hopeless"].figures) == {"ndcg@10", "judged@10"}
    assert by_name["found"].figures["mrr@10"] == 1


def test_a_need_is_found_up_to_the_tenth_row() -> None:
    for place, failure in ((9, ""), (10, "ranking")):
        (outcome,) = per_need({"n": rows(*[0.5] * 12)}, {"n": {f"a{place}": 2}})
        assert (outcome.first_rank, outcome.failure) == (place + 1, failure)


def test_calibration_counts_the_first_ten_rows_and_takes_what_nobody_judged_as_not_relevant() -> None:
    found = calibration_report(RUN, QRELS, 0.5)
    # 2 rows, 10 of 12, 1, 1, none; a0 of "found" is the only relevant one among them.
    assert (found["rows"], found["relevant"], found["base_rate"]) == (14, 1, pytest.approx(1 / 14))
    squares = 0.1**2 + 0.5**2 + 10 * 0.4**2 + 0.6**2 + 0.2**2
    assert found["brier"] == pytest.approx(squares / 14)
    assert found["working_point"] == {"threshold": 0.5, "shown": 3, "precision": pytest.approx(1 / 3), "coverage": 1.0}
    assert found["best_point"] == {"threshold": 0.9, "shown": 1, "precision": 1.0, "coverage": 1.0}
    assert [(each["level"], each["rows"], each["share"]) for each in found["levels"]] == [
        (4, 0, None),
        (3, 3, pytest.approx(1 / 3)),
        (2, 0, None),
        (1, 11, 0.0),
    ]
    judged = found["judged_only"]
    # a0 and a1 of "found", a0 of "late" and of "hopeless".
    assert (judged["rows"], judged["relevant"]) == (4, 1)
    assert judged["brier"] == pytest.approx((0.1**2 + 0.5**2 + 0.4**2 + 0.2**2) / 4)


def test_none_is_told_need_by_need() -> None:
    # Answerable: found 0.9, late 0.4, lost 0.6; not: hopeless 0.2, empty with no row at all.
    assert calibration_report(RUN, QRELS, 0.5)["none"] == {
        "auc": 1.0,
        "threshold": 0.5,
        "none_rightly": 2,
        "none_wrongly": 1,
        "some_rightly": 2,
        "some_wrongly": 0,
    }


def test_no_needs() -> None:
    found = calibration_report({}, {}, 0.5)
    assert (found["rows"], found["brier"], found["ece_interval"], found["none"]["auc"]) == (0, None, None, None)
    assert per_need({}, {}) == []


def test_a_need_drawn_whole_makes_wide_intervals() -> None:
    chance = np.random.default_rng(5)
    run = {f"n{need}": rows(*chance.random(10)) for need in range(30)}
    qrels = {need: {row.item: 3 * (chance.random() < row.score) for row in found} for need, found in run.items()}
    found = calibration_report(run, qrels, 0.5)
    assert found["brier_skill"] > 0.1
    low, high = found["brier_skill_interval"]
    assert low < found["brier_skill"] < high
    # An expected calibration error cannot be below 0, so drawing again only adds to it: its interval lies higher.
    assert 0 < found["ece_interval"].low <= found["ece_interval"].high < 0.3


def judgments(chance: np.random.Generator, wanted: str) -> Judgments:
    """Return pairs of which one feature alone tells the relevant ones."""
    features = chance.normal(size=(400, len(FEATURES)))
    grades = np.where(features[:, NAMES.index(wanted)] > 0.3, 3, 0)
    return Judgments(features, grades, np.arange(400) // 10, np.ones(400), np.ones(400, dtype=bool))


def measured(chance: np.random.Generator, wanted: str) -> tuple[dict[str, list[Row]], dict[str, dict[str, int]]]:
    run: dict[str, list[Row]] = {}
    qrels: dict[str, dict[str, int]] = {}
    for need in range(20):
        features = chance.normal(size=(30, len(FEATURES)))
        order = features[:, NAMES.index(wanted)].argsort()[::-1]
        run[f"n{need}"] = [Row(f"a{place}", 0.0, 0.5, 3, tuple(row)) for place, row in enumerate(features.tolist())]
        qrels[f"n{need}"] = {f"a{place}": 3 for place in order[:2]}
    return run, qrels


@pytest.mark.parametrize("wanted", ["cosine", "bm25", "region_closeness"])
def test_leaving_out_the_family_that_tells_costs_most(wanted: str) -> None:
    chance = np.random.default_rng(11)
    run, qrels = measured(chance, wanted)
    found = ablation(run, qrels, judgments(chance, wanted))
    family = next(feature.family for feature in FEATURES if feature.name == wanted)
    assert {name for each in found for name in each.features} == set(NAMES)
    changes: dict[Any, Any] = {each.family: each.differences["ndcg@10"] for each in found}
    assert changes[family].change < -0.4 and changes[family].p < 0.01 and changes[family].interval.high < 0
    assert all(abs(each.change) < 0.1 for name, each in changes.items() if name != family)


def test_another_ranker_orders_the_same_pool_anew() -> None:
    chance = np.random.default_rng(2)
    run, _ = measured(chance, "cosine")
    ranker = fit(judgments(chance, "cosine"), "test-1", "")
    found = reranked({**run, "empty": []}, ranker)
    assert {need: set(ids) for need, ids in items(found).items()} == {
        need: set(ids) for need, ids in items(run).items()
    } | {"empty": set()}
    for ordered in list(found.values())[:-1]:
        odds = [float(ranker.log_odds(np.array([row.features]))[0]) for row in ordered]
        assert [row.score for row in ordered] == pytest.approx(sorted(odds, reverse=True))
        assert all(row.probability == pytest.approx(1 / (1 + np.exp(-row.score))) for row in ordered)
        assert [row.level for row in ordered] == [ranker.level(row.probability or 0) for row in ordered]
