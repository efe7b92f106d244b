"""A broker puts a need in other words; its owner compares, accepts or declines; others see nothing of it."""

from dataclasses import replace

import pytest
from flask import Flask

from matcher.errors import IllegalTransitionError, StaleEditError
from matcher.service import Service
from tests.support.examples import BATTERY_NEED
from tests.support.people import member, sign_in
from tests.support.visitor import Visitor

pytestmark = pytest.mark.wide

BETTER = "井下用的锂离子电池针刺后容易起火，希望换成<b>不燃</b>的电解质，并通过煤安认证。"
WHY = "问过矿上的机电科，认证是硬要求"


@pytest.fixture
def people(app: Flask, service: Service) -> dict[str, Visitor]:
    places = {
        "owner": (BATTERY_NEED.organisation, "enterprise"),
        "broker": ("丙经纪", "broker"),
        "rival": ("丁经纪", "broker"),
        "other": ("旁人厂", "enterprise"),
    }
    made = {
        role: Visitor(sign_in(app.test_client(), service, member(service, role, *place)))  # type: ignore[arg-type]
        for role, place in places.items()
    }
    made["visitor"] = Visitor(app.test_client())
    return made


def proposed(people: dict[str, Visitor]) -> str:
    people["broker"].open("/needs/2/rewrite")
    return people["broker"].press("提交建议", description=BETTER, explanation=WHY)


def notices(service: Service) -> list[tuple[str, str, int]]:
    return service.store.db.execute(
        "select kind, words, organisation_id from notice where kind like 'rewrite%' order by id"
    ).fetchall()


def test_an_accepted_proposal_is_the_next_version_with_both_names(people: dict[str, Visitor], service: Service) -> None:
    address = proposed(people)
    assert address in people["owner"].open("/needs/2")
    page = people["owner"].open(address)
    assert WHY in page and "<ins>&lt;b&gt;" in page and "<b>不燃" not in page
    page = people["owner"].follow("采纳，成为新的一版")
    assert "已采纳" in page
    assert service.postings.get("need", 2).description == BETTER
    newest = service.postings.versions("need", 2)[0]
    assert newest.number == 2 and "broker（丙经纪）" in newest.note and "owner（" in newest.note
    (asked, answered) = notices(service)
    assert asked[0] == "rewrite_proposed" and asked[2] == service.postings.get("need", 2).organisation_id
    assert answered[0] == "rewrite_answered" and "已采纳" in answered[1]
    assert not any(BETTER in words or WHY in words for _, words, _ in notices(service))
    assert "已采纳" in people["broker"].open(address)


def test_a_declined_proposal_says_why(people: dict[str, Visitor], service: Service) -> None:
    address = proposed(people)
    people["owner"].open(address)
    assert "请说明不采纳的原因" in people["owner"].press("不采纳", 400)
    people["owner"].follow("不采纳", reason="认证不归我们管")
    assert "认证不归我们管" in people["broker"].open(address)
    assert service.postings.version("need", 2) == 1
    with pytest.raises(IllegalTransitionError, match="不能再答复"):
        service.rewrites.accept(address.rsplit("/", 1)[1], "李")
    assert service.postings.version("need", 2) == 1


def test_one_that_was_overtaken_is_told_and_not_accepted(people: dict[str, Visitor], service: Service) -> None:
    address = proposed(people)
    people["owner"].open(address)
    service.postings.edit(replace(service.postings.get("need", 2), title="换了题目"), "李")
    assert "提出这份建议之后需求已经修改过" in people["owner"].press("采纳，成为新的一版", 409)
    assert "采纳，成为新的一版" not in people["owner"].open(address)
    assert service.postings.get("need", 2).title == "换了题目"
    with pytest.raises(StaleEditError):
        service.rewrites.accept(address.rsplit("/", 1)[1], "李")


def test_the_broker_is_told_when_the_need_changed_while_writing(people: dict[str, Visitor], service: Service) -> None:
    people["broker"].open("/needs/2/rewrite")
    service.postings.edit(replace(service.postings.get("need", 2), title="换了题目"), "李")
    page = people["broker"].press("提交建议", 409, description=BETTER, explanation=WHY)
    assert "需求已改到第 2 版" in page and "换了题目" in page and "煤安认证" in page
    people["broker"].press("提交建议")
    assert len(service.rewrites.of_need(2)) == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"explanation": " "}, "请说明为什么这样改"),
        ({"explanation": WHY, "title": ""}, "请填写标题"),
        ({"explanation": WHY}, "没有改动任何内容"),
    ],
)
def test_mistakes_are_told(people: dict[str, Visitor], service: Service, typed: dict[str, str], told: str) -> None:
    people["broker"].open("/needs/2/rewrite")
    assert told in people["broker"].press("提交建议", 400, **typed)
    assert service.rewrites.of_need(2) == ()


def test_nobody_else_reads_a_proposal(people: dict[str, Visitor], service: Service) -> None:
    address = proposed(people)
    for role in ("rival", "other"):
        people[role].open(address, 403)
        assert address not in people[role].open("/needs/2")
    people["visitor"].open(address, 303)
    people["owner"].open("/needs/2/rewrite", 403)


def test_only_who_reads_in_full_may_propose(people: dict[str, Visitor], service: Service) -> None:
    need = service.postings.get("need", 2)
    service.postings.edit(replace(need, visibility="named", named_ids=(need.organisation_id or 0,)), "李")
    people["broker"].open("/needs/2/rewrite", 404)


def test_pressed_twice_it_is_kept_once(people: dict[str, Visitor], service: Service) -> None:
    broker = people["broker"]
    broker.open("/needs/2/rewrite")
    before = broker.page
    first = broker.press("提交建议", description=BETTER, explanation=WHY)
    broker.page = before
    assert broker.press("提交建议", description=BETTER, explanation=WHY) == first
    assert len(service.rewrites.of_need(2)) == 1
