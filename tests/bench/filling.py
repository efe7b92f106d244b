"""Fills a real store with made-up records: the product's schema, written in bulk where its own way would take hours."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from matcher import centring
from matcher.controlled_lists import ControlledList, cooperation_modes, organisation_kinds, regions, technical_fields
from matcher.models import Kind
from matcher.store import Database, Store, search_state, vector_sums
from matcher.store.rows import list_text, time_text, vector_blob
from tests.bench.made_up import DIM, Chance, MadeUp, TopicEncoder, Wording, made_up

_LOT = 20_000
_RECORDS_PER_ORGANISATION = 50
_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
_DAYS = 690
_HIDDEN = 0.01


def fill(store: Store, kind: Kind, learn: Callable[[], Wording], total: int, chance: Chance) -> None:
    """Bring the store from what it has of `kind` to `total` records; `learn` is asked only where some are missing."""
    present = store.db.execute(f"select count(*) from {kind}").fetchone()[0]
    if present >= total:
        return
    wording = learn()
    with store.transaction() as db:
        for key, value in (("model", "made-up"), ("model_id", TopicEncoder.model_id), ("dim", str(DIM))):
            search_state.put(db, key, value)
        _add_organisations(db, max(10, total // _RECORDS_PER_ORGANISATION), chance)
    for start in range(present, total, _LOT):
        texts = made_up(wording, min(_LOT, total - start), chance)
        with store.transaction() as db:
            _add(db, kind, start + 1, texts, total, chance)
    with store.transaction() as db:
        _settle(db, kind)
    store.db.execute("pragma wal_checkpoint(truncate)")


def _add_organisations(db: Database, total: int, chance: Chance) -> None:
    present = db.execute("select count(*) from organisation").fetchone()[0]
    kinds = [entry.code for entry in organisation_kinds().entries]
    rows = [(f"机构{number:06d}", kinds[chance.integers(len(kinds))]) for number in range(present, total)]
    db.conn.executemany("insert into organisation (name, kind) values (?, ?)", rows)


def _add(db: Database, kind: Kind, first: int, texts: list[MadeUp], total: int, chance: Chance) -> None:
    organisations = db.execute("select count(*) from organisation").fetchone()[0]
    rows = [dict(row) for row in _columns(texts, first, total, organisations, chance)]
    names, marks = ", ".join(rows[0]), ", ".join("?" * len(rows[0]))
    db.conn.executemany(f"insert into {kind} ({names}) values ({marks})", [tuple(row.values()) for row in rows])
    lot = list(enumerate(texts, first))
    db.conn.executemany(
        f"insert into {kind}_terms (rowid, title, body) values (?, ?, ?)",
        [(number, " ".join(text.title), " ".join(text.body)) for number, text in lot],
    )
    db.conn.executemany(
        "insert into embedding (kind, item_id, model_id, text_hash, vector) values (?, ?, ?, '', ?)",
        [(kind, number, TopicEncoder.model_id, vector_blob(text.vector)) for number, text in lot],
    )
    db.conn.executemany(
        "insert into revision (kind, item_id, action, at) values (?, ?, 'saved', ?)",
        [(kind, number, row["updated_at"]) for (number, _), row in zip(lot, rows, strict=True)],
    )


def _columns(
    texts: list[MadeUp], first: int, total: int, organisations: int, chance: Chance
) -> Iterator[dict[str, Any]]:
    """Yield the columns of each record; dates rise with the ids but for one in ten, changed later."""
    count = len(texts)
    fields, places = _drawn(technical_fields(), 0.04, count, chance), _drawn(regions(), 0.005, count, chance)
    days = np.minimum(_DAYS, _DAYS * np.arange(first, first + count) / max(total, first + count))
    later = np.where(chance.random(count) < 0.1, chance.random(count) * (_DAYS - days), 0)
    hidden = chance.random(count) < _HIDDEN
    owners, maturities = chance.integers(1, organisations + 1, count), chance.integers(0, 10, count)
    modes = [_drawn(cooperation_modes(), 0.5, count, chance) for _ in range(2)]
    for place, text in enumerate(texts):
        yield {
            "id": first + place,
            "organisation_id": int(owners[place]),
            "title": text.title_text,
            "description": text.description,
            "field": fields[place],
            "keywords": list_text(text.title[:3]),
            "maturity": int(maturities[place]) or None,
            "modes": list_text(sorted({each[place] for each in modes})),
            "region": places[place],
            "visibility": "brokers" if hidden[place] else "public",
            "status": "published",
            "valid_until": "2027-12-31",
            "created_at": time_text(_BEGIN + timedelta(days=float(days[place]))),
            "updated_at": time_text(_BEGIN + timedelta(days=float(days[place] + later[place]))),
        }


def _drawn(choices: ControlledList, share: float, count: int, chance: Chance) -> list[str]:
    """Return `count` codes: the first has `share` of all, each further one as much of what is left."""
    codes = [entry.code for entry in choices.entries]
    return [codes[number] for number in np.minimum(chance.geometric(share, count), len(codes)) - 1]


def _settle(db: Database, kind: Kind) -> None:
    """Bring up to date what the product keeps as it goes, and bulk writing went past."""
    db.execute(f"delete from {kind}_frequency")
    db.execute(f"insert into {kind}_frequency select term, doc from {kind}_vocabulary order by term")
    db.execute(
        f"update findable set terms = (select sum(cnt) from {kind}_vocabulary),"
        f" records = (select count(*) from {kind}_terms_docsize) where kind = '{kind}'"
    )
    vector_sums.forget_all(db)
    centring.refresh(db, kind, TopicEncoder.model_id, DIM)
