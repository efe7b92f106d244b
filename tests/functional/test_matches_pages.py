"""The reasons of a match and the verdicts on it, over HTTP."""

import re
from dataclasses import replace

import pytest

from matcher.features import FEATURES
from matcher.models import LEVEL_NAMES, Achievement
from matcher.service import Service
from tests.conftest import UseRanker
from tests.support.examples import WOOD_ACHIEVEMENT
from tests.support.visitor import Visitor

pytestmark = pytest.mark.wide

PAGE = "/matches/1/1"
ASKED_BY_HTMX = {"HX-Request": "true"}


def test_reasons_are_a_whole_page_with_both_texts(visitor: Visitor) -> None:
    html = visitor.open(PAGE)
    assert html.count("<h1") == 1
    assert "匹配理由" in html
    assert "青桐坞家居制造有限公司" in html and "云麓林业大学" in html
    assert "最接近的一对句子" in html
    assert re.search(r"[加减] \d+ 分", html) and "每 10 分使胜算翻一倍" in html
    assert "None" not in html


def test_shared_terms_bear_the_same_mark_in_both_texts(visitor: Visitor) -> None:
    html = visitor.open(PAGE)
    sides = html.split('<article class="pair-side">')[1:]
    need, achievement = (dict(_hues(side)) for side in sides)
    common = need.keys() & achievement.keys()
    assert "杨木" in common
    assert all(need[text] == achievement[text] for text in common)


def _hues(html: str) -> list[tuple[str, str]]:
    """Return (marked text, class of its hue)."""
    return [(text, hue) for hue, text in re.findall(r'class="term (term-\d+)"[^>]*>([^<]+)<', html)]


def test_texts_are_escaped(visitor: Visitor) -> None:
    html = visitor.open("/matches/1/3")
    assert "&lt;b&gt;" in html and "<b>竹材" not in html


def test_htmx_gets_the_part_that_opens_in_place(visitor: Visitor) -> None:
    html = visitor.open(PAGE, **ASKED_BY_HTMX)
    assert "<html" not in html and "<h1" not in html
    assert "双方原文" in html
    assert "HX-Request" in visitor.page.headers["Vary"]


@pytest.mark.parametrize("address", ["/matches/1/99", "/matches/99/1", "/matches/1/9999999999999999999999"])
def test_a_pair_that_does_not_exist_is_not_found(visitor: Visitor, address: str) -> None:
    visitor.open(address, status=404)


def test_a_verdict_is_kept_with_name_and_can_be_changed(visitor: Visitor, service: Service) -> None:
    visitor.open(PAGE)
    html = visitor.follow("较强相关")
    assert "已记下您的评判：较强相关" in html
    assert "本机用户（管理员）" in html
    visitor.follow("强相关")
    assert [(verdict.level, verdict.judge) for verdict in service.matching.verdicts(1, 1)] == [
        (4, "本机用户（管理员）")
    ]


