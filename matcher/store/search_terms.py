"""The lexical side: FTS5 over terms that were cut beforehand. Only published records have rows here.

This is what lasts; `index/words.py` searches it in memory, and FTS5 itself only until that is built. FTS5 counts its
rows and those of a term by reading all of them; what every search asks for is kept beside it instead.
"""

import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlite_utils import Database

from index.bm25 import K1, B, rarity
from matcher.models import Kind
from matcher.store.rows import ids_text

TITLE_WEIGHT = 2.0
BODY_WEIGHT = 1.0
_BLOCK = 10_000
# Some 35 MB in each process.
_SPLIT_TEXTS = 20_000
Terms = tuple[str, ...]


class Totals(NamedTuple):
    """How many records lexical search holds, and how many terms these have together, repeats counted."""

    records: int
    terms: int


def put(db: Database, kind: Kind, item_id: int, title: Sequence[str], body: Sequence[str]) -> None:
    """Make a record findable by these terms, replacing what it had."""
    remove(db, kind, item_id)
    db.execute(
        f"insert into {kind}_terms (rowid, title, body) values (?, ?, ?)", (item_id, " ".join(title), " ".join(body))
    )
    db.conn.executemany(
        f"insert into {kind}_frequency values (?, 1) on conflict do update set records = records + 1",
        [(term,) for term in sorted({*title, *body})],
    )
    _count(db, kind, 1, len(title) + len(body))


def remove(db: Database, kind: Kind, item_id: int) -> None:
    """Take a record out of lexical search."""
    for title, body in stored(db, kind, [item_id]).values():
        db.execute(f"delete from {kind}_terms where rowid = ?", (item_id,))
        own = [(term,) for term in sorted({*title, *body})]
        db.conn.executemany(f"update {kind}_frequency set records = records - 1 where term = ?", own)
        db.conn.executemany(f"delete from {kind}_frequency where term = ? and records = 0", own)
        _count(db, kind, -1, -len(title) - len(body))


def holds(db: Database, kind: Kind, item_id: int) -> bool:
    """Return whether lexical search holds a record."""
    return db.execute(f"select 1 from {kind}_terms_docsize where id = ?", (item_id,)).fetchone() is not None


def best(
    db: Database, kind: Kind, query: Mapping[str, int], limit: int, allowed: Sequence[int] | None = None
) -> list[tuple[int, float]]:
    """Return up to `limit` (id, BM25 score) pairs, best first, ties by id; only ids of `allowed` when given.

    `query` maps a term to how often it counts. The score is FTS5's BM25 (Robertson and Zaragoza 2009, k1 1.2,
    b 0.75) with title terms counted twice; higher is better, and only records that share a term are returned.
    Its time grows with the records that hold one of the terms.
    """
    if not query:
        return []
    match = " OR ".join(_quoted(term) for term, times in sorted(query.items()) for _ in range(times))
    inside, values = _among(allowed)
    rows = db.execute(
        f"select rowid, -bm25({kind}_terms, {TITLE_WEIGHT}, {BODY_WEIGHT}) as score from {kind}_terms"
        f" where {kind}_terms match ? {inside} order by score desc, rowid limit ?",
        [match, *values, limit],
    )
    return [(item_id, score) for item_id, score in rows]


def scores(
    db: Database, kind: Kind, query: Mapping[str, int], frequencies: Mapping[str, int], item_ids: Collection[int]
) -> dict[int, float]:
    """Return what `best` would give each of `item_ids`, 0 without a shared term; those not findable are left out."""
    records, terms = totals(db, kind)
    weights = {term: times * rarity(frequencies.get(term, 0), records) for term, times in query.items()}
    usual = terms / max(1, records)
    return {
        item_id: _score(title, body, weights, usual)
        for item_id, (title, body) in stored(db, kind, sorted(item_ids)).items()
    }


def stored(db: Database, kind: Kind, item_ids: Sequence[int]) -> dict[int, tuple[Terms, Terms]]:
    """Return the terms of title and body of each of `item_ids` that is findable, repeats kept.

    From the table that FTS5 keeps its rows in: through FTS5 itself it takes several times as long.
    """
    rows = _content(db, kind, "c0, c1", item_ids)
    return {item_id: (_split(title), _split(body)) for item_id, title, body in rows}


def stored_titles(db: Database, kind: Kind, item_ids: Sequence[int]) -> dict[int, Terms]:
    """Return the terms of the title of each of `item_ids` that is findable, repeats kept."""
    return {item_id: _split(title) for item_id, title in _content(db, kind, "c0", item_ids)}


def _content(db: Database, kind: Kind, columns: str, item_ids: Sequence[int]) -> Iterable[Any]:
    return db.execute(
        f"select id, {columns} from {kind}_terms_content where id in (select value from json_each(?))",
        [ids_text(item_ids)],
    )


def document_frequencies(db: Database, kind: Kind, terms: Sequence[str]) -> dict[str, int]:
    """Return in how many published records of `kind` each term stands; terms in none are left out."""
    rows = db.execute(
        f"select f.term, f.records from json_each(?) j join {kind}_frequency f on f.term = j.value",
        [json.dumps(list(set(terms)))],
    )
    return {term: int(records) for term, records in rows}


def count(db: Database, kind: Kind) -> int:
    """Return how many published records lexical search holds."""
    return totals(db, kind).records


def totals(db: Database, kind: Kind) -> Totals:
    """Return how many published records lexical search holds, and how many terms."""
    return Totals(*db.execute("select records, terms from findable where kind = ?", (kind,)).fetchone())


def blocks(db: Database, kind: Kind) -> Iterator[Iterator[tuple[int, list[str], list[str]]]]:
    """Yield id, terms of title and terms of body of all that is findable, in the order of ids, in blocks.

    Each block is read for itself: what changes meanwhile may be in it or not. Terms are cut one record at a time.
    """
    last = 0
    while rows := db.execute(
        f"select id, c0, c1 from {kind}_terms_content where id > ? order by id limit ?", [last, _BLOCK]
    ).fetchall():
        last = rows[-1][0]
        yield ((item_id, title.split(), body.split()) for item_id, title, body in rows)


@lru_cache(maxsize=_SPLIT_TEXTS)
def _split(text: str) -> Terms:
    """Return the terms of a stored text. Texts come again and again; each term is kept once for all of them."""
    return tuple(map(sys.intern, text.split()))


def _count(db: Database, kind: Kind, records: int, terms: int) -> None:
    db.execute(
        "update findable set records = records + ?, terms = terms + ? where kind = ?",
        (records, terms, kind),
    )


def _score(title: Sequence[str], body: Sequence[str], weights: Mapping[str, float], usual: float) -> float:
    found: dict[str, float] = {}
    for terms, weight in ((title, TITLE_WEIGHT), (body, BODY_WEIGHT)):
        for term in filter(weights.__contains__, terms):
            found[term] = found.get(term, 0.0) + weight
    length = K1 * (1 - B + B * (len(title) + len(body)) / usual)
    return sum(weights[term] * often * (K1 + 1) / (often + length) for term, often in found.items())


def _among(allowed: Sequence[int] | None) -> tuple[str, list[str]]:
    if allowed is None:
        return "", []
    # Without the sign SQLite would rather ask FTS5 anew for each of these ids.
    return "and +rowid in (select value from json_each(?))", [ids_text(allowed)]


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
