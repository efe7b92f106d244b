"""Our report gives the figures of `ir_measures` on random judgments and lists."""

import random

import ir_measures
import pytest

from matcher.evaluation import report
from matcher.metrics import RELEVANT

MEASURES = {
    "ndcg@10": "nDCG(dcg='exp-log2')@10",
    "mrr@10": f"RR(rel={RELEVANT})@10",
    "recall@10": f"R(rel={RELEVANT})@10",
    "recall@100": f"R(rel={RELEVANT})@100",
    "judged@10": "Judged@10",
}
FOR_ANY_GRADE = ("ndcg@10", "judged@10")


def random_judgments(chance: random.Random) -> dict[str, dict[str, int]]:
    """Return judgments of 30 needs, of which some have only zeros and some nothing above 1.

    Their ids are numbers because the program that works out nDCG for the library takes no others.
    """
    qrels = {}
    for number in range(30):
        grades = ([0], [0, 1], [0, 1, 2, 3], [3])[number % 4]
        judged = chance.sample(range(150), chance.randint(1, 40))
        qrels[str(number + 1)] = {f"a{item}": chance.choice(grades) for item in judged}
    return qrels


def random_lists(chance: random.Random, needs: list[str]) -> dict[str, list[str]]:
    """Return lists of all lengths, none among them."""
    lengths = (0, 1, 5, 9, 10, 11, 100, 120)
    return {need: [f"a{item}" for item in chance.sample(range(150), chance.choice(lengths))] for need in needs}


@pytest.mark.parametrize("seed", range(8))
def test_figures_agree(seed: int) -> None:
    chance = random.Random(seed)
    qrels = random_judgments(chance)
    ranked = random_lists(chance, list(qrels))
    found = report(ranked, qrels)
    run = {
        need: {item: float(len(items) - place) for place, item in enumerate(items)}
        for need, items in ranked.items()
        if items
    }
    for name, text in MEASURES.items():
        least = 1 if name in FOR_ANY_GRADE else RELEVANT
        counted = {need: grades for need, grades in qrels.items() if max(grades.values()) >= least}
        measure = ir_measures.parse_measure(text)
        values = {each.query_id: each.value for each in ir_measures.iter_calc([measure], counted, run)}
        # Needs for which nothing was found score 0; the library passes over them.
        expected = sum(values.get(need, 0.0) for need in counted) / len(counted)
        assert found[name] == pytest.approx(expected, abs=6e-5), name
    assert found["needs"] == 30


def test_needs_that_cannot_score_do_not_count() -> None:
    qrels = {"n1": {"a": 3}, "n2": {"a": 0}, "n3": {"a": 1}}
    ranked = {need: ["a"] for need in qrels}
    assert report(ranked, qrels) == {
        "ndcg@10": 1.0,
        "mrr@10": 1.0,
        "recall@10": 1.0,
        "recall@100": 1.0,
        "judged@10": 1.0,
        "needs": 3,
    }


@pytest.mark.parametrize("qrels", [{}, {"n1": {"a": 0}}])
def test_no_need_that_can_score(qrels: dict[str, dict[str, int]]) -> None:
    found = report({need: ["a"] for need in qrels}, qrels)
    assert found == dict.fromkeys(MEASURES, 0.0) | {"needs": len(qrels)}
