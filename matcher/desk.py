"""Use cases of the broker's desk: the queue of suggestions; take, hand over, give back, dismiss, bring back."""

from collections.abc import Callable
from typing import Any

from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError
from matcher.models import Page
from matcher.people import viewer_of
from matcher.policy import Action, Sight, may, subject_of
from matcher.settings import Settings
from matcher.store import (
    Database,
    Store,
    accounts,
    assignment_rules,
    audit,
    engagements,
    memberships,
    notices,
    postings,
    suggestion_queue,
    suggestions,
)
from matcher.store.rows import now_text
from matcher.suggestion import CHOSEN_REASONS, QueueFilters, Suggestion, check_owned
from matcher.validation import text_problem

_LONGEST_NOTE = 500


class Desk:
    """What brokers do with suggestions. Each step checks and changes in one transaction: of two at once, one wins."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._usual_level = settings.suggestion_level

    def find(self, public_id: str) -> Suggestion | None:
        """Return the suggestion, if there is one."""
        return suggestions.get(self._store.db, public_id)

    def get(self, public_id: str) -> Suggestion:
        """Return the suggestion. Raises: NotFoundError."""
        found = self.find(public_id)
        if found is None:
            raise NotFoundError("没有这条匹配建议，可能需求或成果已被删除")
        return found

    def queue(
        self, account_id: int, filters: QueueFilters, sight: Sight, number: int = 1, size: int = 20
    ) -> Page[Suggestion]:
        """Return one page of the new suggestions that a broker may take, the newest and strongest first."""
        return suggestion_queue.listing(self._store.db, account_id, filters, sight, number, size)

    def decided(
        self, state: str, account_id: int | None, sight: Sight, number: int = 1, size: int = 20
    ) -> Page[Suggestion]:
        """Return one page of the suggestions in `state` of one broker, or of all, the last decided first."""
        return suggestion_queue.decided(self._store.db, state, account_id, sight, number, size)

    def least_level(self, account_id: int) -> int:
        """Return the level from which on somebody is shown suggestions."""
        return assignment_rules.least_level(self._store.db, account_id) or self._usual_level

    def set_least_level(self, account_id: int, level: int) -> None:
        """Keep the level from which on somebody is shown suggestions. Raises: InvalidInputError."""
        if level not in range(1, 5):
            raise InvalidInputError({"level": f"“{level}”不是关联度，请选 1 到 4"})
        with self._store.transaction() as db:
            assignment_rules.put_least_level(db, account_id, level)

    def brokers(self) -> tuple[tuple[int, str, str], ...]:
        """Return (id, public id, name) of everybody who may be handed a suggestion."""
        return assignment_rules.brokers(self._store.db)

    def take(self, public_id: str, account_id: int, actor: str) -> None:
        """Take a suggestion on; taken twice by the same person, nothing more happens.

        Raises: NotFoundError; IllegalTransitionError when somebody else has it, or it is dismissed.
        """

        def step(db: Database, found: Suggestion) -> None:
            check_owned(found, account_id, "领取")
            if found.state == "new":
                change(db, found, actor, "took suggestion", state="taken", owner_id=account_id)

        self._with(public_id, step)

    def give_back(self, public_id: str, account_id: int | None, actor: str) -> None:
        """Give a suggestion back to everyone; None for whoever may do that with those of others.

        Raises: NotFoundError; IllegalTransitionError.
        """

        def step(db: Database, found: Suggestion) -> None:
            _check_has(found, account_id, "退回")
            change(db, found, actor, "gave suggestion back", state="new", owner_id=None)

        self._with(public_id, step)

    def hand_over(self, public_id: str, account_id: int | None, to: str, actor: str) -> str:
        """Hand a suggestion to another broker, who is told; return that one's name.

        Raises: NotFoundError; IllegalTransitionError; InvalidInputError when the other one cannot have it.
        """
        receiver = next(((found, name) for found, public, name in self.brokers() if public == to), None)
        if receiver is None:
            raise InvalidInputError({"to": "请选择要转交给哪位技术经纪人"})
        receiver_id, name = receiver

        def step(db: Database, found: Suggestion) -> None:
            check_owned(found, account_id or found.owner_id or 0, "转交")
            if found.owner_id != receiver_id:
                _check_receiver(db, found, receiver_id, name)
                change(db, found, actor, "handed suggestion over", state="new", owner_id=receiver_id)
                words = f"{actor}转交给您一条匹配建议"
                notices.add(db, "suggested", words, ("suggestion", found.id), account_id=receiver_id)

        self._with(public_id, step)
        return name

    def dismiss(self, public_id: str, account_id: int, reason: str, note: str, actor: str) -> None:
        """Leave a suggestion out of all queues, with a reason.

        Raises: NotFoundError; IllegalTransitionError; InvalidInputError for a reason that does not exist or a bad note.
        """
        _check_reason(reason, note)

        def step(db: Database, found: Suggestion) -> None:
            check_owned(found, account_id, "排除")
            change(db, found, actor, "dismissed suggestion", state="dismissed", reason=reason, note=note)

        self._with(public_id, step)

    def bring_back(self, public_id: str, actor: str) -> None:
        """Undo a dismissal: the suggestion is new again, for whom it was for.

        Raises: NotFoundError; IllegalTransitionError when it is not dismissed.
        """

        def step(db: Database, found: Suggestion) -> None:
            if found.is_open:
                raise IllegalTransitionError("这条建议没有被排除，不用恢复")
            change(db, found, actor, "brought suggestion back", state="new", reason="", note="", verdict_id=None)

        self._with(public_id, step)

    def _with(self, public_id: str, step: Callable[[Database, Suggestion], None]) -> None:
        with self._store.transaction() as db:
            found = self.get(public_id)
            if engagements.of_pair(db, found.need_id, found.achievement_id):
                raise IllegalTransitionError("这一对已经开始对接，请在那条对接里推进或转交")
            step(db, found)


def release_left(store: Store, actor: str) -> None:
    """Give back to everyone what those have who left or were locked: nobody else would see it."""
    if suggestions.left(store.db):
        with store.transaction() as db:
            for each in suggestions.left(db):
                change(db, each, actor, "gave suggestion back", state="new", owner_id=None)


def change(db: Database, found: Suggestion, actor: str, did: str, **values: Any) -> None:
    """Overwrite what was decided on a suggestion, and put on record who did it."""
    before = {name: getattr(found, name) for name in values}
    audit.add(db, actor, did, "suggestion", found.id, before, values)
    suggestions.change(db, found.id, **values, decided_at=now_text(), decided_by=actor)


def _check_has(found: Suggestion, account_id: int | None, wanted: str) -> None:
    check_owned(found, account_id or found.owner_id or 0, wanted)
    if found.owner_id is None:
        raise IllegalTransitionError(f"不能{wanted}：这条建议没有分给任何人，谁都可以领取")


def _check_receiver(db: Database, found: Suggestion, account_id: int, name: str) -> None:
    """Raises: InvalidInputError when a broker is at the cap, or may not read both sides anywhere."""
    rule = assignment_rules.of_account(db, account_id)
    count = suggestions.open_counts(db).get(account_id, 0)
    if rule is not None and count >= rule.cap:
        raise InvalidInputError({"to": f"{name}手上的建议和对接已有 {count} 条，到了上限 {rule.cap} 条，请转交给别人"})
    account = accounts.get(db, account_id)
    sides = postings.get(db, "need", found.need_id), postings.get(db, "achievement", found.achievement_id)
    viewers = [viewer_of(account, each) for each in memberships.of_account(db, account_id)] if account else []
    if not any(all(side and may(viewer, Action.READ, subject_of(side)) for side in sides) for viewer in viewers):
        raise InvalidInputError({"to": f"{name}不能查看这条建议的双方内容，请转交给别人"})


def _check_reason(reason: str, note: str) -> None:
    problems = {}
    if reason not in CHOSEN_REASONS:
        problems["reason"] = "请选择一个原因"
    if reason == "other" and not note.strip():
        problems["note"] = "选“其他”时请写明原因"
    if problem := text_problem(note, _LONGEST_NOTE):
        problems["note"] = problem
    if problems:
        raise InvalidInputError(problems)
