"""The last day of a record over HTTP: renewing, closing with a reason, what ran out."""

from datetime import timedelta

import pytest

from matcher.clock import today
from matcher.service import Service
from tests.support.commands import invoke
from tests.support.visitor import Visitor
from web.frame import day


def run_out(service: Service, number: int) -> None:
    with service.store.transaction() as db:
        last = (today() - timedelta(days=1)).isoformat()
        db.execute("update need set valid_until = ? where id = ?", (last, number))


def test_what_ran_out_is_gone_at_the_first_request_and_renewed_by_one_click(visitor: Visitor, service: Service) -> None:
    run_out(service, 2)
    assert 'href="/needs/2"' not in visitor.open("/needs")
    page = visitor.open("/needs/2")
    assert "已撤回（到期）" in page
    page = visitor.follow("续期")
    assert f"已续期，有效期至 {day(today() + timedelta(days=365))}" in page
    assert 'href="/needs/2"' in visitor.open("/needs")


def test_closing_asks_for_a_reason(visitor: Visitor, service: Service) -> None:
    visitor.open("/needs/2")
    assert "请选择撤回的原因：通过对接解决" in visitor.press("撤回", 400)
    assert service.postings.get("need", 2).status == "published"
    visitor.open("/needs/2")
    assert "已撤回（由其他途径解决）" in visitor.follow("撤回", reason="solved_otherwise")
    visitor.open("/achievements/1")
    assert "已撤回（已经转化）" in visitor.follow("撤回", reason="transferred")


@pytest.mark.parametrize(("chosen", "status"), [("2020-01-01", 400), ("2999-01-01", 303)])
def test_a_last_day_is_chosen_in_the_form(visitor: Visitor, chosen: str, status: int) -> None:
    visitor.open("/needs/new")
    page = visitor.press("发布", status, title="防霉", valid_until=chosen)
    if status == 400:
        assert "“2020-01-01”已经过去" in page
    else:
        assert "2999年1月1日" in visitor.open(page)


def test_tidy_tells_how_many(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_HOME", str(service.settings.home))
    service.close()
    assert "撤回了 0 条到期的需求和成果" in invoke("tidy").stderr
