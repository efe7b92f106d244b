"""Ranked lists, free-text search, filters, reasons and verdicts over a real store."""

import math
import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from index.segment import fold
from matcher import matching
from matcher.documents import reading_text
from matcher.errors import NotFoundError
from matcher.models import KINDS, Filters, Kind, counterpart
from matcher.service import Service
from matcher.store import audit
from tests.conftest import OpenService, UseRanker
from tests.support.examples import RECORDS
from tests.support.records import achievement, assert_consistent, need, record

WOOD, BATTERY = 1, 2


@pytest.fixture
def filled(service: Service) -> Service:
    """Needs 1 (wood) and 2 (battery), achievements 1 (wood), 2 (battery) and 3 (bamboo)."""
    for each in RECORDS:
        service.postings.post(each, "李")
    return service


def ids(found: Any) -> list[int]:
    return [each.achievement.id for each in found]


def test_the_best_match_comes_first_and_is_explained(filled: Service) -> None:
    found = filled.matching.matches("need", WOOD).matches
    assert ids(found)[0] == 1
    assert sorted(ids(found)) == [1, 2, 3]
    assert [each.rank for each in found] == [1, 2, 3]
    first = found[0]
    assert (first.need.id, first.candidate.relative, found[-1].candidate.relative) == (WOOD, 100, 0)
    assert "木材" in [term.text for term in first.shared_terms]
    assert first.closest_sentence in first.achievement.description
    assert len(first.shared_terms) <= 5


def test_scores_fall_and_stay_in_their_ranges(filled: Service) -> None:
    candidates = [each.candidate for each in filled.matching.matches("need", WOOD).matches]
    assert [each.score for each in candidates] == sorted((each.score for each in candidates), reverse=True)
    for each in candidates:
        assert -1.001 <= each.dense_score <= 1.001
        assert each.lexical_score >= 0


def test_an_achievement_finds_needs(filled: Service) -> None:
    found = filled.matching.matches("achievement", 2).matches
    assert [each.need.id for each in found] == [BATTERY, WOOD]
    assert {each.achievement.id for each in found} == {2}


def test_candidates_are_those_of_the_matches(filled: Service) -> None:
    found = filled.matching.matches("need", WOOD).matches
    ranked = filled.matching.candidates("need", WOOD, 10)
    assert ranked == tuple(each.candidate for each in found)
    assert filled.matching.candidates("need", WOOD, 2) == ranked[:2]


def test_retrieval_alone_gives_no_probability(filled: Service) -> None:
    found = filled.matching.retrieved("need", WOOD, 10)
    assert {each.item_id for each in found} == {1, 2, 3}
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert {(each.probability, each.features) for each in found} == {(None, ())}
    assert filled.matching.retrieved("need", WOOD, 1) == found[:1]


@pytest.mark.parametrize("status", ["draft", "matched", "closed"])
def test_a_record_that_is_not_published_can_ask_but_is_not_found(filled: Service, status: Any) -> None:
    asking = filled.postings.post(need("凝胶电解质", status=status), "李")
    assert ids(filled.matching.matches("need", asking.id).matches)[0] == 2
    assert asking.id not in [each.need.id for each in filled.matching.matches("achievement", 2).matches]


def test_equal_scores_come_in_the_order_of_ids(service: Service) -> None:
    # More than 16 in no order: sorting keeps the order of fewer, and of runs, by itself.
    titles = [("锂离子电池", "木材防霉", "污水脱氮")[number * number % 7 % 3] for number in range(90)]
    stored = service.postings.save_many([achievement(title) for title in titles], "李")
    found = service.matching.search("achievement", "锂离子电池", k=90)
    best = [each.id for each in stored if each.title == "锂离子电池"]
    assert [each.id for each, _ in found][: len(best)] == best
    assert [(-each.score, record.id) for record, each in found] == sorted((-each.score, r.id) for r, each in found)
    assert len({each.score for _, each in found}) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_store_answers_with_nothing(service: Service, kind: Kind) -> None:
    assert service.matching.search(kind, "锂离子电池") == ()
    stored = service.postings.post(record(kind), "李")
    assert service.matching.matches(kind, stored.id).matches == ()
    assert service.matching.candidates(kind, stored.id, 5) == ()


