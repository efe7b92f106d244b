"""Use cases of engagements: start, bring on, note, take and hand over; what is due."""

from dataclasses import replace
from typing import Any

from matcher import desk
from matcher.clock import today
from matcher.engagement import (
    END_REASONS,
    ENDED,
    WAITS_FOR,
    Engagement,
    EngagementEvent,
    EngagementFilters,
    Progress,
)
from matcher.engagement_notices import tell_broker, tell_due, tell_sides
from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError, StaleEditError
from matcher.interest import Interest
from matcher.models import Kind, Page
from matcher.people import Membership
from matcher.policy import Viewer
from matcher.posting import Postings
from matcher.store import Database, Store, audit, engagements, memberships, suggestions
from matcher.validation import text_problem
from matcher.workflow import ENGAGEMENT_STATES, check_engagement_step

STALE = "这条对接在您填写期间已被他人改动。您填写的内容仍在下方，请对照后再保存"
_LONGEST_STEP, _LONGEST_NOTE = 200, 2000


class Engagements:
    """Matches on their way to a contract. Whatever changes one leaves a line in its log."""

    def __init__(self, store: Store, records: Postings) -> None:
        self._store = store
        self._records = records

    def get(self, public_id: str) -> Engagement:
        """Return the engagement. Raises: NotFoundError."""
        found = engagements.get(self._store.db, public_id)
        if found is None:
            raise NotFoundError("没有这条对接，或者您不能查看它")
        return found

    def of_pair(self, need_id: int, achievement_id: int) -> Engagement | None:
        """Return the open engagement of a match, or else the newest one, if any."""
        found = engagements.of_pair(self._store.db, need_id, achievement_id)
        return next((each for each in found if each.is_open), found[0] if found else None)

    def of_record(self, kind: Kind, item_id: int) -> tuple[Engagement, ...]:
        """Return the engagements of a need or achievement, newest first."""
        return engagements.of_record(self._store.db, kind, item_id)

    def of_interest(self, interest: Interest) -> Engagement | None:
        """Return the engagement that came from an interest, if any."""
        return engagements.of_interest(self._store.db, interest.id)

    def history(self, engagement: Engagement, all_of_it: bool) -> tuple[EngagementEvent, ...]:
        """Return the log, newest first: all of it, or what both sides may read."""
        return engagements.events(self._store.db, engagement.id, all_of_it)

    def listing(
        self, filters: EngagementFilters, sort: str = "due", number: int = 1, size: int = 20
    ) -> Page[Engagement]:
        """Return one page of the engagements that pass `filters`."""
        return engagements.listing(self._store.db, filters, sort, number, size)

    def state_counts(self, filters: EngagementFilters) -> dict[str, int]:
        """Return how many engagements that pass `filters`, its state left out, are in each state."""
        return engagements.state_counts(self._store.db, replace(filters, state=""))

    def queue_counts(self, broker_id: int) -> dict[str, int]:
        """Return how many engagements of a broker stand in each queue of `engagement.QUEUES`."""
        return engagements.queue_counts(self._store.db, broker_id)

    def brokers(self) -> tuple[Membership, ...]:
        """Return everybody who can carry an engagement."""
        return memberships.brokers(self._store.db)

    def start(
        self,
        need_id: int,
        achievement_id: int,
        broker: Viewer,
        state: str = "contacting",
        interest_id: int | None = None,
    ) -> Engagement:
        """Begin to carry a match; the engagement that is open for it already is returned as it is.

        Raises: NotFoundError; IllegalTransitionError for a record that is not published.
        """
        with self._store.transaction() as db:
            for each in engagements.of_pair(db, need_id, achievement_id):
                if each.is_open:
                    return self._with_interest(db, each, interest_id, broker)
            for kind, item_id in (("need", need_id), ("achievement", achievement_id)):
                if self._records.get(kind, item_id).status != "published":  # type: ignore[arg-type]
                    raise IllegalTransitionError("有一方已不在发布中，不能开始对接")
            by = (broker.account_id, broker.organisation_id)
            made = engagements.add(
                db, (need_id, achievement_id), Progress(state=state, waits_for="broker"), by, interest_id
            )
            self._log(db, made, broker.signature, "started", {"state": ("", ENGAGEMENT_STATES[state])}, is_shared=True)
            self._take_suggestion(db, made, broker)
            tell_sides(db, made, "经纪人开始对接")
        return made

    def start_from(self, interest: Interest, other_id: int, broker: Viewer) -> Engagement:
        """Begin with an interest that both sides agreed to; `other_id` is the record of the side that asked.

        Raises: NotFoundError; IllegalTransitionError; InvalidInputError for a record that is not of who asked.
        """
        if interest.state != "accepted":
            raise IllegalTransitionError("双方都同意之后才能由意向开始对接")
        other: Kind = "achievement" if interest.kind == "need" else "need"
        if self._records.get(other, other_id).organisation_id != interest.organisation_id:
            raise InvalidInputError({"record": "请选择提出意向的单位自己的记录"})
        pair = (interest.item_id, other_id) if interest.kind == "need" else (other_id, interest.item_id)
        return self.start(*pair, broker, "agreed", interest.id)

    def bring_on(self, public_id: str, version: int, progress: Progress, note: str, actor: str) -> None:
        """Keep where an engagement stands now, with a note for both sides if one is given.

        Raises: NotFoundError; InvalidInputError; IllegalTransitionError; StaleEditError when `version` is not the
        present one.
        """
        _check(progress, note)
        with self._store.transaction() as db:
            current = self._present(public_id, version)
            if progress.state != current.state:
                check_engagement_step(current.state, progress.state)
                _check_alone(db, current)
            kept = progress if progress.state == ENDED else replace(progress, reason="")
            changes = _differences(current, kept)
            if not changes and not note.strip():
                return
            values = {name: getattr(kept, name) for name in ("state", "waits_for", "next_step", "due_on", "reason")}
            engagements.change(db, current, **values)
            moved = {"state": changes["state"]} if "state" in changes else {}
            if moved or note.strip():
                reason = changes.get("reason", ("", ""))[1]
                shared = moved | ({"reason": ("", reason)} if reason else {})
                self._log(db, current, actor, "moved" if moved else "noted", shared, note.strip(), is_shared=True)
            if inner := {name: pair for name, pair in changes.items() if name not in ("state", "reason")}:
                self._log(db, current, actor, "planned", inner)
            if moved:
                tell_sides(db, replace(current, state=kept.state), f"对接进展：{ENGAGEMENT_STATES[kept.state]}")

    def note(self, public_id: str, text: str, is_shared: bool, actor: str) -> None:
        """Add a note, for both sides too when `is_shared`. Raises: NotFoundError; InvalidInputError."""
        if problem := ("请填写要记下的内容" if not text.strip() else text_problem(text, _LONGEST_NOTE)):
            raise InvalidInputError({"text": problem})
        with self._store.transaction() as db:
            self._log(db, self.get(public_id), actor, "noted", {}, text.strip(), is_shared)

    def take(self, public_id: str, broker: Viewer) -> None:
        """Make an engagement that nobody has one's own. Raises: NotFoundError; IllegalTransitionError."""
        with self._store.transaction() as db:
            current = self.get(public_id)
            if current.broker_id == broker.account_id:
                return
            if current.broker_id is not None:
                raise IllegalTransitionError(f"这条对接已由 {current.broker} 经办，请先请对方转交")
            engagements.change(db, current, broker_id=broker.account_id, broker_organisation_id=broker.organisation_id)
            self._log(db, current, broker.signature, "taken", {"broker": ("", broker.name)}, is_shared=True)

    def hand_over(self, public_id: str, version: int, account_public_id: str, actor: str) -> None:
        """Give an engagement to another broker, or, with "", back to all of them.

        Raises: NotFoundError; InvalidInputError; StaleEditError.
        """
        chosen = next((each for each in self.brokers() if each.account.public_id == account_public_id), None)
        if account_public_id and chosen is None:
            raise InvalidInputError({"broker": "请从名单中选择一位技术经纪人"})
        with self._store.transaction() as db:
            current = self._present(public_id, version)
            account = chosen.account if chosen else None
            ids = (account.id, chosen.organisation_id) if account and chosen else (None, None)
            if current.broker_id == ids[0]:
                return
            engagements.change(db, current, broker_id=ids[0], broker_organisation_id=ids[1])
            pair = {"broker": (current.broker, account.name if account else "")}
            self._log(db, current, actor, "handed over", pair, is_shared=True)
            tell_broker(db, current, account)

    @staticmethod
    def link_cooperation(db: Database, engagement_id: int, cooperation_id: int, actor: str) -> None:
        """Note in a transaction which cooperation record an engagement became. Raises: NotFoundError."""
        current = engagements.by_number(db, engagement_id)
        if current is None:
            raise NotFoundError("没有这条对接")
        if current.cooperation_id is None:  # A further record of the same engagement names it, and is not its own.
            engagements.change(db, current, cooperation_id=cooperation_id)
        Engagements._log(db, current, actor, "recorded", {}, is_shared=True)

    def by_number(self, engagement_id: int) -> Engagement | None:
        """Return the engagement with this row id, if any."""
        return engagements.by_number(self._store.db, engagement_id)

    def tell_due(self) -> int:
        """Tell brokers, and whose turn it is, what is due or overdue, each date once; return how many there were."""
        with self._store.transaction() as db:
            found = engagements.due(db, today())
            for each in found:
                tell_due(db, each, today())
                engagements.note_due_told(db, each.id)
        return len(found)

    def _with_interest(self, db: Database, engagement: Engagement, interest: int | None, broker: Viewer) -> Engagement:
        """Link the interest that both sides agreed to with what carries the pair already."""
        if interest is None or engagement.interest_id is not None:
            return engagement
        engagements.change(db, engagement, interest_id=interest)
        self._log(db, engagement, broker.signature, "linked interest", {}, is_shared=True)
        return self.get(engagement.public_id)

    @staticmethod
    def _take_suggestion(db: Database, made: Engagement, broker: Viewer) -> None:
        """Let the suggestion that the pair stands in on the desk leave the queue."""
        found = suggestions.of_pair(db, made.need_id, made.achievement_id)
        if found is not None:
            desk.change(db, found, broker.signature, "took suggestion", state="taken", owner_id=broker.account_id)

    def _present(self, public_id: str, version: int) -> Engagement:
        current = self.get(public_id)
        if current.version != version:
            raise StaleEditError(STALE)
        return current

    @staticmethod
    def _log(
        db: Database,
        engagement: Engagement,
        actor: str,
        action: str,
        changes: dict[str, tuple[str, str]],
        note: str = "",
        is_shared: bool = False,
    ) -> None:
        engagements.add_event(db, engagement.id, actor, action, changes, note, is_shared)
        old, new = ({name: pair[side] for name, pair in changes.items()} for side in (0, 1))
        audit.add(db, actor, f"engagement {action}", "engagement", engagement.id, old, new)


