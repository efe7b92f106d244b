"""Lists, filters, search and the first page, over HTTP."""

import re

import pytest
from flask.testing import FlaskClient

from matcher.models import Achievement, Need
from matcher.service import Service
from tests.support.people import sign_in
from tests.support.visitor import Visitor
from web import create_app


def titles(html: str) -> list[str]:
    """Return the titles of a list's rows in order, without marks."""
    rows = re.findall(r'class="row-title"><a href="/\w+/\d+">(.*?)</a>', html)
    return [re.sub(r"<[^>]+>", "", row) for row in rows]


@pytest.fixture
def many(service: Service) -> Service:
    """Forty-five more published needs in two regions and three fields."""
    records = [
        Need(
            title=f"第 {number:02d} 号难题",
            description="说明",
            field=("4.1", "1", "食品科学")[number % 3],
            region=("340100", "320000")[number % 2],
            maturity=number % 9 + 1,
            modes=("service",) if number % 5 == 0 else (),
            organisation="岚川矿用电源有限公司",
            status="published",
        )
        for number in range(1, 46)
    ]
    service.postings.save_many(records, "测试")
    return service


def test_a_list_shows_title_facts_and_text(visitor: Visitor) -> None:
    html = visitor.open("/needs")
    assert "共 2 条" in html
    assert "青桐坞家居制造有限公司" in html
    assert "成熟度不低于 7 级" in html
    assert "安徽省六安市叶集区" in html
    assert "预算 50.5 万元" in html and "截止 2027年4月30日" in html
    assert "一到六七月" in html
    assert "None" not in html


def test_achievements_that_are_for_show_say_so(visitor: Visitor) -> None:
    html = visitor.open("/achievements")
    assert html.count('class="badge badge-demo"') == 1
    assert "报价 45 万元" in html


def test_pages_of_a_list_and_the_links_between_them(visitor: Visitor, many: Service) -> None:
    first, second, third = (visitor.open(f"/needs?sort=title&page={number}") for number in (1, 2, 3))
    assert [len(titles(html)) for html in (first, second, third)] == [20, 20, 7]
    assert len(set(titles(first) + titles(second) + titles(third))) == 47
    assert 'href="/needs?sort=title&amp;page=2"' in first
    assert "上一页" not in first and "下一页" not in third
    assert '<ol class="rows" start="41">' in third


def test_a_page_past_the_end_is_the_last_one(visitor: Visitor, many: Service) -> None:
    assert len(titles(visitor.open("/needs?page=999"))) == 7


def test_page_size_lives_in_the_address(visitor: Visitor, many: Service) -> None:
    html = visitor.open("/needs?size=50")
    assert len(titles(html)) == 47
    assert len(titles(visitor.open("/needs?size=3"))) == 20


def test_orders(visitor: Visitor, many: Service) -> None:
    assert titles(visitor.open("/needs?sort=deadline"))[0] == "杨木集成材海运途中长霉发蓝的问题"
    assert titles(visitor.open("/needs?sort=maturity"))[0] == "第 44 号难题"
    assert titles(visitor.open("/needs?sort=nonsense")) == titles(visitor.open("/needs"))
    assert "截止日期" not in visitor.open("/achievements")


def test_filters_narrow_and_can_be_taken_back_one_by_one(visitor: Visitor, many: Service) -> None:
    html = visitor.open("/needs?field=4&region=340000&maturity=3&size=50")
    assert "技术领域：新材料" in html and "地区：安徽省" in html and "成熟度：不低于 3 级" in html
    kept = [many.postings.get("need", int(found)) for found in re.findall(r'title"><a href="/needs/(\d+)"', html)]
    assert kept
    assert all(need.field[0] == "4" and need.region[:2] == "34" and (need.maturity or 0) >= 3 for need in kept)
    assert 'class="chip" href="/needs?region=340000&amp;maturity=3&amp;size=50"' in html


def test_filters_count_what_each_value_would_leave(visitor: Visitor, many: Service) -> None:
    html = visitor.open("/needs?region=340000")
    assert '<option value="4">新材料（8）</option>' in html
    assert '<option value="320000">江苏省（23）</option>' in html
    assert '<option value="service">技术服务（4）</option>' in html


