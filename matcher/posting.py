"""Use cases of needs and achievements: post, edit, publish, withdraw, delete, list."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

from matcher.errors import InUseError, NotFoundError, StaleEditError
from matcher.models import KINDS, Filters, Kind, Page, Record, Status
from matcher.overview import Overview
from matcher.people import ITSELF
from matcher.policy import Sight
from matcher.record_content import Version, restored
from matcher.recording import check_outside_id, organisation_id_of, settled, tell_owner, unconfirmed
from matcher.remembered import Remembered
from matcher.search_engine import PreparedText, SearchEngine
from matcher.store import (
    Database,
    Store,
    annexes,
    audit,
    cooperations,
    engagements,
    interests,
    notices,
    organisations,
    postings,
    public_ids,
    versions,
)
from matcher.validation import check_record
from matcher.validity import EXPIRED, check_reason, lasting
from matcher.workflow import check_posting_step

_KIND_NAMES = {"need": "技术需求", "achievement": "科技成果"}
# Who closes what ran out, and how many at once.
_LOT = 256
Facets = dict[str, dict[str, int]]
_MOST_COUNTS = 1_000
_BOOKKEEPING = {"id", "created_at", "updated_at", "organisation_kind"}


class Postings:
    """Needs and achievements alike."""

    def __init__(self, store: Store, engine: SearchEngine, valid_days: int) -> None:
        self._store = store
        self._engine = engine
        self._valid_days = valid_days
        self.overviews = {kind: Overview(store, kind) for kind in KINDS}
        self._counts: Remembered[tuple[Kind, Filters, Sight | None], int] = Remembered(store, _MOST_COUNTS)
        self._facets: Remembered[tuple[Kind, Filters, Sight | None], Facets] = Remembered(store, _MOST_COUNTS)

    def get(self, kind: Kind, item_id: int) -> Record:
        """Return the record. Raises: NotFoundError."""
        record = postings.get(self._store.db, kind, item_id)
        if record is None:
            raise NotFoundError(f"没有编号为 {item_id} 的{_KIND_NAMES[kind]}，可能已被删除")
        return record

    def get_many(self, kind: Kind, item_ids: Sequence[int]) -> tuple[Record, ...]:
        """Return the records that exist, in the order of `item_ids`."""
        return postings.get_many(self._store.db, kind, item_ids)

    def find(self, kind: Kind, name: str) -> Record:
        """Return the record that `name` is the id of: the one from outside, that of its address, or its number.

        Raises: NotFoundError.
        """
        record = postings.find_external(self._store.db, kind, name)
        if record is not None:
            return record
        addressed = public_ids.find(self._store.db, kind, name)
        if addressed is not None:
            return self.get(kind, addressed)
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
        return self.overviews[kind].page(filters, sort, number, size, sight)

    def every(self, kind: Kind, filters: Filters, sort: str, sight: Sight) -> Iterator[Record]:
        """Yield the records that pass `filters` and that somebody may read, one by one."""
        return postings.every(self._store.db, kind, filters, sort, sight)

    def count(self, kind: Kind, filters: Filters, sight: Sight | None = None) -> int:
        """Return how many records pass `filters`; with `sight`, of those that somebody may read."""
        asked = (filters, sight)
        return self._counts.get((kind, *asked), lambda: self.overviews[kind].count(*asked))[0]

    def facets(self, kind: Kind, filters: Filters, sight: Sight | None = None) -> Facets:
        """Return, for each filter, the counts of its values with the other filters kept."""
        asked = (filters, sight)
        return self._facets.get((kind, *asked), lambda: self.overviews[kind].facets(*asked))[0]

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

    def version(self, kind: Kind, item_id: int) -> int:
        """Return the number of the record's present version, from 1; 0 for a record that is not there."""
        return versions.latest(self._store.db, kind, item_id)

    def versions(self, kind: Kind, item_id: int) -> tuple[Version, ...]:
        """Return all versions of the record, newest first."""
        return versions.of_record(self._store.db, kind, item_id)

    def in_version(self, kind: Kind, item_id: int, number: int) -> Version:
        """Return one version of the record. Raises: NotFoundError."""
        found = versions.get(self._store.db, kind, item_id, number)
        if found is None:
            raise NotFoundError(f"这条{_KIND_NAMES[kind]}没有第 {number} 版")
        return found

    def restore(self, kind: Kind, item_id: int, number: int, actor: str) -> Record:
        """Make an old version the newest one, with who may read it as it is now; return the record.

        Raises: NotFoundError; InvalidInputError; ModelMismatchError; StaleEditError.
        """
        record = restored(self.in_version(kind, item_id, number), self.get(kind, item_id))
        return self.edit(record, actor, f"恢复自第 {number} 版")

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

    def edit(
        self, record: Record, actor: str, note: str = "", first: Callable[[Database], None] | None = None
    ) -> Record:
        """Overwrite a record with the same id; return it as it now is. `note` goes into its new version.

        `first` is done before, in the same transaction; what it raises keeps the record as it was.

        Raises: InvalidInputError; NotFoundError; ModelMismatchError; StaleEditError when `updated_at` is given and
        somebody else has changed the record since.
        """
        check_record(record)
        prepared = self._engine.prepare([record])[0]
        with self._store.transaction() as db:
            if first is not None:
                first(db)
            current = self.get(record.kind, record.id)
            if record.updated_at is not None and record.updated_at != current.updated_at:
                raise StaleEditError("这条记录在您编辑期间已被他人修改。您填写的内容仍在下方，请对照最新内容后再保存")
            stored = self._write(db, replace(record, status=current.status), prepared, actor, note)
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
            stored = [self._write(db, settled(db, record), text, actor) for record, text in pairs]
            self._engine.recentre(db, records[0].kind)
        return tuple(stored)

    def change_status(self, kind: Kind, item_id: int, status: Status, actor: str, reason: str = "") -> Record:
        """Publish, withdraw for a reason of the list, or mark as matched; search follows at once.

        Raises: IllegalTransitionError; InvalidInputError.
        """
        if reason:
            check_reason(kind, reason)
        record = self.get(kind, item_id)
        prepared = self._engine.prepare([record])[0]
        with self._store.transaction() as db:
            record = self.get(kind, item_id)
            check_posting_step(record.status, status)
            closing = reason if status == "closed" else ""
            stored = self._write(db, replace(record, status=status, close_reason=closing), prepared, actor)
            self._engine.recentre(db, kind)
        return stored

    def renew(self, kind: Kind, item_id: int, actor: str) -> Record:
        """Let a record hold anew from today, published again when it was closed. Raises: IllegalTransitionError."""
        record = self.get(kind, item_id)
        prepared = self._engine.prepare([record])[0]
        with self._store.transaction() as db:
            record = self.get(kind, item_id)
            if record.status != "published":
                check_posting_step(record.status, "published")
            anew = replace(record, status="published", close_reason="", valid_until=None)
            stored = self._write(db, anew, prepared, actor)
            self._engine.recentre(db, kind)
        return stored

    def close_expired(self, kind: Kind, day: date) -> int:
        """Close what held only until before `day`, and tell its owners; return how many. Raises: ModelMismatchError."""
        closed = 0
        while found := postings.expired(self._store.db, kind, day, _LOT):
            prepared = self._engine.prepare(found)
            with self._store.transaction() as db:
                # Somebody may have renewed or closed them since they were found.
                still = {record.id for record in postings.expired(db, kind, day, _LOT)}
                for record, text in zip(found, prepared, strict=True):
                    if record.id in still:
                        self._close_expired(db, self.get(kind, record.id), text)
                        closed += 1
                self._engine.recentre(db, kind)
        return closed

    def _close_expired(self, db: Database, record: Record, prepared: PreparedText) -> None:
        self._write(db, replace(record, status="closed", close_reason=EXPIRED), prepared, ITSELF)
        if record.organisation_id is not None:
            words = f"“{record.title}”的有效期已到，已自动撤回；还有效请点“续期”"
            notices.add(db, "record_expired", words, (record.kind, record.id), organisation_id=record.organisation_id)

    def delete(self, kind: Kind, item_id: int, actor: str) -> None:
        """Remove a record for good. Raises: InUseError when a cooperation or engagement refers to it."""
        with self._store.transaction() as db:
            record = self.get(kind, item_id)
            linked = cooperations.of_record(db, kind, item_id)
            if linked:
                raise InUseError(f"合作备案“{linked[0].title}”引用了它，不能删除；可以改为撤回，撤回后不再参与匹配")
            if engagements.of_record(db, kind, item_id):
                raise InUseError("有对接引用了它，不能删除；可以改为撤回，撤回后不再参与匹配")
            audit.add(db, actor, "deleted", kind, item_id, _facts(record), {})
            self._engine.forget(db, kind, item_id)
            annexes.forget(db, kind, item_id)
            interests.forget(db, kind, item_id)
            postings.delete(db, kind, item_id)
            self._engine.recentre(db, kind)

    def _write(self, db: Database, record: Record, prepared: PreparedText, actor: str, note: str = "") -> Record:
        """Store one record with its search text, version, revision and audit line."""
        check_outside_id(db, record)
        before = postings.get(db, record.kind, record.id) if record.id else None
        record = replace(record, organisation_id=organisation_id_of(db, record))
        if before is None and record.on_behalf_by:
            record = unconfirmed(db, record)
        record = lasting(record, self._valid_days)
        stored = postings.insert(db, record) if before is None else postings.update(db, record)
        self._engine.keep(db, stored, prepared)
        versions.keep(db, stored, actor, note)
        if before is None and stored.on_behalf_by:
            tell_owner(db, stored)
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


def _facts(record: Record) -> dict[str, Any]:
    return {item.name: getattr(record, item.name) for item in fields(record) if item.name not in _BOOKKEEPING}
