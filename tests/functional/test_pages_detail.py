"""One record with its matches beside it, over HTTP."""

import re

import pytest

from matcher.errors import ModelMismatchError
from matcher.models import Achievement
from matcher.service import Service
from matcher.settings import Settings
from tests.conftest import UseRanker
from tests.support.hash_encoder import HashEncoder
from tests.support.people import sign_in
from tests.support.visitor import Visitor
from web import create_app


def matched(html: str) -> list[str]:
    """Return the ids of the pairs in the matches column, in order."""
    return re.findall(r'<li class="match" id="match-([\d-]+)"', html)


def test_a_need_shows_everything_it_says_and_its_matches(visitor: Visitor) -> None:
    html = visitor.open("/needs/1")
    for text in ("霉变与蓝变面积≤5%", "木材防霉", "50.5 万元", "2027年4月30日", "技术开发（委托）、技术转让", "7 级："):
        assert text in html
    assert "新材料 · " in html
    assert matched(html)[0] == "1-1" and len(matched(html)) == 3
    assert re.search(r"把握[^<·]+ · [^<]*\d+%", html)


def test_an_achievement_is_the_mirror(visitor: Visitor) -> None:
    html = visitor.open("/achievements/2")
    assert matched(html)[0] == "2-2"
    assert "匹配的技术需求" in html
    assert "安徽省" not in html.split("<main")[1].split('id="matches"')[0]


def test_what_is_missing_is_named_and_never_shown_as_none(visitor: Visitor) -> None:
    html = visitor.open("/achievements/3")
    assert "还可以补充" in html and "可量化指标" in html
    assert "None" not in html and "<dd></dd>" not in html


def test_matches_can_be_filtered_and_the_address_says_how(visitor: Visitor) -> None:
    html = visitor.open("/needs/1?organisation_kind=university")
    assert sorted(matched(html)) == ["1-1", "1-2"]
    assert '<details class="match-filters" open>' in html
    html = visitor.open("/needs/1?region=110000")
    assert matched(html) == [] and "没有符合这些条件的科技成果" in html


def test_more_matches_on_request(visitor: Visitor, service: Service, use_ranker: UseRanker) -> None:
    use_ranker(thresholds={4: 1.0, 3: 1.0, 2: 0.0})
    records = [Achievement(title=f"防霉技术 {number}", description="木材", status="published") for number in range(40)]
    service.postings.save_many(records, "测试")
    html = visitor.open("/needs/1?field=")
    assert len(matched(html)) == 10 and 'href="/needs/1?k=20"' in html
    assert len(matched(visitor.open("/needs/1?k=20"))) == 20
    assert '<details class="weak-matches" open>' in visitor.page.text
    assert len(matched(visitor.open("/needs/1?k=99999"))) == 10
    html = visitor.open("/needs/1?k=100")
    assert len(matched(html)) == 43 and "显示更多" not in html
    assert matched(html)[:10] == matched(visitor.open("/needs/1"))


@pytest.mark.parametrize("k", ["0", "-1", "x", "", "９"])
def test_a_count_that_makes_no_sense_is_the_usual_one(visitor: Visitor, k: str) -> None:
    assert len(matched(visitor.open(f"/needs/1?k={k}"))) == 3


def test_nothing_to_match_yet(empty_service: Service) -> None:
    visitor = Visitor(sign_in(create_app(service=empty_service).test_client(), empty_service))
    visitor.open("/needs/new")
    html = visitor.follow("发布", title="第一条难题")
    assert "还没有已发布的科技成果可以匹配" in html


def test_a_record_is_shown_even_when_the_model_does_not_fit(service: Service) -> None:
    other = Service(Settings(home=service.settings.home), HashEncoder("another@1"))
    visitor = Visitor(sign_in(create_app(service=other).test_client(), other))
    html = visitor.open("/needs/1")
    assert "杨木集成材海运途中长霉发蓝的问题" in html and "matcher reindex" in html
    html = visitor.open("/search?q=电池", status=503)
    assert "matcher reindex" in html
    with pytest.raises(ModelMismatchError):
        other.matching.matches("need", 1)
    other.close()


@pytest.mark.parametrize("address", ["/needs/99", "/achievements/99", "/needs/99/edit", "/needs/0", "/needs/99/delete"])
def test_a_record_that_does_not_exist(visitor: Visitor, address: str) -> None:
    html = visitor.open(address, status=404)
    assert "可能已被删除" in html and "回到首页" in html


@pytest.mark.parametrize("address", ["/needs/abc", "/nowhere", "/needs/-1"])
def test_an_address_that_does_not_exist(visitor: Visitor, address: str) -> None:
    assert "没有找到" in visitor.open(address, status=404)


def test_a_number_too_large_for_the_store_is_just_not_found(visitor: Visitor) -> None:
    visitor.open("/needs/" + "9" * 30, status=404)


def test_a_crash_says_so_and_shows_no_inner_words(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("inner words")

    monkeypatch.setattr("web.home.Filters", crash)
    html = visitor.open("/", status=500)
    assert "服务出错了" in html and "inner words" not in html


def test_too_much_is_refused_with_advice(visitor: Visitor) -> None:
    visitor.open("/needs/new")
    answer = visitor.client.post("/needs/new", data={"title": "x" * 5_000_000})
    assert answer.status_code == 413 and "4 MB" in answer.text
