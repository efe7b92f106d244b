"""Giving every record a vector of the configured model, while the service goes on with the old ones."""

from collections.abc import Callable, Sequence

from matcher.documents import dense_text, text_hash
from matcher.models import KINDS, Filters, Kind, Record
from matcher.search_engine import SIDES, SearchEngine
from matcher.store import Database, Store, embeddings, postings, revisions

_CHUNK = 1024
_ANY = Filters(status="")


def reindex(store: Store, engine: SearchEngine, progress: Callable[[int, int], None] | None = None) -> int:
    """Encode all records with the configured model and make it the one in use; return how many were encoded.

    Vectors of the old model stay until the last step, so an interruption loses nothing and a second call goes
    on where the first one stopped. Records posted meanwhile are caught before the switch. `progress` is told
    (done, total).
    """
    encoded, seen = 0, -1
    while True:
        newest = revisions.latest(store.db)
        waiting = _stale(store.db, engine.encoder().model_id, seen)
        for start in range(0, len(waiting), _CHUNK):
            _encode(store, engine, waiting[start : start + _CHUNK])
            encoded += len(waiting[start : start + _CHUNK])
            if progress:
                progress(encoded, max(encoded, len(waiting)))
        # Whoever posts waits for this: only what changed meanwhile is looked at.
        with store.transaction() as db:
            if not _stale(db, engine.encoder().model_id, newest):
                engine.use_configured_model(db, are_vectors_new=encoded > 0)
                return encoded
        seen = newest


def _stale(db: Database, model_id: str, seen: int) -> list[tuple[Kind, int]]:
    """Return the records changed after revision `seen` (all when it is negative) whose text has no vector."""
    waiting = []
    for kind in KINDS:
        ids = postings.ids(db, kind, _ANY) if seen < 0 else _changed(db, kind, seen)
        for start in range(0, len(ids), _CHUNK):
            for record in postings.get_many(db, kind, ids[start : start + _CHUNK]):
                if embeddings.text_hash(db, kind, record.id, model_id) != text_hash(record):
                    waiting.append((kind, record.id))
    return waiting


def _changed(db: Database, kind: Kind, seen: int) -> list[int]:
    found = revisions.after(db, seen, kind, revisions.latest(db))
    return sorted({change.item_id for change in found if change.item_id})


def _encode(store: Store, engine: SearchEngine, waiting: Sequence[tuple[Kind, int]]) -> None:
    encoder = engine.encoder()
    for kind in KINDS:
        ids = [item_id for item_kind, item_id in waiting if item_kind == kind]
        records: tuple[Record, ...] = postings.get_many(store.db, kind, ids)
        vectors = encoder.encode([dense_text(record) for record in records], SIDES[kind])
        with store.transaction() as db:
            for record, vector in zip(records, vectors, strict=True):
                embeddings.put(db, kind, record.id, encoder.model_id, text_hash(record), vector)
