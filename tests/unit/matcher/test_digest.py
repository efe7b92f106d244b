"""When notices are mailed and what stands in the mail."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.digest import Links, due_before, letter, mail_address, plain
from matcher.notices import KINDS, MAIL_MODES, OTHER, Notice, usual

LINKS = Links(inbox="https://m.cn/inbox", preferences="https://m.cn/inbox/preferences", notice="https://m.cn/inbox/")
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def notice(words: str = "有一条消息", kind: str = "strong_match") -> Notice:
    return Notice(public_id="abc", kind=kind, words=words, about="need", about_id=1, created_at=MONDAY)


def test_a_kind_that_is_not_known_has_a_name_and_a_default() -> None:
    assert notice(kind="thing_of_tomorrow").kind_name == KINDS[OTHER].name
    assert usual("thing_of_tomorrow").kind == OTHER and usual("thing_of_tomorrow").in_app


@pytest.mark.parametrize(
    ("now", "daily", "weekly"),
    [
        ("2026-11-23T00:00", "2026-11-23T00:00", "2026-11-23T00:00"),  # Monday, eight in Shanghai.
        ("2026-11-22T23:59", "2026-11-22T00:00", "2026-11-16T00:00"),
        ("2026-11-25T16:30", "2026-11-25T00:00", "2026-11-23T00:00"),
        ("2026-11-25T22:00", "2026-11-25T00:00", "2026-11-23T00:00"),  # Thursday already in Shanghai, before eight.
    ],
)
def test_daily_ones_are_due_at_eight_and_weekly_ones_on_mondays(now: str, daily: str, weekly: str) -> None:
    due = due_before(datetime.fromisoformat(f"{now}+00:00"))
    assert due["daily"] == datetime.fromisoformat(f"{daily}+00:00")
    assert due["weekly"] == datetime.fromisoformat(f"{weekly}+00:00")


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_what_is_due_is_never_older_than_its_period(now: datetime) -> None:
    due = due_before(now)
    assert timedelta() <= now - due["daily"] < timedelta(days=1)
    assert timedelta() <= now - due["weekly"] < timedelta(days=7)
    assert due["weekly"] <= due["daily"] and set(due) == set(MAIL_MODES) - {"no"}


@given(st.text())
def test_words_are_one_plain_line(words: str) -> None:
    line = plain(words)
    assert len(line.splitlines()) <= 1 and line.isprintable() and "://" not in line and len(line) <= 300


@given(st.text(), st.text())
def test_nothing_that_was_typed_gets_into_the_head(words: str, kind: str) -> None:
    subject, text = letter([notice(words, kind)], LINKS)
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content(text)
    assert subject == f"科技供需对接：{KINDS[kind if kind in KINDS else OTHER].name}"
    assert set(message.keys()) == {"Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
    assert LINKS.preferences in text and f"{LINKS.notice}abc" in text


def test_a_long_digest_lists_fifty() -> None:
    subject, text = letter([notice(f"消息{number}") for number in range(70)], LINKS)
    assert "70 条新消息" in subject
    assert "消息49" in text and "消息50" not in text and "另有 20 条" in text


@pytest.mark.parametrize("login", ["wang@example.cn", "a.b+c@x.y.cn"])
def test_a_login_that_is_an_address(login: str) -> None:
    assert mail_address(login) == login


@pytest.mark.parametrize("login", ["wang", "@", "a@b", "a@@b.cn", "a@b..cn", "a@b.cn\nBcc: c@d.cn", "a@b.cn, c@d.cn"])
def test_a_login_that_is_none(login: str) -> None:
    assert mail_address(login) == ""
