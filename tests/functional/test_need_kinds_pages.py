"""Kinds and marks of needs over HTTP."""

from matcher.service import Service
from tests.support.suggested import suggest
from tests.support.visitor import Visitor


def test_a_need_for_people_is_listed_and_says_why_it_has_no_matches(visitor: Visitor) -> None:
    visitor.open("/needs/new")
    page = visitor.follow("发布", title="电池安全方向的博士", need_kind="talent", is_chokepoint="y")
    assert "这是人才需求。目前只有技术需求与科技成果匹配" in page
    assert "人才需求</span>" in page and "卡脖子技术</span>" in page
    for address in ("/needs?need_kind=talent", "/needs?flag=chokepoint", "/needs?q=电池博士&need_kind=talent"):
        page = visitor.open(address)
        assert 'href="/needs/3"' in page and 'href="/needs/2"' not in page
    assert "需求类型：人才" in visitor.open("/needs?need_kind=talent")
    assert "电池安全方向的博士" not in visitor.open("/achievements/2?k=100")


def test_a_choice_that_makes_no_sense_counts_as_none(visitor: Visitor) -> None:
    assert "防爆锂离子电池的研发" in visitor.open("/needs?need_kind=x&flag=p.id")
    assert "需求类型" not in visitor.open("/achievements?need_kind=talent")


def test_a_need_stays_what_it_is_when_edited(visitor: Visitor) -> None:
    visitor.open("/needs/2/edit")
    visitor.press("保存修改", need_kind="scenario", is_common_key="y")
    page = visitor.open("/needs/2/edit")
    assert 'value="scenario" selected' in page.replace('selected value="scenario"', 'value="scenario" selected')
    assert "共性关键技术" in visitor.follow("保存修改")
    visitor.open("/needs/2/edit")
    assert "场景需求" in visitor.follow("保存修改", is_common_key=None)
    assert "共性关键技术</span>" not in visitor.page.text


def test_only_what_is_matched_is_there_to_be_judged(visitor: Visitor, service: Service) -> None:
    suggest(service)
    assert all("防爆锂离子" in visitor.open(address) for address in ("/judging", "/desk?level=1"))
    visitor.open("/needs/2/edit")
    visitor.press("保存修改", need_kind="scenario")
    for address in ("/judging", "/desk?level=1", "/desk/judge?level=1"):
        page = visitor.open(address)
        assert "防爆锂离子" not in page and "杨木" in page
