"""Loading the demo catalogue: invented organisations, needs, achievements and judged pairs, marked as demo data."""

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

from matcher.importing import Importing, parse_rows
from matcher.models import KINDS, Level, Organisation, Record, Verdict
from matcher.store import Store, organisations, postings, verdicts

DEMO_JUDGE = "演示评判"


def seed(
    store: Store, importing: Importing, actor: str, progress: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """Load the demo catalogue, or what is missing of it; return how many rows of each kind the store gained.

    `progress` is told (done, total) over needs and achievements together.
    """
    gained = {"organisation": _seed_organisations(store)}
    catalogue = {kind: demo_rows(f"{kind}s.jsonl") for kind in KINDS}
    total, done = sum(map(len, catalogue.values())), 0
    known = {row["id"]: row for row in demo_rows("organisations.jsonl")}
    for kind in KINDS:
        rows = [_with_organisation(row, known) for row in catalogue[kind]]
        records, problems = parse_rows(kind, enumerate(rows, 1))
        assert not problems, problems
        step = None if progress is None else (lambda n, _, base=done: progress(base + n, total))
        report = importing.import_records([replace(record, is_demo=True) for record in records], actor, step)
        gained[kind] = report.added
        done += len(rows)
    gained["verdict"] = _seed_verdicts(store)
    return gained


def demo_need(store: Store) -> Record | None:
    """Return the need that a first demo opens, if the demo catalogue is loaded."""
    return postings.find_external(store.db, "need", "demo-n-it-01")


def demo_rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of one .jsonl file of the catalogue."""
    text = (files("seed_data") / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def demo_judgments() -> list[tuple[str, str, int]]:
    """Return (need, achievement, grade 0-3) of the catalogue's judged pairs, by their demo ids."""
    text = (files("seed_data") / "qrels.tsv").read_text(encoding="utf-8")
    rows = (line.split() for line in text.splitlines() if line.strip())
    return [(need, achievement, int(grade)) for need, _, achievement, grade in rows]


def _seed_organisations(store: Store) -> int:
    with store.transaction() as db:
        before = organisations.count(db)
        for row in demo_rows("organisations.jsonl"):
            organisations.add(
                db,
                Organisation(
                    external_id=row["id"], name=row["name"], kind=row["kind"], region=row["region"], is_demo=True
                ),
            )
        return organisations.count(db) - before


def _with_organisation(row: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    organisation = known[row["organisation"]]
    return row | {"organisation": organisation["name"], "organisation_kind": organisation["kind"]}


def _seed_verdicts(store: Store) -> int:
    """Store the judged pairs as verdicts of the demo judge, unless they are there already."""
    gained = 0
    with store.transaction() as db:
        for need_name, achievement_name, grade in demo_judgments():
            need = postings.find_external(db, "need", need_name)
            achievement = postings.find_external(db, "achievement", achievement_name)
            if need is None or achievement is None:
                continue
            if any(seen.judge == DEMO_JUDGE for seen in verdicts.latest_of_pair(db, need.id, achievement.id)):
                continue
            level: Level = grade + 1  # type: ignore[assignment]
            verdicts.add(db, Verdict(need_id=need.id, achievement_id=achievement.id, level=level, judge=DEMO_JUDGE))
            gained += 1
    return gained
