"""Between the ids of rows and those that stand in addresses."""

from typing import Literal

from matcher.store import Store, public_ids

PublicKind = Literal["need", "achievement", "organisation", "verdict", "cooperation", "engagement"]
# More than any page links to; an id never changes, so that what is remembered stays true.
_REMEMBERED = 50_000
# No row has it; an address with it answers as any other that leads nowhere.
NO_ROW = -1
_GONE = "gone"


class PublicIds:
    """Looks ids up in the store and remembers those that pages link to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[PublicKind, int], str] = {}

    def of(self, kind: PublicKind, item_id: int) -> str:
        """Return what stands for a row in addresses; of a row that is gone, what leads to none."""
        known = self._known.get((kind, item_id))
        if known is None:
            known = public_ids.of(self._store.db, kind, item_id)
            if known is None:
                return _GONE
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[kind, item_id] = known
        return known

    def find(self, kind: PublicKind, public_id: str) -> int:
        """Return the id of the row that `public_id` stands for; NO_ROW when there is none."""
        found = public_ids.find(self._store.db, kind, public_id)
        return NO_ROW if found is None else found
