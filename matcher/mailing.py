"""Mailing notices: at once, daily or weekly, as each account chose.

What goes into a mail is claimed in a transaction of its own before the mail is sent, so no two processes mail the same
notice, and a process that is killed in between does not make the next one mail it again: at worst a mail is missing,
and the notice still stands in the inbox. Refused mails are tried again an hour later; when the server cannot be
reached, all wait for the next round.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from matcher.digest import Links, due_before, letter, mail_address
from matcher.mail import Mail, Outcome
from matcher.store import Store, mailing
from matcher.store.rows import time_text

_AGAIN_AFTER = timedelta(hours=1)
_NOT_OLDER = timedelta(days=14)


@dataclass(slots=True)
class Round:
    """What came of one round: mails and notices taken by the server, mails that were not."""

    mails: int = 0
    notices: int = 0
    refused: int = 0
    is_reachable: bool = True


class Mailing:
    """Rounds of mails; any number of processes may make them at any time."""

    def __init__(self, store: Store, mail: Mail) -> None:
        self._store = store
        self._mail = mail

    def send_due(self, links: Links, now: datetime | None = None) -> Round:
        """Mail what is due, one mail an account; return what came of it. Without a mail server nothing is sent."""
        done = Round()
        if not self._mail.is_set:
            return done
        now = now or datetime.now(UTC)
        due = {mode: time_text(before) for mode, before in due_before(now).items()}
        when = mailing.bounds(due, time_text(now - _NOT_OLDER), time_text(now - _AGAIN_AFTER))
        for account_id, login in mailing.accounts_due(self._store.db, when):
            if mail_address(login) and done.is_reachable:
                self._send(account_id, login, links, when, done)
        return done

    def state_counts(self) -> dict[str, int]:
        """Return how many notices wait, were claimed but not known to be sent, were sent, and were given up."""
        return mailing.state_counts(self._store.db)

    def _send(self, account_id: int, login: str, links: Links, when: dict[str, str], done: Round) -> None:
        with self._store.transaction() as db:
            claimed = mailing.claim(db, account_id, when)
        if not claimed:
            return
        outcome = self._mail.send(login, *letter(claimed, links))
        if outcome is Outcome.TAKEN:
            done.mails, done.notices = done.mails + 1, done.notices + len(claimed)
            with self._store.transaction() as db:
                mailing.sent(db, claimed)
            return
        done.refused += 1
        done.is_reachable = outcome is not Outcome.UNREACHABLE
        if outcome is not Outcome.UNKNOWN:
            with self._store.transaction() as db:
                mailing.release(db, claimed, counts=outcome is Outcome.REFUSED)
