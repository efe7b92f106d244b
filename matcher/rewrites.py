"""Use cases of proposals: a broker puts a need in other words, its owner accepts or declines."""

from dataclasses import replace

from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError, StaleEditError
from matcher.models import Need
from matcher.posting import Postings
from matcher.record_content import record_as_in
from matcher.rewrite import STATES, Rewrite, rewritten, written
from matcher.store import Database, Store, audit, notices, rewrites
from matcher.tokens import new_public_id
from matcher.validation import check_record, text_problem

_LONGEST = 2000


class Rewrites:
    """Between the broker who proposes and the organisation that the need belongs to."""

    def __init__(self, store: Store, records: Postings) -> None:
        self._store = store
        self._records = records

    def get(self, public_id: str) -> Rewrite:
        """Return the proposal. Raises: NotFoundError."""
        found = rewrites.get(self._store.db, public_id)
        if found is None:
            raise NotFoundError("没有这份改写建议，或者您不能查看它")
        return found

    def of_need(self, need_id: int) -> tuple[Rewrite, ...]:
        """Return the proposals for a need, newest first."""
        return rewrites.of_need(self._store.db, need_id)

    def need(self, need_id: int) -> Need:
        """Return the need. Raises: NotFoundError."""
        found = self._records.get("need", need_id)
        assert isinstance(found, Need)
        return found

    def both(self, found: Rewrite) -> tuple[Need, Need]:
        """Return the need as it was when the proposal was made, and as the proposal has it. Raises: NotFoundError."""
        before = record_as_in(
            self._records.in_version("need", found.need_id, found.base_version), self.need(found.need_id)
        )
        assert isinstance(before, Need)
        return before, rewritten(before, found.content)

    def is_stale(self, found: Rewrite) -> bool:
        """Return whether the need has changed since the proposal was made, and it still waits."""
        return found.is_open and self._records.version("need", found.need_id) != found.base_version

    def propose(self, proposed: Need, base_version: int, explanation: str, proposer: tuple[int, str]) -> str:
        """Keep what the organisation and the actor of `proposer` propose, and tell the owner; return its public id.

        Raises: NotFoundError; InvalidInputError; IllegalTransitionError; StaleEditError when the need has changed.
        """
        _check(explanation, "explanation", "请说明为什么这样改，需求单位据此判断")
        check_record(proposed)
        with self._store.transaction() as db:
            need = self.need(proposed.id)
            if need.organisation_id is None or need.status != "published":
                raise IllegalTransitionError("只能对已发布、有登记单位的需求提出改写建议")
            version = self._records.version("need", need.id)
            if version != base_version:
                raise StaleEditError(f"需求已改到第 {version} 版。您写的内容仍在下方，请对照最新内容后再提交")
            if written(need) == written(proposed):
                raise InvalidInputError({"": "没有改动任何内容，请先修改再提交"})
            public_id = new_public_id()
            rewrites.add(db, public_id, (need.id, version), written(proposed), explanation.strip(), proposer)
            audit.add(db, proposer[1], "proposed rewrite", "need", need.id, {}, {"rewrite": public_id})
            words = f"经纪人对“{need.title}”提出了改写建议，请到需求页查看"
            notices.add(db, "rewrite_proposed", words, ("need", need.id), organisation_id=need.organisation_id)
        return public_id

    def accept(self, public_id: str, actor: str) -> None:
        """Make the proposal the need's next version, with both names in its note.

        Raises: NotFoundError; IllegalTransitionError; StaleEditError when the need has changed since it was made.
        """
        found = self.get(public_id)
        need = self.need(found.need_id)

        def settle(db: Database) -> None:
            self._check_open(public_id)
            if self.is_stale(found):
                raise StaleEditError(
                    "提出这份建议之后需求已经修改过，不能直接采纳。请对照后自己修改，或请经纪人重新提出"
                )
            self._decide(db, found, need, "accepted", "", actor)

        proposed = replace(rewritten(need, found.content), updated_at=None)
        self._records.edit(proposed, actor, f"采纳{found.proposed_by}的改写建议，由{actor}确认", settle)

    def decline(self, public_id: str, reason: str, actor: str) -> None:
        """Say no, and why. Raises: NotFoundError; InvalidInputError; IllegalTransitionError."""
        _check(reason, "reason", "请说明不采纳的原因，经纪人看得到")
        with self._store.transaction() as db:
            found = self._check_open(public_id)
            self._decide(db, found, self.need(found.need_id), "declined", reason.strip(), actor)

    def _check_open(self, public_id: str) -> Rewrite:
        found = self.get(public_id)
        if not found.is_open:
            raise IllegalTransitionError(f"这份改写建议{STATES[found.state]}，不能再答复")
        return found

    def _decide(self, db: Database, found: Rewrite, need: Need, state: str, reason: str, actor: str) -> None:
        rewrites.decide(db, found.public_id, state, reason, actor)
        audit.add(db, actor, f"rewrite {state}", "need", need.id, {}, {"rewrite": found.public_id, "reason": reason})
        words = f"您对“{need.title}”的改写建议{STATES[state]}"
        notices.add(db, "rewrite_answered", words, ("need", need.id), organisation_id=found.broker_id)


def _check(text: str, name: str, wanted: str) -> None:
    problem = text_problem(text, _LONGEST) if text.strip() else wanted
    if problem:
        raise InvalidInputError({name: problem})
