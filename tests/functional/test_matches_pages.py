"""The reasons of a match and the verdicts on it, over HTTP."""

import re

import pytest

from matcher.service import Service
from tests.support.visitor import Visitor

PAGE = "/matches/1/1"
ASKED_BY_HTMX = {"HX-Request": "true"}


def test_reasons_are_a_whole_page_with_both_texts(visitor: Visitor) -> None:
    html = visitor.open(PAGE)
    assert html.count("<h1") == 1
    assert "匹配理由" in html
    assert "青桐坞家居制造有限公司" in html and "云麓林业大学" in html
    assert "最接近的一对句子" in html
    assert re.search(r"高于( \d+% 的|其余全部)候选", html)
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
    assert "本机用户" in html
    visitor.follow("强相关")
    assert [(verdict.level, verdict.judge) for verdict in service.matching.verdicts(1, 1)] == [(4, "本机用户")]


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
    assert "为什么：" in html and "相对分" in html
    assert 'href="/matches/1/1"' in html
    assert not re.search(r"\d\.\d{3,}", re.sub(r"v=\w+", "", html))