def test_one_record_alone_is_found(service: Service) -> None:
    stored = service.postings.post(achievement(), "李")
    ((found, candidate),) = service.matching.search("achievement", "完全无关的词")
    assert (found.id, candidate.relative) == (stored.id, 100)


@pytest.mark.parametrize("text", ["", "   ", "的", "\x00", "?!", "a" * 5000, '"NEAR(', "* OR -", "\ud800"])
def test_any_text_can_be_searched(filled: Service, text: str) -> None:
    assert len(filled.matching.search("achievement", text)) == 3


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(field="4.5"), {1}),
        (Filters(field="4"), {1}),
        (Filters(field="1"), set()),
        (Filters(region="340000"), {1}),
        (Filters(region="340100"), {1}),
        (Filters(region="341500"), set()),
        (Filters(maturity=7), {1}),
        (Filters(maturity=8), set()),
        (Filters(mode="licence"), {1}),
        (Filters(mode="service"), set()),
        (Filters(organisation_kind="university"), {1, 2}),
        (Filters(organisation_kind="university", field="4"), {1}),
        (Filters(), {1, 2, 3}),
    ],
)
def test_filters(filled: Service, filters: Filters, expected: set[int]) -> None:
    found = filled.matching.matches("need", BATTERY, filters).matches
    assert set(ids(found)) == expected
    assert {each.id for each, _ in filled.matching.search("achievement", "防霉", filters)} == expected


def test_a_filter_by_organisation(filled: Service) -> None:
    own = filled.postings.get("achievement", 1).organisation_id
    assert set(ids(filled.matching.matches("need", WOOD, Filters(organisation_id=own)).matches)) == {1, 2}


def test_explain_gives_the_long_reasons(filled: Service) -> None:
    reasons = filled.matching.explain(WOOD, 1)
    terms = [term.text for term in reasons.shared_terms]
    assert sum(term.weight for term in reasons.shared_terms) == pytest.approx(1)
    assert reasons.need_spans and reasons.achievement_spans
    for text, spans in (
        (reading_text(reasons.need), reasons.need_spans),
        (reading_text(reasons.achievement), reasons.achievement_spans),
    ):
        assert all(fold(text[span.start : span.end]) == terms[span.term] for span in spans)
        assert all(before.end <= after.start for before, after in pairwise(spans))
    assert reasons.sentence_pair is not None
    assert reasons.sentence_pair.need_sentence in reading_text(reasons.need)
    facts = {factor.name: factor.words for factor in reasons.factors}
    assert facts["领域"].startswith("相同：")
    assert facts["成熟度"] == "成果 7 级，达到需求的 7 级"
    assert facts["地区"] == "同在安徽省"
    assert facts["合作方式"] == "都接受技术转让"
    assert facts["预算"] == "预算 50.5 万元，报价 45 万元"


def test_a_pair_without_anything_in_common_is_explained_too(filled: Service) -> None:
    reasons = filled.matching.explain(BATTERY, 3)
    assert (reasons.shared_terms, reasons.need_spans, reasons.achievement_spans) == ((), (), ())


@pytest.mark.parametrize(
    "ask",
    [
        lambda matching: matching.matches("need", 99),
        lambda matching: matching.explain(1, 99),
        lambda matching: matching.explain(99, 1),
        lambda matching: matching.judge(1, 99, 4, "李"),
        lambda matching: matching.candidates("achievement", 99, 5),
    ],
)
def test_what_does_not_exist_is_named(filled: Service, ask: Callable[[Any], None]) -> None:
    with pytest.raises(NotFoundError, match="99"):
        ask(filled.matching)


