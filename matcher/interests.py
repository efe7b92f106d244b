"""Use cases of interest and consent: express, forward, answer, remind, withdraw; contacts open when both agree."""

from datetime import UTC, datetime, timedelta
from typing import Any

from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError
from matcher.interest import REASONS, STATES, Interest, Questions
from matcher.models import Kind, Page
from matcher.posting import Postings
from matcher.settings import Settings
from matcher.store import Database, Store, audit, interests, notices
from matcher.store.rows import now_text, time_text
from matcher.tokens import new_public_id
from matcher.validation import text_problem

_LONGEST = 2000
_TOLD_BEFORE_EXPIRY = timedelta(days=3)
_ANSWERS = {"accepted": "得到同意，双方联系方式已互相开放", "declined": "被谢绝，原因可在意向里查看"}
_LABELS = {
    "why": "为什么感兴趣",
    "offer": "我们能做什么",
    "expectation": "希望对方做什么",
    "contact": "联系方式",
    "owner_contact": "联系方式",
    "note": "补充说明",
}


class Interests:
    """Between the organisation that asks, the broker who passes it on, and the owner of the record."""

    def __init__(self, store: Store, records: Postings, settings: Settings) -> None:
        self._store = store
        self._records = records
        self._lifetime = timedelta(days=settings.interest_days)
        self._between_reminders = timedelta(days=settings.reminder_days)

    def get(self, public_id: str) -> Interest:
        """Return the interest. Raises: NotFoundError."""
        found = interests.get(self._store.db, public_id)
        if found is None:
            raise NotFoundError("没有这条合作意向，或者您不能查看它")
        return found

    def standing(self, kind: Kind, item_id: int, organisation_id: int | None) -> Interest | None:
        """Return the interest of an organisation in a record that waits or was agreed to, if any."""
        return interests.standing(self._store.db, kind, item_id, organisation_id) if organisation_id else None

    def listing(self, party_id: int | None, waiting: bool = False, number: int = 1, size: int = 20) -> Page[Interest]:
        """Return one page, newest first: of one organisation or, for None, of all; `waiting`: only those open."""
        return interests.listing(self._store.db, party_id, waiting, number, size)

    def waiting_for(self, owner_id: int | None) -> int:
        """Return how many wait for an answer of an organisation; for None, how many wait for a broker."""
        return interests.waiting_for(self._store.db, owner_id)

    def express(self, kind: Kind, item_id: int, organisation_id: int, questions: Questions, actor: str) -> str:
        """Keep the interest of an organisation in a published record; return its public id.

        Raises: NotFoundError; InvalidInputError; IllegalTransitionError for a record of one's own, of nobody, not
        published, or asked about already.
        """
        texts = {name: getattr(questions, name).strip() for name in ("why", "offer", "expectation", "contact")}
        _check(texts)
        record = self._records.get(kind, item_id)
        if record.status != "published":
            raise IllegalTransitionError("这条记录已不在发布中，不能再表达意向")
        if record.organisation_id is None or record.organisation_id == organisation_id:
            raise IllegalTransitionError("这条记录是本单位的，或没有登记单位，不能对它表达意向")
        with self._store.transaction() as db:
            if interests.standing(db, kind, item_id, organisation_id):
                raise IllegalTransitionError("本单位对这条记录已有一条意向，在“合作意向”里可以看到进展")
            public_id, expires_at = new_public_id(), datetime.now(UTC) + self._lifetime
            parties = (organisation_id, record.organisation_id)
            made = interests.add(db, public_id, (kind, item_id), parties, actor, Questions(**texts), expires_at)
            notices.add(db, "interest_expressed", f"有新的合作意向等待转交：“{record.title}”", ("interest", made))
            audit.add(db, actor, "expressed interest", kind, item_id, {}, {"interest": public_id})
        return public_id

    def forward(self, public_id: str, broker_id: int | None, actor: str) -> None:
        """Pass an interest on to the owner of the record. Raises: NotFoundError; IllegalTransitionError."""
        self._move(public_id, ("new",), "forwarded", actor, broker_id=broker_id, expires_at=self._new_expiry())

    def accept(self, public_id: str, contact: str, actor: str) -> None:
        """Agree: from now on both sides see how to reach each other.

        Raises: NotFoundError; InvalidInputError; IllegalTransitionError.
        """
        _check({"owner_contact": contact.strip()})
        self._move(public_id, ("forwarded",), "accepted", actor, owner_contact=contact.strip())

    def decline(self, public_id: str, reason: str, note: str, actor: str) -> None:
        """The owner says no, with a reason of the list.

        Raises: NotFoundError; InvalidInputError; IllegalTransitionError.
        """
        self._refuse(public_id, "forwarded", reason, note, actor)

    def turn_down(self, public_id: str, reason: str, note: str, actor: str) -> None:
        """A broker does not pass it on, with a reason of the list: once passed on, it is for the owner to answer.

        Raises: NotFoundError; InvalidInputError; IllegalTransitionError.
        """
        self._refuse(public_id, "new", reason, note, actor)

    def _refuse(self, public_id: str, state: str, reason: str, note: str, actor: str) -> None:
        if reason not in REASONS:
            raise InvalidInputError({"reason": f"请选择谢绝的原因：{'、'.join(REASONS.values())}"})
        _check({"note": note.strip()}, required=reason == "other")
        self._move(public_id, (state,), "declined", actor, reason=reason, note=note.strip())

    def withdraw(self, public_id: str, actor: str) -> None:
        """Take an open interest back. Raises: NotFoundError; IllegalTransitionError."""
        self._move(public_id, ("new", "forwarded"), "withdrawn", actor)

    def remind(self, public_id: str, actor: str) -> None:
        """Mark an open interest as urgent for whoever has to answer; not again for some days.

        Raises: NotFoundError; IllegalTransitionError.
        """
        with self._store.transaction() as db:
            found = self.get(public_id)
            if not found.is_open:
                raise IllegalTransitionError(f"这条意向{STATES[found.state]}，不必再催")
            if not self.may_remind(found):
                raise IllegalTransitionError(f"每 {self._between_reminders.days} 天可以催办一次，请过几天再催")
            interests.change(db, found.id, reminded_at=now_text())
            self._tell_answerer(db, found, "interest_reminder", "合作意向被催办，请尽快处理：“{title}”")
            audit.add(db, actor, "reminded", "interest", found.id, {}, {})

    def may_remind(self, interest: Interest) -> bool:
        """Return whether enough days have gone by since it was expressed or reminded of."""
        last = interest.reminded_at or interest.created_at
        return interest.is_open and datetime.now(UTC) - last >= self._between_reminders

    def tell_expiring(self) -> int:
        """Tell whoever has to answer that an interest runs out within three days, each once; return how many."""
        soon = datetime.now(UTC) + _TOLD_BEFORE_EXPIRY
        if not interests.expiring(self._store.db, soon):
            return 0
        with self._store.transaction() as db:
            found = interests.expiring(db, soon)
            for each in found:
                words = "合作意向快要过期，过期后不能再答复：“{title}”"
                self._tell_answerer(db, each, "interest_expiring", words)
                interests.note_expiry_told(db, each.id)
        return len(found)

    def note_contact_read(self, interest: Interest, actor: str) -> None:
        """Put on record that somebody saw how to reach the other side."""
        with self._store.transaction() as db:
            audit.add(db, actor, "read contact", "interest", interest.id, {}, {})

    def _new_expiry(self) -> str:
        return time_text(datetime.now(UTC) + self._lifetime)

    def _move(self, public_id: str, allowed: tuple[str, ...], state: str, actor: str, **values: Any) -> None:
        with self._store.transaction() as db:
            found = self.get(public_id)
            if found.state not in allowed:
                raise IllegalTransitionError(f"这条意向的状态是“{STATES[found.state]}”，现在不能改为“{STATES[state]}”")
            interests.change(db, found.id, state=state, decided_at=now_text(), decided_by=actor, **values)
            told = {"state": state, "reason": values.get("reason", "")}
            audit.add(db, actor, f"interest {state}", "interest", found.id, {"state": found.state}, told)
            self._tell_move(db, found, state)

    def _tell_move(self, db: Database, found: Interest, state: str) -> None:
        """Tell the owner what was passed on, and the asker and the broker between them what was answered."""
        about: tuple[notices.About, int] = ("interest", found.id)
        title = self._title(found)
        if state == "forwarded":
            words = f"有单位对本单位的“{title}”表达了合作意向，请答复"
            notices.add(db, "interest_forwarded", words, about, organisation_id=found.owner_id)
        elif state in _ANSWERS:
            words = f"对“{title}”的合作意向{_ANSWERS[state]}"
            for told in dict.fromkeys(each for each in (found.organisation_id, found.broker_id) if each):
                notices.add(db, "interest_answered", words, about, organisation_id=told)

    def _tell_answerer(self, db: Database, found: Interest, kind: str, words: str) -> None:
        """Tell whoever has to answer now: the brokers, or once it was passed on the owner of the record."""
        answerer = found.owner_id if found.is_passed_on else None
        notices.add(db, kind, words.format(title=self._title(found)), ("interest", found.id), organisation_id=answerer)

    def _title(self, found: Interest) -> str:
        return self._records.get(found.kind, found.item_id).title


def _check(texts: dict[str, str], required: bool = True) -> None:
    problems = {}
    for name, text in texts.items():
        if required and not text:
            problems[name] = f"请填写“{_LABELS[name]}”"
        elif problem := text_problem(text, _LONGEST):
            problems[name] = f"“{_LABELS[name]}”{problem}"
    if problems:
        raise InvalidInputError(problems)
