"""奖励测算 over HTTP and by command: who sees what, filters, sums, and rules of another file."""

import json
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g

from matcher.cooperation import Cooperation, Outcome, Party
from matcher.errors import MatcherError
from matcher.models import Organisation
from matcher.people import MemberRole
from matcher.policy import VISITOR, Role, Viewer
from matcher.rewarding import deal_of
from matcher.service import Service
from matcher.settings import Settings
from tests.conftest import CHEAP_PASSWORDS
from tests.support.commands import invoke
from tests.support.hash_encoder import HashEncoder
from tests.support.office_files import PDF
from tests.support.people import member, sign_in
from tests.support.visitor import Visitor
from web.rewards import claims_of

FIRM, UNIVERSITY, STRANGER = "肥乡气体有限公司", "云麓林业大学", "丁厂"
PATENT = Outcome(kind="patent", title="一种提纯方法", evidence="ZL20261")


def recorded(service: Service, title: str, state: str = "submitted", **given: Any) -> int:
    """Return the id of a record that was signed and begun in Feixiang, with a file attached."""
    parties = (Party(role="a", name=FIRM), Party(role="b", name=UNIVERSITY))
    whole: dict[str, Any] = {
        "contract_type": "commissioned_development",
        "region": "130407",
        "signed_on": date(2026, 3, 1),
        "starts_on": date(2026, 3, 2),
        "parties": parties,
    }
    made = service.cooperations.record(Cooperation(title=title, **whole | given), "测试")
    service.attachments.add(("cooperation", made.id), "协议.pdf", BytesIO(PDF), "", "测试")
    if state != "draft":
        service.cooperations.move(made.id, state, "测试")
    return made.id


@pytest.fixture
def service(service: Service) -> Service:
    for name in (FIRM, UNIVERSITY):
        service.joining.organisation(Organisation(name=name))
    recorded(service, "高纯气体提纯", outcomes=(PATENT, Outcome(kind="product", title="新气瓶")))
    recorded(service, "旧年合作", signed_on=date(2025, 5, 1), starts_on=date(2025, 5, 2))
    recorded(service, "还没开始", starts_on=None)
    recorded(service, "外地合作", region="341504")
    return service


def reader(app: Flask, service: Service, login: str, place: str, role: MemberRole) -> Visitor:
    return Visitor(sign_in(app.test_client(), service, member(service, login, place, role)))


def test_the_administrator_sees_sums_and_what_is_missing(visitor: Visitor) -> None:
    page = visitor.open("/rewards")
    assert "合计 7 万元" in page and "<td>2025</td><td>1 份</td><td>1 万元</td>" in page
    assert "<td>2026</td><td>1 份</td><td>6 万元</td>" in page
    assert "成果“新气瓶”没有证明材料" in page and "没有填写开始日期" in page
    assert "外地合作" not in page and "共 6 项" in page


def test_filters_narrow_list_and_sums(visitor: Visitor) -> None:
    assert "合计 1 万元" in visitor.open("/rewards?year=2025")
    assert "共 3 项" in visitor.open("/rewards?shown=due")
    assert "合计 5 万元" in visitor.open("/rewards?rule=feixiang-result")
    assert "没有符合筛选条件的项目" in visitor.open("/rewards?region=341504")
    assert "共 6 项" in visitor.open("/rewards?region=x&year=-1&rule=x&shown=x&page=99")


def test_parties_see_their_own_and_others_nothing(app: Flask, service: Service) -> None:
    firm = reader(app, service, "firm", FIRM, "enterprise")
    assert "合计 7 万元" in firm.open("/rewards")
    assert "一种" not in firm.page.text
    stranger = reader(app, service, "stranger", STRANGER, "enterprise")
    page = stranger.open("/rewards")
    assert "还没有合作备案" in page and "高纯气体提纯" not in page
    assert "合计 7 万元" in reader(app, service, "broker", "丙经纪", "broker").open("/rewards")
    assert app.test_client().get("/rewards").status_code == 303


def test_a_record_shows_what_the_rules_give_it(visitor: Visitor) -> None:
    page = visitor.open("/rewards?shown=missing&rule=feixiang-cooperation")
    assert "还没开始" in page
    address = page.split('row-title"><a href="')[1].split('"')[0]
    record = visitor.open(address)
    assert "奖励测算" in record and "还不够条件" in record and "没有填写开始日期" in record


def test_the_rules_are_shown_with_their_source(visitor: Visitor) -> None:
    page = visitor.open("/rewards/rules")
    assert "河北省邯郸市肥乡区" in page and "第八条" in page and "每项成果 5 万元" in page


def test_the_command_lists_the_same(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_HOME", str(service.settings.home))
    text = invoke("rewards").stdout
    assert "合计 7 万元，6 项" in text and "缺：没有填写开始日期" in text
    found = json.loads(invoke("rewards", "--region", "肥乡区", "--year", "2026", "--due", "--json").stdout)
    assert found["total_yuan"] == 60_000
    assert [each["count"] for each in found["claims"]] == [1, 1]
    assert invoke("rewards", "--region", "鼓楼区").exit_code == 1


def test_another_file_of_rules(service: Service, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        '[[rule]]\nid = "yeji"\nname = "叶集"\nregion = "3415"\nrequires = ["signed"]\namount_yuan = 7\n',
        encoding="utf-8",
    )
    settings = Settings(home=service.settings.home, rewards=str(path), **CHEAP_PASSWORDS)
    other = Service(settings, HashEncoder())
    assert [(each.deal.title, each.amount_yuan) for each in other.rewards.claims()] == [("外地合作", 7)]
    other.close()
    path.write_text('[[rule]]\nid = "yeji"\n', encoding="utf-8")
    with pytest.raises(MatcherError, match="yeji"):
        Service(settings, HashEncoder())


def test_a_draft_and_what_was_ended_get_nothing(service: Service) -> None:
    recorded(service, "草稿", state="draft")
    found = [each for each in service.rewards.claims() if each.deal.title == "草稿"]
    assert [each.amount_yuan for each in found] == [0, 0] and "还是草稿" in found[0].missing[0]


def test_an_agreement_that_was_taken_away_is_missing(service: Service) -> None:
    number = recorded(service, "附件撤下")
    (file,) = service.attachments.of("cooperation", number)
    service.attachments.remove(file.public_id, "测试")
    first, _ = service.rewards.of(service.cooperations.get(number))
    assert (first.amount_yuan, first.missing) == (0, ("没有上传协议",))


@pytest.mark.parametrize("state", ["terminated", "revoked"])
def test_what_was_ended_or_revoked_is_over(service: Service, state: str) -> None:
    number = service.rewards.claims()[0].deal.id
    assert deal_of(replace(service.cooperations.get(number), state=state), True).is_over


def test_a_record_shows_rewards_only_to_who_may_see_them(app: Flask, service: Service) -> None:
    record = service.cooperations.get(service.rewards.claims()[0].deal.id)
    for who, sees in ((VISITOR, False), (Viewer(roles=frozenset({Role.BROKER}), account_id=1), True)):
        with app.test_request_context():
            g.viewer = who
            assert bool(claims_of(record)) is sees
