"""The lexical side: FTS5 over terms that were cut beforehand. Only published records have rows here."""

import json
from collections.abc import Mapping, Sequence

from sqlite_utils import Database

from matcher.models import Kind

TITLE_WEIGHT = 2.0
BODY_WEIGHT = 1.0


def put(db: Database, kind: Kind, item_id: int, title: Sequence[str], body: Sequence[str]) -> None:
    """Make a record findable by these terms, replacing what it had."""
    remove(db, kind, item_id)
    db.execute(
        f"insert into {kind}_terms (rowid, title, body) values (?, ?, ?)", (item_id, " ".join(title), " ".join(body))
    )


def remove(db: Database, kind: Kind, item_id: int) -> None:
    """Take a record out of lexical search."""
    db.execute(f"delete from {kind}_terms where rowid = ?", (item_id,))


def best(
    db: Database, kind: Kind, query: Mapping[str, int], limit: int, allowed: Sequence[int] | None = None
) -> list[tuple[int, float]]:
    """Return up to `limit` (id, BM25 score) pairs, best first, ties by id; only ids of `allowed` when given.

    `query` maps a term to how often it counts. The score is FTS5's BM25 (Robertson and Zaragoza 2009, k1 1.2,
    b 0.75) with title terms counted twice; higher is better, and only records that share a term are returned.
    """
    if not query:
        return []
    match = " OR ".join(_quoted(term) for term, times in sorted(query.items()) for _ in range(times))
    inside, values = "", []
    if allowed is not None:
        inside, values = "and rowid in (select value from json_each(?))", ["[" + ",".join(map(str, allowed)) + "]"]
    rows = db.execute(
        f"select rowid, -bm25({kind}_terms, {TITLE_WEIGHT}, {BODY_WEIGHT}) as score from {kind}_terms"
        f" where {kind}_terms match ? {inside} order by score desc, rowid limit ?",
        [match, *values, limit],
    )
    return [(item_id, score) for item_id, score in rows]


def stored(db: Database, kind: Kind, item_ids: Sequence[int]) -> dict[int, tuple[list[str], list[str]]]:
    """Return the terms of title and body of each of `item_ids` that is findable, repeats kept."""
    rows = db.execute(
        f"select rowid, title, body from {kind}_terms where rowid in (select value from json_each(?))",
        ["[" + ",".join(map(str, item_ids)) + "]"],
    )
    return {item_id: (title.split(), body.split()) for item_id, title, body in rows}


def document_frequencies(db: Database, kind: Kind, terms: Sequence[str]) -> dict[str, int]:
    """Return in how many published records of `kind` each term stands; terms in none are left out."""
    rows = db.execute(
        f"select v.term, v.doc from json_each(?) j join {kind}_vocabulary v on v.term = j.value",
        [json.dumps(list(set(terms)))],
    )
    return {term: int(count) for term, count in rows}


def count(db: Database, kind: Kind) -> int:
    """Return how many published records lexical search holds."""
    total: int = db.execute(f"select count(*) from {kind}_terms_docsize").fetchone()[0]
    return total


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
