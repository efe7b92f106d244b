"""Verdicts with what was shown, and taking them back."""

import pytest

from matcher.errors import IllegalTransitionError, NotFoundError
from matcher.models import Shown
from matcher.service import Service
from matcher.store import audit, verdicts
from tests.support.records import achievement, need

SHOWN = Shown(rank=3, probability=0.42, level=3, ranker="shipped-1")


@pytest.fixture
def filled(service: Service) -> Service:
    """A service with needs 1-2 and achievements 1-2."""
    for number in range(2):
        service.postings.post(need(f"锂离子电池{number}"), "李")
        service.postings.post(achievement(f"凝胶电解质{number}"), "李")
    return service


def test_a_verdict_keeps_what_was_shown(filled: Service) -> None:
    filled.matching.judge(1, 1, 4, "李", SHOWN)
    filled.matching.judge(1, 2, 2, "李")
    kept = filled.judging.of_need(1, "李")
    assert (kept[1].level, kept[1].shown, kept[1].undone_at) == (4, SHOWN, None)
    assert kept[2].shown is None


def test_the_rank_may_be_unknown(filled: Service) -> None:
    shown = Shown(rank=None, probability=0.42, level=3, ranker="shipped-1")
    filled.matching.judge(1, 1, 4, "李", shown)
    assert filled.matching.verdicts(1, 1)[0].shown == shown


def test_one_taken_back_counts_no_more_and_stays_in_the_history(filled: Service) -> None:
    first = filled.matching.judge(1, 1, 4, "李", SHOWN)
    second = filled.matching.judge(1, 1, 1, "李", SHOWN)
    filled.judging.undo(second, "李")
    assert [(each.id, each.level) for each in filled.matching.verdicts(1, 1)] == [(first, 4)]
    assert [each.level for each in verdicts.latest(filled.store.db)] == [4]
    filled.judging.undo(first, "李")
    assert filled.matching.verdicts(1, 1) == () == verdicts.latest(filled.store.db)
    assert filled.judging.of_need(1, "李") == {} == filled.judging.counts("李")
    assert verdicts.count(filled.store.db) == 2
    assert audit.of_item(filled.store.db, "need", 1)[-1].before == {"achievement_id": 1, "level": 4}


def test_undone_twice_happens_once(filled: Service) -> None:
    verdict = filled.matching.judge(1, 1, 4, "李")
    filled.judging.undo(verdict, "李")
    undone_at = filled.judging.undo(verdict, "李").undone_at
    assert undone_at is not None and undone_at == verdicts.get(filled.store.db, verdict).undone_at  # type: ignore[union-attr]
    assert [line.action for line in audit.of_item(filled.store.db, "need", 1)].count("undid verdict") == 1


def test_nobody_takes_back_what_somebody_else_said(filled: Service) -> None:
    verdict = filled.matching.judge(1, 1, 4, "李")
    with pytest.raises(IllegalTransitionError, match="李"):
        filled.judging.undo(verdict, "王")
    assert len(filled.matching.verdicts(1, 1)) == 1
    with pytest.raises(NotFoundError):
        filled.judging.undo(verdict + 1, "李")


def test_counts_are_of_matches_and_of_one_judge(filled: Service) -> None:
    for achievement_id, level, judge in ((1, 4, "李"), (1, 3, "李"), (2, 1, "李"), (1, 2, "王")):
        filled.matching.judge(1, achievement_id, level, judge)  # type: ignore[arg-type]
    filled.matching.judge(2, 1, 2, "王")
    assert filled.judging.counts("李") == {1: 2}
    assert filled.judging.counts("王") == {1: 1, 2: 1}
