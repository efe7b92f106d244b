"""Use cases of confidential annexes: keep, ask to read, admit, read. Every reading is put on record."""

from matcher.confidentiality import VERSION, Admission
from matcher.errors import InvalidInputError, NotFoundError
from matcher.models import Kind
from matcher.posting import Postings
from matcher.store import Store, annexes, audit
from matcher.validation import LONGEST, text_problem


class Annexes:
    """A text that belongs to a need or achievement and is neither matched, searched nor shown beside it."""

    def __init__(self, store: Store, records: Postings) -> None:
        self._store = store
        self._records = records

    def exists(self, kind: Kind, item_id: int) -> bool:
        """Return whether the record has an annex."""
        return bool(annexes.content(self._store.db, kind, item_id))

    def draft(self, kind: Kind, item_id: int, actor: str) -> str:
        """Return the annex for its owner to work on, and put the reading on record; "" when there is none."""
        return self.read(kind, item_id, actor) if self.exists(kind, item_id) else ""

    def keep(self, kind: Kind, item_id: int, text: str, actor: str) -> None:
        """Keep the annex of a record; an empty text removes it. Raises: NotFoundError; InvalidInputError."""
        text = text.strip()
        if problem := text_problem(text, LONGEST["description"]):
            raise InvalidInputError({"annex": problem})
        self._records.get(kind, item_id)
        with self._store.transaction() as db:
            if text == annexes.content(db, kind, item_id):
                return
            annexes.put(db, kind, item_id, text)
            # The text itself stays out of the audit: who reads that need not be admitted.
            audit.add(db, actor, "changed annex", kind, item_id, {}, {"characters": len(text)})

    def read(self, kind: Kind, item_id: int, actor: str) -> str:
        """Return the annex and put the reading on record. Raises: NotFoundError when there is none."""
        text = annexes.content(self._store.db, kind, item_id)
        if not text:
            raise NotFoundError("这条记录没有保密附件")
        with self._store.transaction() as db:
            audit.add(db, actor, "read annex", kind, item_id, {}, {})
        return text

    def accept(self, kind: Kind, item_id: int, organisation_id: int, actor: str) -> None:
        """Note that the statement was accepted for an organisation, which thereby asks to read.

        Raises: NotFoundError when there is no annex.
        """
        if not self.exists(kind, item_id):
            raise NotFoundError("这条记录没有保密附件")
        with self._store.transaction() as db:
            annexes.accept(db, kind, item_id, organisation_id, VERSION, actor)
            told = {"organisation_id": organisation_id, "statement": VERSION}
            audit.add(db, actor, "accepted statement", kind, item_id, {}, told)

    def admissions(self, kind: Kind, item_id: int) -> tuple[Admission, ...]:
        """Return who asked to read, the first one first."""
        return annexes.admissions(self._store.db, kind, item_id)

    def admission(self, kind: Kind, item_id: int, organisation_id: int | None) -> Admission | None:
        """Return what an organisation asked for, if it did."""
        found = self.admissions(kind, item_id)
        return next((each for each in found if each.organisation_id == organisation_id), None)

    def set_admitted(self, kind: Kind, item_id: int, organisation_id: int, admitted: bool, actor: str) -> None:
        """Let an organisation that accepted the statement read the annex, or no more. Raises: NotFoundError."""
        with self._store.transaction() as db:
            found = self.admission(kind, item_id, organisation_id)
            if found is None:
                raise NotFoundError("这个单位还没有接受保密声明、申请阅读")
            if (found.admitted_at is not None) == admitted:
                return
            annexes.set_admitted(db, kind, item_id, organisation_id, actor if admitted else "")
            action = "admitted to annex" if admitted else "shut out of annex"
            audit.add(db, actor, action, kind, item_id, {}, {"organisation_id": organisation_id})
