"""Use cases of needs that say the same: found while one is typed, and joined instead of posted twice."""

from matcher.errors import IllegalTransitionError
from matcher.folding import share_within
from matcher.matching import Matching
from matcher.models import Record
from matcher.policy import Sight
from matcher.posting import Postings
from matcher.store import Store, audit, joiners, notices

_LEAST_TYPED = 6
LOOKED_AT = 20
_MOST_SHOWN = 3
# From so much of what is typed standing in another need on, that is worth a look: measured, see docs/needs.md.
_LEAST_SHARE = 0.15
# Of a title alone, three characters in common say less.
_SHORT, _LEAST_SHARE_OF_SHORT = 40, 0.35


class Alike:
    """Looks for needs alike, and keeps who joined them."""

    def __init__(self, store: Store, records: Postings, matching: Matching) -> None:
        self._store = store
        self._records = records
        self._matching = matching

    def to_typed(self, text: str, sight: Sight) -> tuple[Record, ...]:
        """Return the published needs in `sight` that say much of what was typed, the most alike first, at most 3.

        Raises: ModelMismatchError.
        """
        if len(text.strip()) < _LEAST_TYPED:
            return ()
        found = [record for record, _ in self._matching.search("need", text, k=LOOKED_AT, sight=sight)]
        shares = {record.id: share_within(text, record) for record in found}
        least = _LEAST_SHARE_OF_SHORT if len(text.strip()) < _SHORT else _LEAST_SHARE
        near = [record for record in found if shares[record.id] >= least]
        return tuple(sorted(near, key=lambda each: (-shares[each.id], each.id))[:_MOST_SHOWN])

    def joined(self, need_id: int) -> dict[int, str]:
        """Return id → name of the organisations that joined a need, in the order in which they did."""
        return dict(joiners.of_need(self._store.db, need_id))

    def join(self, need_id: int, organisation_id: int, actor: str) -> None:
        """Keep that an organisation has the same need, and tell its owner; done twice, nothing more happens.

        Raises: NotFoundError; IllegalTransitionError for a need of one's own or one that is not published.
        """
        with self._store.transaction() as db:
            need = self._records.get("need", need_id)
            if need.status != "published" or need.organisation_id == organisation_id:
                raise IllegalTransitionError("这条需求已不在发布中，或者就是本单位的，不能加入")
            if organisation_id in self.joined(need_id):
                return
            joiners.add(db, need_id, organisation_id, actor)
            audit.add(db, actor, "joined need", "need", need_id, {}, {"organisation_id": organisation_id})
            if need.organisation_id is not None:
                words = f"{self.joined(need_id)[organisation_id]}有同样的需求，加入了“{need.title}”"
                notices.add(db, "need_joined", words, ("need", need_id), organisation_id=need.organisation_id)

    def leave(self, need_id: int, organisation_id: int, actor: str) -> None:
        """Keep no more that an organisation has the same need; done twice, nothing more happens."""
        with self._store.transaction() as db:
            if organisation_id in self.joined(need_id):
                joiners.remove(db, need_id, organisation_id)
                audit.add(db, actor, "left need", "need", need_id, {"organisation_id": organisation_id}, {})