def test_a_field_that_is_no_code_can_be_filtered_by_and_is_shown_as_it_is(visitor: Visitor, many: Service) -> None:
    html = visitor.open("/needs?field=食品科学")
    assert "共 15 条" in html
    assert "<span>食品科学</span>" in html


def test_filters_that_make_no_sense_are_ignored(visitor: Visitor) -> None:
    senseless = ["maturity=x", "maturity=99", "page=0", "page=-1", "page=九", "size=1e9", "status=nonsense"]
    for query in [*senseless, "page=" + "9" * 400]:
        assert len(titles(visitor.open(f"/needs?{query}"))) == 2, query


def test_drafts_are_listed_only_when_asked_for(visitor: Visitor, service: Service) -> None:
    service.postings.post(Need(title="还没想好的难题"), "测试")
    assert "还没想好的难题" not in visitor.open("/needs")
    assert titles(visitor.open("/needs?status=draft")) == ["还没想好的难题"]
    assert len(titles(visitor.open("/needs?status=all"))) == 3


def test_a_search_in_a_list_ranks_and_marks_and_keeps_the_filters(visitor: Visitor) -> None:
    html = visitor.open("/achievements?q=木材防霉&organisation_kind=university")
    assert titles(html)[0] == "木材防霉微乳液及浸渍处理技术"
    assert len(titles(html)) == 2
    assert '<mark class="term term-0">' in html
    assert "搜索：木材防霉" in html


def test_an_empty_answer_says_why_and_what_next(visitor: Visitor) -> None:
    html = visitor.open("/needs?region=110000")
    assert "没有找到合适的技术需求" in html and "去掉上面的某个条件" in html


def test_search_over_both_sides(visitor: Visitor) -> None:
    achievements = visitor.open("/search?q=不会起火的电池")
    assert titles(achievements)[0] == "不燃凝胶电解质的锂离子电池"
    needs = visitor.open("/search?q=不会起火的电池&kind=need")
    assert titles(needs)[0] == "防爆锂离子电池的研发"
    assert '<mark class="term term-0">电池</mark>' in needs


@pytest.mark.parametrize("text", ["", " ", "%", "'; drop table need; --", '"', "*", "NEAR(", "的", "\x00", "😀" * 3000])
def test_any_text_can_be_searched_for(client: FlaskClient, text: str) -> None:
    for address in ("/search", "/needs", "/achievements"):
        assert client.get(address, query_string={"q": text}).status_code == 200


def test_search_results_are_paged(visitor: Visitor, many: Service) -> None:
    first, last = visitor.open("/search?kind=need&q=难题"), visitor.open("/search?kind=need&q=难题&page=3")
    assert len(titles(first)) == 20 and len(titles(last)) == 7
    assert not set(titles(first)) & set(titles(last))


def test_search_does_not_show_what_is_not_published(visitor: Visitor, service: Service) -> None:
    service.postings.post(Achievement(title="不燃电池的秘密草稿"), "测试")
    service.postings.change_status("achievement", 2, "closed", "测试")
    html = visitor.open("/search?q=不燃凝胶电解质的锂离子电池")
    assert "秘密草稿" not in html
    assert "不燃凝胶电解质的锂离子电池" not in titles(html)


def test_the_first_page_counts_and_shows_what_is_new(visitor: Visitor) -> None:
    html = visitor.open("/")
    counts = re.findall(r"<dd>(\d+) <span>(.)</span></dd>", html)
    assert counts == [("2", "条"), ("3", "条"), ("0", "项"), ("3", "家")]
    assert "防爆锂离子电池的研发" in html and "木材防霉微乳液及浸渍处理技术" in html
    assert "三步完成对接" in html


def test_an_empty_store_says_how_to_begin(empty_service: Service) -> None:
    visitor = Visitor(sign_in(create_app(service=empty_service).test_client(), empty_service))
    assert "这里还没有内容" in visitor.open("/")
    assert "还没有技术需求" in visitor.open("/needs")
    assert "还没有科技成果" in visitor.open("/achievements")
    assert "还没有已发布的科技成果可以搜索" in visitor.open("/search?q=电池")


def test_help_and_sign_of_life(visitor: Visitor) -> None:
    assert "目前没有合适的成果" in visitor.open("/help")
    assert visitor.open("/healthz") == "ok"
