"""Use cases of cooperation records: prefill from a match, record, edit, move on."""

from dataclasses import fields, replace
from typing import Any

from matcher.controlled_lists import cooperation_modes
from matcher.errors import NotFoundError, StaleEditError
from matcher.models import Cooperation, CooperationEvent, Kind, Page
from matcher.posting import Postings
from matcher.store import Store, audit, cooperations, organisations
from matcher.validation import check_cooperation
from matcher.workflow import check_cooperation_step

_BOOKKEEPING = {"id", "version", "created_at", "updated_at", "party_a_id", "party_b_id"}


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
        return Cooperation(
            need_id=need.id if need else None,
            achievement_id=achievement.id if achievement else None,
            title=need.title if need else achievement.title if achievement else "",
            contract_type=modes[0] if modes else "",
            party_a=need.organisation if need else "",
            party_b=achievement.organisation if achievement else "",
            region=need.region if need else "",
            amount_yuan=getattr(need, "budget_yuan", None),
            expected_results="\n".join(need.indicators) if need else "",
        )

    def record(self, cooperation: Cooperation, actor: str, close_need: bool = False) -> Cooperation:
        """Store a new cooperation with the first line of its history; `close_need` also ends the need's matching.

        Raises: InvalidInputError; NotFoundError for a linked record that does not exist.
        """
        check_cooperation(cooperation)
        self.prefilled(cooperation.need_id, cooperation.achievement_id)
        with self._store.transaction() as db:
            stored = cooperations.insert(db, self._with_parties(replace(cooperation, state="signed", version=1)))
            changes = {name: ("", shown) for name, shown in _shown(stored).items() if shown}
            cooperations.add_event(db, stored.id, actor, "recorded", changes)
            audit.add(db, actor, "created", "cooperation", stored.id, {}, _shown(stored))
        if close_need and stored.need_id and self._records.get("need", stored.need_id).status == "published":
            self._records.change_status("need", stored.need_id, "matched", actor)
        return stored

    def edit(self, cooperation: Cooperation, actor: str) -> Cooperation:
        """Overwrite the cooperation with the same id and log every changed field; its state stays.

        Raises: InvalidInputError; NotFoundError; StaleEditError when `version` is not the present one.
        """
        check_cooperation(cooperation)
        with self._store.transaction():
            current = self.get(cooperation.id)
            if cooperation.version != current.version:
                raise StaleEditError("这条备案在您编辑期间已被他人修改。您填写的内容仍在下方，请对照最新内容后再保存")
            return self._change(current, replace(cooperation, state=current.state), actor, "edited")

    def move(self, cooperation_id: int, state: str, actor: str) -> Cooperation:
        """Bring a cooperation into its next state. Raises: NotFoundError; IllegalTransitionError."""
        with self._store.transaction():
            current = self.get(cooperation_id)
            check_cooperation_step(current.state, state)
            return self._change(current, replace(current, state=state), actor, "moved")

    def history(self, cooperation_id: int) -> tuple[CooperationEvent, ...]:
        """Return the history, newest first."""
        return cooperations.events(self._store.db, cooperation_id)

    def listing(
        self,
        state: str = "",
        text: str = "",
        sort: str = "newest",
        number: int = 1,
        size: int = 20,
        party_id: int | None = None,
    ) -> Page[Cooperation]:
        """Return one page of the cooperations (of one party) in `state` whose title or parties hold `text`."""
        return cooperations.listing(self._store.db, state, text, sort, number, size, party_id)

    def state_counts(self, party_id: int | None = None) -> dict[str, int]:
        """Return how many cooperations (of one party) are in each state."""
        return cooperations.state_counts(self._store.db, party_id)

    def of_record(self, kind: Kind, item_id: int) -> tuple[Cooperation, ...]:
        """Return the cooperations linked to a need or achievement."""
        return cooperations.of_record(self._store.db, kind, item_id)

    def _change(self, current: Cooperation, wanted: Cooperation, actor: str, action: str) -> Cooperation:
        before, after = _shown(current), _shown(wanted)
        changes = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
        if not changes:
            return current
        db = self._store.db
        stored = cooperations.update(db, self._with_parties(replace(wanted, version=current.version + 1)))
        cooperations.add_event(db, stored.id, actor, action, changes)
        old, new = ({name: pair[side] for name, pair in changes.items()} for side in (0, 1))
        audit.add(db, actor, "changed", "cooperation", stored.id, old, new)
        return stored

    def _with_parties(self, cooperation: Cooperation) -> Cooperation:
        """Return it linked to the organisations that bear the parties' names, where there are such."""
        found = [
            organisations.find_by_name(self._store.db, name) for name in (cooperation.party_a, cooperation.party_b)
        ]
        first, second = (organisation.id if organisation else None for organisation in found)
        return replace(cooperation, party_a_id=first, party_b_id=second)


def _shown(cooperation: Cooperation) -> dict[str, str]:
    """Return every field of the agreement as the text that a history keeps."""
    values: dict[str, Any] = {
        item.name: getattr(cooperation, item.name) for item in fields(cooperation) if item.name not in _BOOKKEEPING
    }
    values["contract_type"] = cooperation_modes().name(cooperation.contract_type)
    return {name: "" if value is None else str(value) for name, value in values.items()}
