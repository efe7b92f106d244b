"""Judging the matches of a need and training from it, over HTTP and without JavaScript."""

import re
from collections.abc import Callable

import pytest

from matcher.holding_back import Figures
from matcher.learning import Learning, Training
from matcher.models import Shown
from matcher.ranking import shipped_ranker
from matcher.service import Service
from tests.support.visitor import FormReader, Visitor

pytestmark = pytest.mark.wide

ASKED_BY_HTMX = {"HX-Request": "true"}
REFUSED = Training(
    installed=None,
    worse="对数损失从 0.400 升到 0.500（差了 0.100）",
    verdicts=3,
    left_out=1,
    held_back=50,
    before=Figures(log_loss=0.4, ndcg=0.8),
    after=Figures(log_loss=0.5, ndcg=0.8),
)


def steps(html: str) -> list[str]:
    """Return the pieces of the page that hold one pair each."""
    return html.split('<article class="judging-step')[1:]


def post(visitor: Visitor, address: str, place: int = 0, **data: str) -> tuple[int, str]:
    """Post a form as htmx does, with the sealed field of the pair at `place` of the desk."""
    forms = [form for form in FormReader(visitor.open("/judging/1")).forms if "shown" in form.values]
    given = {"csrf_token": forms[place].values["csrf_token"], "shown": forms[place].values["shown"], **data}
    answer = visitor.client.post(address, data=given, headers=ASKED_BY_HTMX)
    return answer.status_code, answer.text


def test_the_list_leads_to_needs_and_counts_what_was_judged(visitor: Visitor, service: Service) -> None:
    assert visitor.open("/judging").count("还没有评") == 2
    service.matching.judge(1, 1, 4, "本机用户（管理员）")
    service.matching.judge(1, 2, 4, "本机用户（管理员）")
    service.matching.judge(2, 1, 4, "别人")
    html = visitor.open("/judging")
    assert "已评 2 项" in html and html.count("还没有评") == 1
    assert 'href="/judging/1"' in html and shipped_ranker().version in html


def test_drafts_are_not_listed_and_a_page_past_the_end_is_the_last(visitor: Visitor, service: Service) -> None:
    service.postings.change_status("need", 2, "closed", "李")
    assert 'href="/judging/2"' not in visitor.open("/judging?page=9")
    assert 'href="/judging/1"' in visitor.open("/judging?page=9")


def test_pairs_stand_in_rank_order_with_marked_texts(visitor: Visitor, service: Service) -> None:
    html = visitor.open("/judging/1")
    ranked = [match.achievement.id for match in service.matching.matches("need", 1).matches]
    assert re.findall(r'id="pair-(\d+)"', html) == [str(item_id) for item_id in ranked]
    assert "已评 0 / 3" in html
    first = steps(html)[0]
    assert first.count('class="pair-side"') == 2 and "<mark" in first
    assert " current" in first.split('"')[0] and " current" not in steps(html)[1].split('"')[0]


def test_the_machines_level_is_not_seen_before_the_verdict_unless_asked_for(visitor: Visitor) -> None:
    before = steps(visitor.open("/judging/1"))[0]
    outside = re.sub(r"<details.*?</details>", "", before, flags=re.DOTALL)
    assert "level-chip" in before and "level-chip" not in outside and "把握" not in outside
    after = steps(visitor.follow("强相关 4"))[0]
    assert "<details" not in after and "机器给的是" in after and "level-chip" in after


def test_a_verdict_keeps_what_was_shown(visitor: Visitor, service: Service) -> None:
    match = service.matching.matches("need", 1).matches[0]
    visitor.open("/judging/1")
    address = visitor.press("较强相关 3")
    assert address.endswith(f"/judging/1#pair-{match.achievement.id}")
    (kept,) = service.matching.verdicts(1, match.achievement.id)
    assert (kept.level, kept.judge) == (3, "本机用户（管理员）")
    probability = match.candidate.probability or 0.0
    assert kept.shown == Shown(
        rank=1, probability=round(probability, 4), level=match.candidate.level or 1, ranker=shipped_ranker().version
    )
    html = visitor.open("/judging/1")
    assert "已评 1 / 3" in html and "您评为 <strong>较强相关</strong>" in html
    assert " current" in steps(html)[1].split('"')[0]


def test_a_verdict_beside_the_reasons_keeps_what_was_shown_without_a_rank(visitor: Visitor, service: Service) -> None:
    explanation = service.matching.explain(1, 1)
    visitor.open("/matches/1/1")
    visitor.press("较强相关")
    (kept,) = service.matching.verdicts(1, 1)
    assert kept.shown is not None and kept.shown.rank is None
    assert (kept.shown.level, kept.shown.ranker) == (explanation.level, shipped_ranker().version)


