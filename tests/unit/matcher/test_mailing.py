"""Each notice is mailed once an account, however many mail it and wherever they stop."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from matcher.digest import Links
from matcher.mail import Mail, Outcome
from matcher.mailing import Mailing, Round
from matcher.people import Account
from matcher.service import Service
from matcher.store import notices
from tests.conftest import OpenService
from tests.support.people import member

LINKS = Links(inbox="/inbox", preferences="/inbox/preferences", notice="/inbox/")
FIRM, BROKERS = "甲厂", "丙经纪"


class FakeMail(Mail):
    """Keeps what it is given and answers with the outcomes given, the last one again and again."""

    is_set = True

    def __init__(self, *outcomes: Outcome | BaseException) -> None:
        self.outcomes = list(outcomes) or [Outcome.TAKEN]
        self.sent: list[tuple[str, str, str]] = []

    def send(self, to: str, subject: str, text: str) -> Outcome:
        self.sent.append((to, subject, text))
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


@pytest.fixture
def service(open_service: OpenService) -> Service:
    return open_service()


@pytest.fixture
def wang(service: Service) -> Account:
    return member(service, "wang@example.cn", FIRM, "enterprise")


def tell(service: Service, *accounts: Account, kind: str = "interest_answered", words: str = "有答复") -> None:
    with service.store.transaction() as db:
        for each in accounts:
            notices.add(db, kind, words, ("need", 1), account_id=each.id)


def rounds(service: Service, mail: Mail, hours: Sequence[float] = (0,)) -> list[Round]:
    mailing = Mailing(service.store, mail)
    return [mailing.send_due(LINKS, datetime.now(UTC) + timedelta(hours=each)) for each in hours]


def test_what_is_due_goes_into_one_mail_once(service: Service, wang: Account) -> None:
    tell(service, wang, wang)
    mail = FakeMail()
    first, second = rounds(service, mail, (0, 0))
    assert (first.mails, first.notices, second.mails) == (1, 2, 0)
    ((to, subject, text),) = mail.sent
    assert to == "wang@example.cn" and "2 条新消息" in subject and text.count("有答复") == 2


def test_without_a_server_nothing_is_claimed(service: Service, wang: Account) -> None:
    tell(service, wang)
    assert rounds(service, service.mail)[0].mails == 0
    assert service.mailing.state_counts() == {"waiting": 1}


def test_daily_and_weekly_ones_wait_for_their_hour(service: Service, wang: Account) -> None:
    tell(service, wang, kind="interest_expiring", words="每天")
    tell(service, wang, kind="strong_match", words="每周")
    mail = FakeMail()
    rounds(service, mail, (0, 24.1, 24 * 7 + 1))
    texts = [text for _, _, text in mail.sent]
    assert len(texts) == 2 or (len(texts) == 1 and "每天" in texts[0] and "每周" in texts[0])
    assert sum("每天" in text for text in texts) == 1 == sum("每周" in text for text in texts)


def test_killed_while_sending_it_is_not_mailed_again(service: Service, wang: Account) -> None:
    tell(service, wang)
    mail = FakeMail(KeyboardInterrupt(), Outcome.TAKEN)
    with pytest.raises(KeyboardInterrupt):
        rounds(service, mail)
    assert rounds(service, mail, (0, 5, 50)) == [Round(), Round(), Round()]
    assert len(mail.sent) == 1 and service.mailing.state_counts() == {"claimed": 1}


def test_an_unknown_outcome_is_not_tried_again(service: Service, wang: Account) -> None:
    tell(service, wang)
    mail = FakeMail(Outcome.UNKNOWN)
    rounds(service, mail, (0, 5))
    assert len(mail.sent) == 1


def test_a_refused_mail_is_tried_again_an_hour_later_twelve_times(service: Service, wang: Account) -> None:
    tell(service, wang)
    mail = FakeMail(Outcome.REFUSED)
    rounds(service, mail, (0, 0.5))
    assert len(mail.sent) == 1
    rounds(service, mail, [1.1 + each for each in range(20)])
    assert len(mail.sent) == 12 and service.mailing.state_counts() == {"failed": 1}


def test_a_server_that_is_not_there_ends_the_round_and_costs_no_try(service: Service, wang: Account) -> None:
    tell(service, wang, member(service, "zhao@example.cn", FIRM, "enterprise"))
    mail = FakeMail(Outcome.UNREACHABLE, Outcome.TAKEN)
    first, second = rounds(service, mail, (0, 0))
    assert not first.is_reachable and first.refused == 1
    assert second.mails == 2 and len(mail.sent) == 3


def test_many_at_once_mail_each_notice_once(service: Service, open_service: OpenService) -> None:
    people = [member(service, f"p{number}@example.cn", FIRM, "enterprise") for number in range(6)]
    tell(service, *people, *people)
    mails = [FakeMail() for _ in range(4)]
    threads = [threading.Thread(target=rounds, args=(service, mail)) for mail in mails]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = [to for mail in mails for to, _, _ in mail.sent]
    assert sorted(sent) == sorted(each.login for each in people)
    assert service.mailing.state_counts() == {"sent": 12}


def test_who_chose_no_mails_gets_none_from_then_on(service: Service, wang: Account) -> None:
    tell(service, wang)
    service.inbox.prefer(wang, {"interest_answered": (True, "no")})
    tell(service, wang)
    service.inbox.prefer(wang, {"interest_answered": (True, "at_once")})
    mail = FakeMail()
    rounds(service, mail)
    assert mail.sent == []
    tell(service, wang)
    rounds(service, mail)
    assert len(mail.sent) == 1


def test_a_kind_may_be_mailed_without_standing_in_the_inbox(service: Service, wang: Account) -> None:
    service.inbox.prefer(wang, {"interest_answered": (False, "at_once")})
    tell(service, wang)
    mail = FakeMail()
    rounds(service, mail)
    assert len(mail.sent) == 1


def test_what_was_read_is_not_mailed(service: Service, wang: Account) -> None:
    tell(service, wang)
    with service.store.transaction() as db:
        db.execute("update notice_delivery set read_at = 'x'")
    mail = FakeMail()
    rounds(service, mail)
    assert mail.sent == []


def test_locked_accounts_and_logins_that_are_no_addresses_get_no_mail(service: Service, wang: Account) -> None:
    tell(service, wang, member(service, "plain", FIRM, "enterprise"), member(service, "a@b", FIRM, "enterprise"))
    service.accounts.set_locked(wang, True, "测试")
    mail = FakeMail()
    rounds(service, mail)
    assert mail.sent == []


def test_who_left_or_is_no_broker_any_more_gets_no_mail(service: Service) -> None:
    chen = member(service, "chen@example.cn", BROKERS, "broker")
    with service.store.transaction() as db:
        notices.add(db, "engagement_due", "给经纪人", ("need", 1))
    place = service.signing_in.memberships(chen.id)[0].organisation_id
    service.joining.put(chen, place, "enterprise", False, "测试")
    mail = FakeMail()
    rounds(service, mail, (24,))
    assert mail.sent == []
    service.joining.put(chen, place, "broker", False, "测试")
    rounds(service, mail, (24,))
    assert len(mail.sent) == 1


def test_what_is_two_weeks_old_is_not_mailed_when_a_server_comes(service: Service, wang: Account) -> None:
    tell(service, wang)
    mail = FakeMail()
    rounds(service, mail, (24 * 15,))
    assert mail.sent == []