def shown_values(progress: Progress | Engagement) -> dict[str, str]:
    """Return what a broker says of an engagement as texts."""
    return {
        "state": ENGAGEMENT_STATES.get(progress.state, progress.state),
        "waits_for": WAITS_FOR.get(progress.waits_for, progress.waits_for),
        "next_step": progress.next_step,
        "due_on": progress.due_on.isoformat() if progress.due_on else "",
        "reason": END_REASONS.get(progress.reason, progress.reason),
    }


def _differences(current: Engagement, wanted: Progress) -> dict[str, tuple[str, str]]:
    before, after = shown_values(current), shown_values(wanted)
    return {name: (before[name], after[name]) for name in after if before[name] != after[name]}


def _check(progress: Progress, note: str) -> None:
    problems: dict[str, Any] = {
        "state": "" if progress.state in ENGAGEMENT_STATES else f"“{progress.state[:20]}”不是对接的状态",
        "waits_for": "" if progress.waits_for in WAITS_FOR else "请选择现在等谁",
        "next_step": text_problem(progress.next_step, _LONGEST_STEP),
        "told": text_problem(note, _LONGEST_NOTE),
        "reason": "" if progress.state != ENDED or progress.reason in END_REASONS else "请选择终止的原因",
    }
    if found := {name: problem for name, problem in problems.items() if problem}:
        raise InvalidInputError(found)


def _check_alone(db: Database, engagement: Engagement) -> None:
    """Raises: IllegalTransitionError when the pair of what was ended is carried anew."""
    others = engagements.of_pair(db, engagement.need_id, engagement.achievement_id)
    if any(each.is_open and each.id != engagement.id for each in others):
        raise IllegalTransitionError("这一对已另有在办的对接，请在那一条里推进")
