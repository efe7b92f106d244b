"""Training from verdicts: what is learned, what is held back, and a worse ranker refused."""

from collections.abc import Callable

import numpy as np
import pytest

from matcher import learning
from matcher.answers import Match
from matcher.holding_back import held_back
from matcher.models import Level
from matcher.ranking import fit, shipped_judgments, shipped_ranker
from matcher.seeding import DEMO_JUDGE
from matcher.service import Service
from tests.support.records import achievement, need

pytestmark = pytest.mark.wide

TOPICS = ("锂离子电池针刺起火", "杨木集成材防霉", "羽绒清洗废水回用", "齿轮噪声检测", "茶叶杀青温度控制")


@pytest.fixture
def filled(service: Service) -> Service:
    """A service with 30 needs and 20 achievements on five topics."""
    for number in range(30):
        service.postings.post(need(f"{TOPICS[number % 5]}的难题{number}"), "李")
    for number in range(20):
        text = f"{TOPICS[number % 5]}方法{number}：" + TOPICS[(number + number // 5) % 5] * (number % 3)
        service.postings.post(achievement(text), "李")
    return service


def judge_all(service: Service, level_of: Callable[[int, Match], Level]) -> None:
    """Judge the first ten matches of every need."""
    for need_id in range(1, 31):
        for match in service.matching.matches("need", need_id).matches:
            service.matching.judge(need_id, match.achievement.id, level_of(need_id, match), "李")


def by_topic(need_id: int, match: Match) -> Level:
    return 4 if match.need.title[:5] == match.achievement.title[:5] else 1


def test_verdicts_that_make_sense_are_learned_and_installed(filled: Service) -> None:
    judge_all(filled, by_topic)
    found = filled.learning.train("李")
    assert found.installed is not None and found.worse == ""
    assert filled.scoring.ranker() == found.installed
    assert found.verdicts == found.installed.facts["verdicts"] == 300
    assert found.installed.facts["pairs"] == len(shipped_judgments().grades) + 300
    assert found.installed.facts["held_back"]["against"] == shipped_ranker().version
    assert found.installed.thresholds == shipped_ranker().thresholds
    assert found.installed.model_id == filled.engine.model_id()
    assert found.after.log_loss < found.before.log_loss


def test_a_ranker_that_is_worse_on_held_back_needs_is_refused(filled: Service) -> None:
    def perverse(need_id: int, match: Match) -> Level:
        """Sense only where nothing is learned from."""
        is_held = bool(held_back(np.array([-need_id]))[0])
        return by_topic(need_id, match) if is_held else 5 - by_topic(need_id, match)  # type: ignore[return-value]

    judge_all(filled, perverse)
    found = filled.learning.train("李")
    assert found.installed is None
    assert "差了" in found.worse
    assert filled.scoring.ranker() == shipped_ranker() and len(filled.rankers.versions()) == 1


def test_the_comparison_is_on_needs_that_were_not_learned_from(
    filled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_all(filled, by_topic)
    learned_from = []

    def spying(judgments, *given, **named):  # type: ignore[no-untyped-def]
        learned_from.append(set(judgments.groups.tolist()))
        return fit(judgments, *given, **named)

    monkeypatch.setattr(learning.ranking, "fit", spying)
    found = filled.learning.train("李")
    compared, installed = learned_from
    everything = np.array(sorted({*shipped_judgments().groups.tolist(), *range(-30, 0)}))
    assert compared == set(everything[~held_back(everything)].tolist())
    assert installed == set(everything.tolist())
    assert 0 < found.held_back < len(shipped_judgments().grades) + 300


def test_without_verdicts_the_shipped_judgments_are_learned_again(filled: Service) -> None:
    found = filled.learning.train("李")
    assert found.verdicts == 0
    assert found.installed is None or found.installed.facts["pairs"] == len(shipped_judgments().grades)


def test_verdicts_taken_back_replaced_or_of_the_demo_are_not_learned(filled: Service) -> None:
    filled.matching.judge(1, 1, 1, "李")
    filled.matching.judge(1, 1, 4, "李")
    filled.matching.judge(1, 1, 3, "王")
    filled.matching.judge(1, 2, 3, DEMO_JUDGE)
    filled.judging.undo(filled.matching.judge(1, 3, 3, "李"), "李")
    judgments, left_out = filled.learning._learned(leave_out_withdrawn=False)
    assert sorted(judgments.grades.tolist()) == [2, 3]
    assert judgments.groups.tolist() == [-1, -1] and left_out == 0
    np.testing.assert_array_equal(judgments.features[0], judgments.features[1])


def test_verdicts_on_withdrawn_records_can_be_left_out(filled: Service) -> None:
    for need_id, achievement_id in ((1, 1), (1, 2), (2, 1)):
        filled.matching.judge(need_id, achievement_id, 4, "李")
    before, _ = filled.learning._learned(leave_out_withdrawn=True)
    filled.postings.change_status("need", 2, "closed", "李")
    filled.postings.change_status("achievement", 2, "closed", "李")
    kept, left_out = filled.learning._learned(leave_out_withdrawn=True)
    assert (kept.groups.tolist(), left_out) == ([-1], 2)
    everything, left_out = filled.learning._learned(leave_out_withdrawn=False)
    assert (everything.groups.tolist(), left_out) == ([-1, -1, -2], 0)
    assert before.features.shape == everything.features.shape


def test_a_verdict_goes_with_a_deleted_record(filled: Service) -> None:
    filled.matching.judge(1, 1, 4, "李")
    filled.postings.delete("achievement", 1, "李")
    assert filled.learning._learned(leave_out_withdrawn=False)[0].grades.tolist() == []