def test_a_verdict_is_taken_back(visitor: Visitor, service: Service) -> None:
    visitor.open("/judging/1")
    visitor.follow("无相关 1")
    html = visitor.follow("撤销 u")
    assert "已撤销：无相关" in html and "已评 0 / 3" in html
    assert service.judging.of_need(1, "本机用户（管理员）") == {}


def test_nobody_takes_back_what_somebody_else_said(visitor: Visitor, service: Service) -> None:
    verdict = service.matching.judge(1, 1, 4, "别人")
    status, text = post(visitor, f"/judging/verdicts/{verdict}/undo")
    assert status == 409 and "别人" in text
    assert post(visitor, "/judging/verdicts/999/undo")[0] == 404


def test_htmx_gets_the_buttons_of_the_pair_alone(visitor: Visitor) -> None:
    achievement_id = re.findall(r'id="pair-(\d+)"', visitor.open("/judging/1"))[0]
    status, text = post(visitor, f"/judging/1/{achievement_id}", level="2")
    assert status == 200 and "<html" not in text and "已记下：弱相关" in text
    assert 'aria-pressed="true">✓ 弱相关' in text and "data-undo" in text


def test_what_was_shown_cannot_be_made_up_or_taken_from_another_pair(visitor: Visitor, service: Service) -> None:
    first, second, *_ = re.findall(r'id="pair-(\d+)"', visitor.open("/judging/1"))
    forged: tuple[Callable[[], tuple[int, str]], ...] = (
        lambda: post(visitor, f"/judging/1/{second}", level="2"),
        lambda: post(visitor, f"/judging/1/{first}", level="2", shown="WzEsMSwxLDEsNCwieCJd.x"),
        lambda: post(visitor, f"/judging/1/{first}", level="2", shown=""),
        lambda: post(visitor, f"/judging/1/{first}", level="7"),
    )
    for attempt in forged:
        status, text = attempt()
        assert status == 400 and ("刷新" in text or "不是评判等级" in text)
    assert service.judging.counts("本机用户（管理员）") == {}


def test_a_finished_need_says_so(visitor: Visitor, service: Service) -> None:
    for item_id in (1, 2, 3):
        service.matching.judge(1, item_id, 2, "本机用户（管理员）")
    html = visitor.open("/judging/1")
    assert "已评 3 / 3" in html and "judging-done current" in html


@pytest.mark.parametrize("address", ["/judging/99", "/judging/99999999999999999999"])
def test_a_need_that_does_not_exist_is_not_found(visitor: Visitor, address: str) -> None:
    visitor.open(address, status=404)


def test_nothing_to_judge_is_said(visitor: Visitor, service: Service) -> None:
    for item_id in (1, 2, 3):
        service.postings.change_status("achievement", item_id, "closed", "李")
    assert "还没有已发布的成果可以评判" in visitor.open("/judging/1")
    for item_id in (1, 2):
        service.postings.change_status("need", item_id, "closed", "李")
    assert "还没有已发布的需求可以评判" in visitor.open("/judging")


def test_training_changes_the_version_and_going_back_restores_it(visitor: Visitor, service: Service) -> None:
    shipped = shipped_ranker().version
    service.matching.judge(1, 1, 4, "本机用户（管理员）")
    assert f"<strong data-version>{shipped}</strong>" in visitor.open("/rankers")
    html = visitor.follow("确认训练")
    version = service.scoring.ranker().version
    assert version != shipped and f"新版本 {version} 已启用" in html and "学习了 1 条评判" in html
    assert f"<strong data-version>{version}</strong>" in html
    html = visitor.follow(f"确认回到 {shipped}")
    assert f"现在使用 {shipped}" in html and service.scoring.ranker() == shipped_ranker()
    assert "确认回到" not in html
    visitor.follow(f"改用 {version}")
    assert service.scoring.ranker().version == version


def test_a_refused_training_says_by_how_much(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(
        Learning, "train", lambda _, actor, leave_out_withdrawn: asked.append(leave_out_withdrawn) or REFUSED
    )
    visitor.open("/rankers")
    html = visitor.follow("确认训练", leave_out_withdrawn="y")
    assert asked == [True]
    assert "没有启用新的排序模型" in html and "差了 0.100" in html and "alert-warning" in html and "另有 1 条" in html


def test_a_version_that_does_not_exist_is_not_found(visitor: Visitor, service: Service) -> None:
    token = FormReader(visitor.open("/rankers")).forms[-1].values["csrf_token"]
    answer = visitor.client.post("/rankers/use", data={"csrf_token": token, "version": "1999-01-01-1"})
    assert answer.status_code == 404 and shipped_ranker().version in answer.text