def test_a_verdict_is_kept_with_its_audit_line(filled: Service) -> None:
    filled.matching.judge(WOOD, 1, 4, "李")
    filled.matching.judge(WOOD, 1, 2, "李")
    filled.matching.judge(WOOD, 1, 3, "王")
    assert [(each.judge, each.level) for each in filled.matching.verdicts(WOOD, 1)] == [("王", 3), ("李", 2)]
    lines = [line for line in audit.of_item(filled.store.db, "need", WOOD) if line.action == "judged"]
    assert lines[0].after == {"achievement_id": 1, "level": 4}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("others", [2, 120])
def test_what_one_service_does_another_sees_at_once(open_service: OpenService, kind: Kind, others: int) -> None:
    # Among few records each change moves the mean and has all read again, among many it is followed by itself.
    one, other = open_service(), open_service()
    one.postings.save_many([record(kind, f"木材{number}") for number in range(others)], "李")
    assert len(other.matching.search(kind, "锂离子电池", k=500)) == others
    stored = one.postings.post(record(kind, "锂离子电池"), "李")
    asking = other.postings.post(record(counterpart(kind), "锂离子电池"), "李")
    assert [each.id for each, _ in other.matching.search(kind, "锂离子电池", k=1)] == [stored.id]
    assert other.matching.candidates(counterpart(kind), asking.id, 1)[0].item_id == stored.id
    other.postings.change_status(kind, stored.id, "closed", "李")
    assert stored.id not in [each.id for each, _ in one.matching.search(kind, "锂离子电池", k=500)]
    one.postings.change_status(kind, stored.id, "published", "李")
    assert [each.id for each, _ in other.matching.search(kind, "锂离子电池", k=1)] == [stored.id]
    other.postings.delete(kind, stored.id, "李")
    assert len(one.matching.search(kind, "锂离子电池", k=500)) == others
    for service in (one, other):
        assert_consistent(service)


