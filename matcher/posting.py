"""Use cases of needs and achievements: post, edit, publish, withdraw, delete, list."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

from matcher.disclosure import DISCLOSING
from matcher.errors import InUseError, InvalidInputError, NotFoundError, StaleEditError
from matcher.models import Filters, Kind, Organisation, Page, Record, Status
from matcher.policy import Sight
from matcher.search_engine import PreparedText, SearchEngine
from matcher.store import Database, Store, annexes, audit, cooperations, interests, organisations, postings
from matcher.store.filtering import facet_counts
from matcher.validation import check_record
from matcher.workflow import check_posting_step

_KIND_NAMES = {"need": "技术需求", "achievement": "科技成果"}
_BOOKKEEPING = {"id", "created_at", "updated_at", "organisation_kind"}


class Postings:
    """Needs and achievements alike."""

    def __init__(self, store: Store, engine: SearchEngine) -> None:
        self._store = store
        self._engine = engine

    def get(self, kind: Kind, item_id: int) -> Record:
        """Return the record. Raises: NotFoundError."""
        record = postings.get(self._store.db, kind, item_id)
        if record is None:
            raise NotFoundError(f"没有编号为 {item_id} 的{_KIND_NAMES[kind]}，可能已被删除")
        return record

    def find(self, kind: Kind, name: str) -> Record:
        """Return the record with the id from outside `name`, or else the number `name`. Raises: NotFoundError."""
        record = postings.find_external(self._store.db, kind, name)
        if record is not None:
            return record
        if not name.isdecimal() or len(name) > 18:
            raise NotFoundError(f"没有编号为 {name} 的{_KIND_NAMES[kind]}")
        return self.get(kind, int(name))

    def listing(
        self,
        kind: Kind,
        filters: Filters,
        sort: str = "newest",
        number: int = 1,
        size: int = 20,
        sight: Sight | None = None,
    ) -> Page[Record]:
        """Return one page of the records that pass `filters`; with `sight`, only of those that somebody may read."""
        return postings.listing(self._store.db, kind, filters, sort, number, size, sight)

    def count(self, kind: Kind, filters: Filters) -> int:
        """Return how many records pass `filters`."""
        return postings.count(self._store.db, kind, filters)

    def facets(self, kind: Kind, filters: Filters, sight: Sight | None = None) -> dict[str, dict[str, int]]:
        """Return, for each filter, the counts of its values with the other filters kept."""
        return facet_counts(self._store.db, kind, filters, sight)

    def sorts(self, kind: Kind) -> tuple[str, ...]:
        """Return the names of the orders that `listing` knows for `kind`, the default first."""
        return postings.sorts(kind)

    def organisation_count(self) -> int:
        """Return how many organisations are known."""
        return organisations.count(self._store.db)

    def organisation_ids(self, names: Sequence[str]) -> dict[str, int | None]:
        """Return the id of each organisation by its name, None for one that is not known."""
        found = {each.name: each.id for each in organisations.named(self._store.db, names)}
        return {name: found.get(name) for name in names}

    def names_of(self, organisation_ids: Sequence[int]) -> tuple[str, ...]:
        """Return the names of organisations, those that are gone left out."""
        found = (organisations.get(self._store.db, each) for each in organisation_ids)
        return tuple(each.name for each in found if each)

    def organisation_names(self) -> tuple[str, ...]:
        """Return known organisation names, for suggestions."""
        return organisations.names(self._store.db)

    def post(self, record: Record, actor: str) -> Record:
        """Store a new record and make it findable at once if it is published; return it with its id.

        Raises: InvalidInputError; ModelMismatchError.
        """
        check_record(record)
        prepared = self._engine.prepare([record])[0]
        with self._store.transaction() as db:
            stored = self._write(db, record, prepared, actor)
            self._engine.recentre(db, record.kind)
        return stored

    def edit(self, record: Record, actor: str) -> Record:
        """Overwrite a record with the same id; return it as it now is.

        Raises: InvalidInputError; NotFoundError; ModelMismatchError; StaleEditError when `updated_at` is given and
        somebody else has changed the record since.
        """
        check_record(record)
        prepared = self._engine.prepare([record])[0]
        with self._store.transaction() as db:
            current = self.get(record.kind, record.id)
            if record.updated_at is not None and record.updated_at != current.updated_at:
                raise StaleEditError("这条记录在您编辑期间已被他人修改。您填写的内容仍在下方，请对照最新内容后再保存")
            stored = self._write(db, replace(record, status=current.status), prepared, actor)
            self._engine.recentre(db, record.kind)
        return stored

    def save_many(
        self, records: Sequence[Record], actor: str, progress: Callable[[int], None] | None = None
    ) -> tuple[Record, ...]:
        """Store checked records of one kind in one transaction (an id of 0 means new); return them stored.

        A record with an outside id goes where that id is by the time of writing, and keeps the status found there.
        """
        prepared = self._engine.prepare(records, progress)
        with self._store.transaction() as db:
            pairs = zip(records, prepared, strict=True)
            stored = [self._write(db, _settled(db, record), text, actor) for record, text in pairs]
            self._engine.recentre(db, records[0].kind)
        return tuple(stored)

    def change_status(self, kind: Kind, item_id: int, status: Status, actor: str) -> Record:
        """Publish, withdraw or mark as matched; search follows at once. Raises: IllegalTransitionError."""
        record = self.get(kind, item_id)
        prepared = self._engine.prepare([record])[0]
        with self._store.transaction() as db:
            record = self.get(kind, item_id)
            check_posting_step(record.status, status)
            stored = self._write(db, replace(record, status=status), prepared, actor)
            self._engine.recentre(db, kind)
        return stored

    def delete(self, kind: Kind, item_id: int, actor: str) -> None:
        """Remove a record for good. Raises: InUseError when a cooperation refers to it."""
        with self._store.transaction() as db:
            record = self.get(kind, item_id)
            linked = cooperations.of_record(db, kind, item_id)
            if linked:
                raise InUseError(f"合作备案“{linked[0].title}”引用了它，不能删除；可以改为撤回，撤回后不再参与匹配")
            audit.add(db, actor, "deleted", kind, item_id, _facts(record), {})
            self._engine.forget(db, kind, item_id)
            annexes.forget(db, kind, item_id)
            interests.forget(db, kind, item_id)
            postings.delete(db, kind, item_id)
            self._engine.recentre(db, kind)

    def _write(self, db: Database, record: Record, prepared: PreparedText, actor: str) -> Record:
        """Store one record with its search text, revision and audit line."""
        _check_outside_id(db, record)
        before = postings.get(db, record.kind, record.id) if record.id else None
        record = replace(record, organisation_id=_organisation_id(db, record))
        stored = postings.insert(db, record) if before is None else postings.update(db, record)
        self._engine.keep(db, stored, prepared)
        old, new = ({} if before is None else _facts(before)), _facts(stored)
        changed = {name for name in new if old.get(name) != new[name]}
        action = "created" if before is None else "changed"
        audit.add(
            db,
            actor,
            action,
            stored.kind,
            stored.id,
            {name: old[name] for name in changed if name in old},
            {name: new[name] for name in changed},
        )
        return stored


def _settled(db: Database, record: Record) -> Record:
    """Return the record with the id and status that its outside id has now: encoding took time.

    Files say nothing of who may read: that stays as its owner set it.
    """
    if not record.external_id:
        return record
    current = postings.find_external(db, record.kind, record.external_id)
    if current is None:
        return replace(record, id=0)
    kept = {name: getattr(current, name) for name in ("id", "status", *DISCLOSING)}
    return replace(record, **kept)


def _check_outside_id(db: Database, record: Record) -> None:
    holder = postings.find_external(db, record.kind, record.external_id) if record.external_id else None
    if holder is not None and holder.id != record.id:
        raise InvalidInputError({"external_id": f"编号“{record.external_id}”已属于“{holder.title}”，请换一个编号"})


def _organisation_id(db: Database, record: Record) -> int | None:
    """Return the id for the organisation's name, stored anew when it is unknown; None without a name."""
    name = record.organisation.strip()
    if not name:
        return None
    kind = "enterprise" if record.kind == "need" else record.organisation_kind
    return organisations.add(db, Organisation(name=name, kind=kind, region=record.region, is_demo=record.is_demo)).id


def _facts(record: Record) -> dict[str, Any]:
    return {item.name: getattr(record, item.name) for item in fields(record) if item.name not in _BOOKKEEPING}
