"""Versions of a record over HTTP: who sees them, what differs, going back."""

from dataclasses import replace

import pytest
from flask import Flask

from matcher.service import Service
from tests.support.people import member, sign_in
from tests.support.visitor import Visitor


def test_the_list_the_differences_and_the_way_back(visitor: Visitor, service: Service) -> None:
    need = service.postings.get("need", 2)
    service.postings.edit(replace(need, description="<i>换成</i>不燃的电解质", indicators=("针刺不起火",)), "王")
    page = visitor.open("/needs/2")
    assert "按第 2 版匹配" in page and 'href="/needs/2/versions"' in page
    assert "（现在）" in visitor.open("/needs/2/versions")
    page = visitor.open("/needs/2/versions/2")
    assert "从第 1 版到第 2 版" in page and "<ins>针刺不起火</ins>" in page
    assert "<i>" not in page.split("<dl")[1].split("</dl>")[0]
    page = visitor.open("/needs/2/versions/1?against=2")
    assert "从第 1 版到第 2 版" in page
    page = visitor.follow("恢复第 1 版")
    assert "已恢复第 1 版" in page and "按第 3 版匹配" in page
    assert service.postings.get("need", 2).description == need.description


@pytest.mark.parametrize("address", ["/needs/2/versions/9", "/needs/2/versions/1?against=9"])
def test_no_such_version(visitor: Visitor, address: str) -> None:
    visitor.open(address, 404)


def test_an_old_version_is_only_for_those_who_may_change_it(app: Flask, service: Service) -> None:
    need = service.postings.get("need", 2)
    service.postings.edit(replace(need, description="公开的说法"), "王")
    owner = Visitor(sign_in(app.test_client(), service, member(service, "own", need.organisation, "enterprise")))
    other = Visitor(sign_in(app.test_client(), service, member(service, "other", "旁人厂", "enterprise")))
    broker = Visitor(sign_in(app.test_client(), service, member(service, "broker", "经纪", "broker")))
    assert "针刺后容易起火" in owner.open("/needs/2/versions/2")
    for each in (other, broker):
        for address in ("/needs/2/versions", "/needs/2/versions/1"):
            each.open(address, 403)
        assert "按第 2 版匹配" in each.open("/needs/2")
    other.client.post("/needs/2/versions/1/restore")
    assert service.postings.version("need", 2) == 2


def test_who_reads_only_the_summary_learns_no_version(app: Flask, service: Service) -> None:
    need = service.postings.get("need", 2)
    service.postings.edit(replace(need, visibility="brokers", summary="公开的说法"), "王")
    visitor = Visitor(app.test_client())
    assert "按第" not in visitor.open("/needs/2")
    assert "按第 2 版匹配" not in visitor.open("/matches/2/1")


def test_a_verdict_is_on_the_versions_that_were_shown(visitor: Visitor, service: Service) -> None:
    visitor.open("/matches/2/1")
    service.postings.edit(replace(service.postings.get("need", 2), title="换了题目"), "王")
    page = visitor.follow("强相关")
    assert "看的是需求第 1 版、成果第 1 版" in page