def test_threads_search_while_others_withdraw_and_delete(service: Service) -> None:
    stored = [service.postings.post(achievement(f"锂离子电池{number}"), "李") for number in range(30)]
    asking = service.postings.post(need("锂离子电池"), "李")
    failures: list[BaseException] = []
    done = threading.Event()

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(error)
            finally:
                done.set() if work is change else None

        return run

    def search() -> None:
        while not done.is_set():
            service.matching.matches("need", asking.id)

    def change() -> None:
        for each in stored:
            service.postings.change_status("achievement", each.id, "closed", "李")
        for each in stored:
            service.postings.delete("achievement", each.id, "李")

    threads = [threading.Thread(target=guarded(work)) for work in (search, search, search, change)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert service.matching.matches("need", asking.id).matches == ()


def test_a_record_withdrawn_between_two_steps_of_a_search_is_left_out(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (service.postings.post(achievement(title), "李") for title in ("锂离子电池", "木材防霉"))
    dense = service.engine.live("achievement").dense
    search = dense.search

    def search_then_lose(*given: Any) -> Any:
        found = search(*given)
        dense.remove([first.id])
        return found

    monkeypatch.setattr(dense, "search", search_then_lose)
    assert [each.id for each, _ in service.matching.search("achievement", "锂离子电池")] == [second.id]


def test_a_title_counts_in_the_lexical_score(service: Service) -> None:
    in_body = service.postings.post(achievement("设备", description="微乳液"), "李")
    in_title = service.postings.post(achievement("微乳液", description="设备"), "李")
    service.postings.post(achievement("无关", description="无关"), "李")
    scores = {record.id: each.lexical_score for record, each in service.matching.search("achievement", "微乳液")}
    assert scores[in_title.id] > scores[in_body.id] > 0 == scores[in_title.id + 1]


def test_a_term_with_marks_counts_in_the_lexical_score(service: Service) -> None:
    wanted = service.postings.post(achievement("ZIF-8 膜"), "李")
    service.postings.post(achievement("陶瓷膜"), "李")
    scores = {record.id: each.lexical_score for record, each in service.matching.search("achievement", "zif-8")}
    assert scores[wanted.id] > 0


def test_factors_are_the_exact_parts_of_the_score(filled: Service) -> None:
    for achievement_id in (1, 2, 3):
        reasons = filled.matching.explain(WOOD, achievement_id)
        (score,) = filled.scoring.score(reasons.need, [filled.postings.get("achievement", achievement_id)])  # type: ignore[list-item]
        parts = [factor.contribution for factor in reasons.factors]
        assert sum(parts) + reasons.base == pytest.approx(score.log_odds)
        assert reasons.probability == pytest.approx(1 / (1 + math.exp(-reasons.base - sum(parts))))
        assert reasons.base == pytest.approx(filled.scoring.ranker().base)
        assert [abs(part) for part in parts] == sorted(map(abs, parts), reverse=True)


def test_a_row_and_its_reasons_say_the_same(filled: Service) -> None:
    for match in filled.matching.matches("need", WOOD).matches:
        reasons = filled.matching.explain(WOOD, match.achievement.id)
        assert reasons.level == match.candidate.level
        assert reasons.probability == pytest.approx(match.candidate.probability)


def test_what_is_not_said_is_named_and_adds_nothing(filled: Service) -> None:
    reasons = filled.matching.explain(WOOD, 3)
    assert "成果未填技术指标" in reasons.missing and "成果未填报价" in reasons.missing
    assert not [words for words in reasons.missing if words.startswith("需求")]
    unsaid = [factor for factor in reasons.factors if "未填" in factor.words]
    assert {factor.name for factor in unsaid} == {"领域", "成熟度", "地区", "合作方式", "预算"}
    assert [factor.contribution for factor in unsaid] == [0.0] * 5
    assert "需求未填预算" in filled.matching.explain(BATTERY, 1).missing


def test_a_list_says_none_below_the_working_point(filled: Service, use_ranker: UseRanker) -> None:
    use_ranker(thresholds={4: 0.999, 3: 0.998, 2: 0.5})
    found = filled.matching.matches("need", BATTERY)
    assert found.is_none and found.trusted == () and len(found.weak) == 3
    assert "补充技术指标" in [each.action for each in found.advice]
    use_ranker(thresholds={4: 0.5, 3: 0.0, 2: 0.0})
    found = filled.matching.matches("need", BATTERY)
    assert not found.is_none and found.weak == () and found.advice == ()
    assert found.ranker_version == filled.scoring.ranker().version


def test_trusted_rows_come_before_weak_ones(filled: Service, use_ranker: UseRanker) -> None:
    shares = [each.candidate.probability for each in filled.matching.matches("need", WOOD).matches]
    use_ranker(thresholds={4: 1.0, 3: shares[0], 2: 0.0})
    found = filled.matching.matches("need", WOOD)
    assert found.trusted == found.matches[:1] and found.weak == found.matches[1:]


def test_the_filter_to_relax_is_the_one_that_hides_what_fits(filled: Service, use_ranker: UseRanker) -> None:
    best = filled.matching.matches("need", WOOD).matches[0].candidate.probability
    use_ranker(thresholds={4: 1.0, 3: best, 2: 0.0})
    found = filled.matching.matches("need", WOOD, Filters(organisation_kind="university", region="110000"))
    assert found.matches == () and found.is_none
    assert [(each.field, "1 项" in each.reason) for each in found.advice if each.part == "filter"] == [
        ("region", True),
        ("organisation_kind", False),
    ]


def test_near_duplicates_are_one_row_and_count_once(filled: Service) -> None:
    same = {"title": RECORDS[2].title, "description": RECORDS[2].description, "indicators": RECORDS[2].indicators}
    copies = [filled.postings.post(achievement(**same, organisation=f"学院{number}"), "李").id for number in range(5)]
    found = filled.matching.matches("need", WOOD, k=2).matches
    assert [each.rank for each in found] == [1, 2]
    assert {found[0].achievement.id, *(each.id for each in found[0].folded)} == {1, *copies}
    assert found[1].folded == () and found[1].achievement.id not in copies
    assert len(filled.matching.candidates("need", WOOD, 10)) == 8


def test_opening_reasons_ranks_nothing(filled: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "retrieve", lambda *_: pytest.fail("the pool was searched"))
    assert filled.matching.explain(WOOD, 1).probability > 0
