"""Use cases of cooperation records: draft, submit, file, amend, report, and all that brings them on."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from matcher.cooperation import Amendment, Cooperation, CooperationEvent, CooperationFilters, Party
from matcher.cooperation_changes import STALE, checked_reason, content_of, not_editable, reason_for, reported
from matcher.cooperation_filing import numbered, tell
from matcher.cooperation_rules import check_complete, check_cooperation
from matcher.cooperation_words import changed_fields, kept_texts
from matcher.engagements import Engagements
from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError, StaleEditError
from matcher.models import Kind, Page
from matcher.posting import Postings
from matcher.store import Database, Store, audit, cooperation_histories, cooperations, organisations, versions
from matcher.workflow import AMENDED_STATES, BUREAU_STATES, COOPERATION_STATES, check_cooperation_step


class Cooperations:
    """Recorded agreements and their histories, in which nothing can be rewritten."""

    def __init__(self, store: Store, records: Postings) -> None:
        self._store = store
        self._records = records

    def get(self, cooperation_id: int) -> Cooperation:
        """Return the cooperation. Raises: NotFoundError."""
        cooperation = cooperations.get(self._store.db, cooperation_id)
        if cooperation is None:
            raise NotFoundError(f"没有编号为 {cooperation_id} 的合作备案")
        return cooperation

    def prefilled(self, need_id: int | None, achievement_id: int | None) -> Cooperation:
        """Return an unsaved cooperation with what the two records say of it. Raises: NotFoundError."""
        need = self._records.get("need", need_id) if need_id else None
        achievement = self._records.get("achievement", achievement_id) if achievement_id else None
        offered = achievement.modes if achievement else ()
        accepted = need.modes if need else ()
        modes = [mode for mode in accepted if mode in offered] or [*accepted, *offered]
        sides = (("a", need.organisation if need else ""), ("b", achievement.organisation if achievement else ""))
        return Cooperation(
            need_id=need.id if need else None,
            achievement_id=achievement.id if achievement else None,
            title=need.title if need else achievement.title if achievement else "",
            contract_type=modes[0] if modes else "",
            parties=tuple(Party(role=role, name=name) for role, name in sides if name),
            region=need.region if need else "",
            amount_yuan=getattr(need, "budget_yuan", None),
            expected_results="\n".join(need.indicators) if need else "",
        )

    def record(self, cooperation: Cooperation, actor: str, close_need: bool = False) -> Cooperation:
        """Store a new draft with the first line of its history; `close_need` also ends the need's matching.

        The linked records are kept with the versions that they have now; the engagement that it comes from is linked
        back.

        Raises: InvalidInputError; NotFoundError for a linked record or engagement that does not exist.
        """
        check_cooperation(cooperation)
        self.prefilled(cooperation.need_id, cooperation.achievement_id)
        with self._store.transaction() as db:
            draft = replace(cooperation, state="draft", reason="", filing_number="", filed_on=None, version=1)
            stored = cooperations.insert(db, self._linked(_with_versions(db, draft)))
            changes = {name: ("", text) for name, text in kept_texts(stored).items() if text}
            cooperation_histories.add_event(db, stored.id, actor, "recorded", changes)
            audit.add(db, actor, "created", "cooperation", stored.id, {}, kept_texts(stored))
            if stored.engagement_id is not None:
                Engagements.link_cooperation(db, stored.engagement_id, stored.id, actor)
        if close_need and stored.need_id and self._records.get("need", stored.need_id).status == "published":
            self._records.change_status("need", stored.need_id, "matched", actor)
        return stored

    def edit(self, cooperation: Cooperation, actor: str) -> Cooperation:
        """Overwrite the draft with the same id and log every changed field.

        Raises: InvalidInputError; NotFoundError; StaleEditError when `version` is not the present one;
        IllegalTransitionError when it is no draft any more.
        """
        check_cooperation(cooperation)
        with self._store.transaction():
            current = self._present(cooperation)
            if current.state != "draft":
                raise IllegalTransitionError(not_editable(current))
            return self._change(current, content_of(cooperation, current), actor, "edited")

    def amend(self, cooperation: Cooperation, reason: str, actor: str) -> Cooperation:
        """Change a filed record; the whole old one is kept with the reason.

        Raises: InvalidInputError; NotFoundError; StaleEditError; IllegalTransitionError when it is not filed or is at
        its end.
        """
        reason = checked_reason(reason)
        check_cooperation(cooperation)
        check_complete(cooperation)
        with self._store.transaction() as db:
            current = self._present(cooperation)
            if current.state not in AMENDED_STATES:
                raise IllegalTransitionError(not_editable(current))
            wanted = content_of(cooperation, current)
            if not changed_fields(current, wanted):
                raise InvalidInputError({"": "没有改动任何一项，请改正要变更的内容后再提交，或返回"})
            cooperation_histories.add_amendment(db, current, reason, actor)
            return self._change(current, wanted, actor, "amended", {"amendment": ("", reason)})

    def report(self, cooperation: Cooperation, actor: str) -> Cooperation:
        """Keep what was paid, which milestones were reached and what came out; all else stays as it is.

        Payments and milestones are told apart by their order, which only an amendment can change.

        Raises: InvalidInputError; NotFoundError; StaleEditError; IllegalTransitionError when it is not filed.
        """
        with self._store.transaction():
            current = self._present(cooperation)
            if current.state not in AMENDED_STATES:
                raise IllegalTransitionError(not_editable(current))
            wanted = reported(current, cooperation)
            check_cooperation(wanted)
            return self._change(current, wanted, actor, "reported")

    def move(
        self, cooperation_id: int, state: str, actor: str, reason: str = "", version: int | None = None
    ) -> Cooperation:
        """Bring a cooperation into its next state, as far as that is not for the bureau to do.

        Raises: NotFoundError; IllegalTransitionError; InvalidInputError for a missing reason, or when a draft that is
        submitted is not complete; StaleEditError when `version` is given and not the present one.
        """
        if state in BUREAU_STATES:
            raise IllegalTransitionError(f"“{COOPERATION_STATES[state]}”由管理员办理")
        with self._store.transaction():
            current = self.get(cooperation_id)
            check_cooperation_step(current.state, state)
            _check_seen(current, version)
            if state == "submitted":
                check_complete(current)
            wanted = replace(current, state=state, reason=reason_for(state, reason))
            return self._change(current, wanted, actor, "submitted" if state == "submitted" else "moved")

    def decide(self, cooperation_id: int, state: str, version: int, actor: str, reason: str = "") -> Cooperation:
        """File, give back or revoke a cooperation as the bureau saw it; its parties are told. Filing gives the number.

        Raises: NotFoundError; IllegalTransitionError; InvalidInputError for a missing reason, or when what is filed
        is not complete; StaleEditError when it has another version by now.
        """
        with self._store.transaction() as db:
            current = self.get(cooperation_id)
            check_cooperation_step(current.state, state)
            if state not in BUREAU_STATES:
                raise IllegalTransitionError(f"“{COOPERATION_STATES[state]}”不由管理员办理")
            _check_seen(current, version)
            wanted = replace(current, state=state, reason=reason_for(state, reason))
            if state == "filed":
                check_complete(current)
                wanted = numbered(db, wanted)
            stored = self._change(current, wanted, actor, {"filed": "filed", "draft": "returned"}.get(state, "revoked"))
            tell(db, stored)
            return stored

    def history(self, cooperation_id: int) -> tuple[CooperationEvent, ...]:
        """Return the history, newest first."""
        return cooperation_histories.events(self._store.db, cooperation_id)

    def amendments(self, cooperation_id: int) -> tuple[Amendment, ...]:
        """Return what the record was before each of its amendments, newest first."""
        return cooperation_histories.amendments(self._store.db, cooperation_id)

    def listing(
        self, filters: CooperationFilters | None = None, sort: str = "newest", number: int = 1, size: int = 20
    ) -> Page[Cooperation]:
        """Return one page of the cooperations that pass `filters`."""
        return cooperations.listing(self._store.db, filters or CooperationFilters(), sort, number, size)

    def every(self, filters: CooperationFilters, sort: str) -> Iterator[Cooperation]:
        """Yield the cooperations that pass `filters`, one by one."""
        return cooperations.every(self._store.db, filters, sort)

    def state_counts(self, party_id: int | None = None) -> Mapping[str, int]:
        """Return how many cooperations (of one party) are in each state."""
        return cooperations.state_counts(self._store.db, party_id)

    def years(self) -> tuple[int, ...]:
        """Return the years in which recorded cooperations were signed, newest first."""
        return cooperations.years(self._store.db)

    def of_record(self, kind: Kind, item_id: int) -> tuple[Cooperation, ...]:
        """Return the cooperations linked to a need or achievement."""
        return cooperations.of_record(self._store.db, kind, item_id)

    def _present(self, cooperation: Cooperation) -> Cooperation:
        """Return what is stored of a record. Raises: NotFoundError; StaleEditError when its version is another one."""
        current = self.get(cooperation.id)
        if cooperation.version != current.version:
            raise StaleEditError(STALE)
        return current

    def _change(
        self,
        current: Cooperation,
        wanted: Cooperation,
        actor: str,
        action: str,
        more: Mapping[str, tuple[str, str]] | None = None,
    ) -> Cooperation:
        before, after = kept_texts(current), kept_texts(wanted)
        changes = {name: (before[name], after[name]) for name in changed_fields(current, wanted)}
        if not changes:
            return current
        db = self._store.db
        stored = cooperations.update(db, self._linked(replace(wanted, version=current.version + 1)))
        cooperation_histories.add_event(db, stored.id, actor, action, changes | dict(more or {}))
        old, new = ({name: pair[side] for name, pair in changes.items()} for side in (0, 1))
        audit.add(db, actor, "changed", "cooperation", stored.id, old, new)
        return stored

    def _linked(self, cooperation: Cooperation) -> Cooperation:
        """Return it with its parties linked to the organisations that have their credit codes or bear their names."""
        db, parties = self._store.db, []
        for party in cooperation.parties:
            by_code = organisations.find_by_credit_code(db, party.credit_code) if party.credit_code else None
            found = by_code or organisations.find_by_name(db, party.name)
            parties.append(replace(party, organisation_id=found.id if found else None))
        return replace(cooperation, parties=tuple(parties))


def _check_seen(current: Cooperation, version: int | None) -> None:
    if version not in (None, current.version):
        raise StaleEditError("这条备案在您查看期间已被他人修改。请看过最新内容后再办理")


def _with_versions(db: Database, cooperation: Cooperation) -> Cooperation:
    """Return it with the versions that the linked records have now."""
    need_id, achievement_id = cooperation.need_id, cooperation.achievement_id
    return replace(
        cooperation,
        need_version=versions.latest(db, "need", need_id) if need_id else None,
        achievement_version=versions.latest(db, "achievement", achievement_id) if achievement_id else None,
    )