def test_a_verdict_by_htmx_answers_with_the_verdicts_alone(visitor: Visitor) -> None:
    html = visitor.open(PAGE)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', html)[0]
    answer = visitor.client.post(f"{PAGE}/verdict", data={"level": "2", "csrf_token": token}, headers=ASKED_BY_HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text and "已记下您的评判：弱相关" in answer.text


@pytest.mark.parametrize("level", ["", "0", "5", "x", "²"])
def test_a_level_that_is_none_is_refused_with_advice(visitor: Visitor, service: Service, level: str) -> None:
    html = visitor.open(PAGE)
    token = re.findall(r'name="csrf_token" value="([^"]+)"', html)[0]
    answer = visitor.client.post(f"{PAGE}/verdict", data={"level": level, "csrf_token": token})
    assert answer.status_code == 400 and "强相关、较强相关" in answer.text
    assert not service.matching.verdicts(1, 1)


def test_a_forged_verdict_is_refused(visitor: Visitor, service: Service) -> None:
    assert visitor.client.post(f"{PAGE}/verdict", data={"level": "4"}).status_code == 400
    assert not service.matching.verdicts(1, 1)


def test_reasons_lead_to_the_cooperation_and_to_the_one_recorded(visitor: Visitor) -> None:
    assert "/cooperations/new?need=1&amp;achievement=1" in visitor.open(PAGE)
    visitor.open("/cooperations/new?need=1&achievement=1")
    visitor.press("记录合作")
    assert "已有合作备案" in visitor.open(PAGE)


@pytest.mark.parametrize("address", ["/needs/1", "/achievements/1"])
def test_rows_say_why_and_show_no_raw_score(visitor: Visitor, address: str) -> None:
    html = visitor.open(address)
    assert "为什么：" in html and 'class="level-chip level-' in html
    assert 'href="/matches/1/1"' in html
    assert not re.search(r"\d\.\d{3,}", re.sub(r"v=\w+", "", html))


def test_none_is_said_with_what_would_help_and_the_weak_rows_behind_one_click(
    visitor: Visitor, use_ranker: UseRanker
) -> None:
    use_ranker(thresholds={4: 1.0, 3: 1.0, 2: 0.0})
    html = visitor.open("/needs/2")
    shown, hidden = html.split('<details class="weak-matches">')
    assert "目前没有合适的成果" in shown and "补充技术指标" in shown and '<li class="match"' not in shown
    assert 'href="/needs/2/edit#indicators"' in shown
    assert "仍要查看 3 项弱相关" in hidden and hidden.count('<li class="match"') == 3
    assert "目前没有合适的需求" in visitor.open("/achievements/2")


def test_a_filter_that_hides_what_fits_can_be_dropped_from_the_empty_answer(
    visitor: Visitor, service: Service, use_ranker: UseRanker
) -> None:
    best = service.matching.matches("need", 1).matches[0].candidate.probability
    use_ranker(thresholds={4: 1.0, 3: best, 2: 0.0})
    html = visitor.open("/needs/1?maturity=8")
    assert "没有符合这些条件的科技成果" in html and "降低成熟度要求" in html
    service.postings.post(Achievement(title="刨花", maturity=9, status="published"), "测试")
    html = visitor.open("/needs/1?maturity=8")
    assert "目前没有合适的成果" in html
    assert re.search(r'<a href="/needs/1">降低成熟度要求</a>：放宽后有 1 项', html)


def test_rows_to_trust_stand_before_the_weak_ones(visitor: Visitor, service: Service, use_ranker: UseRanker) -> None:
    best = service.matching.matches("need", 1).matches[0].candidate.probability
    use_ranker(thresholds={4: 1.0, 3: best, 2: 0.0})
    shown, hidden = visitor.open("/needs/1").split('<details class="weak-matches">')
    assert "最合适的 1 条" in shown and shown.count('<li class="match"') == 1 and "较强相关</span>" in shown
    assert "仍要查看 2 项弱相关" in hidden and '<ol class="match-list" start="2">' in hidden


def test_near_duplicates_are_folded_with_links(visitor: Visitor, service: Service) -> None:
    copy = replace(WOOD_ACHIEVEMENT, organisation="岚川研究院", external_id="copy")
    stored = service.postings.post(copy, "测试")
    html = visitor.open("/needs/1")
    assert "另有 1 项相近成果" in html and html.count('<li class="match"') == 3
    assert f"/achievements/{stored.id}" in html and "/achievements/1" in html


def test_missing_information_is_named(visitor: Visitor) -> None:
    html = visitor.open("/matches/2/3")
    assert "需求未填技术指标" in html and "成果未填成熟度" in html and "按中性计" in html


def test_the_scoring_page_is_made_from_the_ranker_in_force(visitor: Visitor, use_ranker: UseRanker) -> None:
    ranker = use_ranker(
        version="另一版",
        thresholds={4: 0.81, 3: 0.42, 2: 0.13},
        facts={"pairs": 123, "cross_validated": {"calibration_error": 0.0312}},
    )
    html = visitor.open("/scoring")
    assert all(feature.label in html and feature.meaning.split("<")[0] in html for feature in FEATURES)
    assert all(name in html for name in LEVEL_NAMES.values())
    assert "另一版" in html and "123" in html and "按需求交叉验证：校准误差（越小越好）" in html and "0.031" in html
    assert "81% 及以上" in html and "42% 至 81%" in html and "不足 13%" in html
    assert html.count("越小越好</td>") == sum(weight < 0 for weight in ranker.coefficients)
    use_ranker(coefficients=tuple(-1.0 for _ in FEATURES))
    assert visitor.open("/scoring").count("越小越好</td>") == len(FEATURES)
    use_ranker(coefficients=tuple(0.0 for _ in FEATURES))
    assert visitor.open("/scoring").count("不计</td>") == len(FEATURES)


@pytest.mark.parametrize("address", ["/needs/1", "/help", "/matches/1/1"])
def test_pages_lead_to_how_scores_come_about(visitor: Visitor, address: str) -> None:
    assert 'href="/scoring"' in visitor.open(address)
