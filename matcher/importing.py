"""Rows of a file become published records: read, check every row, then store in chunks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from matcher.models import Kind, Record
from matcher.posting import Postings
from matcher.reading import read_rows
from matcher.row_parsing import RowProblem, parse_row
from matcher.store import Store, postings

_CHUNK = 1024
_SET_BY_STORE = {
    "id",
    "organisation_id",
    "organisation_kind",
    "status",
    "valid_until",
    "close_reason",
    "on_behalf_by",
    "created_at",
    "updated_at",
}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file's rows. With problems and without `keep_good`, nothing was stored."""

    added: int
    updated: int
    unchanged: int
    problems: tuple[RowProblem, ...]


Progress = Callable[[int, int], None]


class Importing:
    """Imports files of needs or achievements."""

    def __init__(self, store: Store, records: Postings, limit_bytes: int) -> None:
        self._store = store
        self._records = records
        self._limit_bytes = limit_bytes

    def import_file(
        self, kind: Kind, path: Path, actor: str, keep_good: bool = False, progress: Progress | None = None
    ) -> ImportReport:
        """Import a .jsonl or .csv file; `progress` is told (rows stored, rows to store).

        All rows are checked before the first is stored. Rows are then stored 1,024 at a time, each chunk in one
        transaction: an interruption leaves whole chunks, and importing the same file again goes on from there.

        Raises: ImportFileError when the file cannot be read as rows; ModelMismatchError.
        """
        records, problems = parse_rows(kind, read_rows(path, self._limit_bytes))
        if problems and not keep_good:
            return ImportReport(0, 0, 0, tuple(problems))
        return replace(self.import_records(records, actor, progress), problems=tuple(problems))

    def import_records(self, records: Sequence[Record], actor: str, progress: Progress | None = None) -> ImportReport:
        """Store checked records of one kind; those whose outside id is known update the record that has it."""
        added = updated = unchanged = 0
        for start in range(0, len(records), _CHUNK):
            known = [self._with_known_id(record) for record in records[start : start + _CHUNK]]
            changed = [record for record, differs in known if differs]
            if changed:
                step = _shifted(progress, start + len(known) - len(changed), len(records))
                self._records.save_many(changed, actor, step)
            added += sum(record.id == 0 for record in changed)
            updated += sum(record.id != 0 for record in changed)
            unchanged += len(known) - len(changed)
            if progress:
                progress(start + len(known), len(records))
        return ImportReport(added, updated, unchanged, ())

    def _with_known_id(self, record: Record) -> tuple[Record, bool]:
        """Return the record with the id and status that it has in the store, and whether it differs from there.

        A record that was withdrawn stays so: importing a list again does not publish it anew.
        """
        stored = postings.find_external(self._store.db, record.kind, record.external_id) if record.external_id else None
        if stored is None:
            return record, True
        return replace(record, id=stored.id, status=stored.status), _content(stored) != _content(record)


def parse_rows(
    kind: Kind, rows: Iterator[tuple[int, Mapping[str, Any] | RowProblem]]
) -> tuple[list[Record], list[RowProblem]]:
    """Return the sound records of `rows` and the problems of the others; an id may stand in one row only."""
    records: list[Record] = []
    problems: list[RowProblem] = []
    lines_by_id: dict[str, int] = {}
    for line, row in rows:
        record, found = (None, [row]) if isinstance(row, RowProblem) else parse_row(kind, line, row)
        if record is not None and record.external_id:
            first = lines_by_id.setdefault(record.external_id, line)
            if first != line:
                found = [RowProblem(line, "id", record.external_id, f"与第 {first} 行编号相同，请删去其中一行")]
        problems.extend(found)
        if record is not None and not found:
            records.append(record)
    return records, problems


def _content(record: Record) -> dict[str, Any]:
    return {item.name: getattr(record, item.name) for item in fields(record) if item.name not in _SET_BY_STORE}


def _shifted(progress: Progress | None, base: int, total: int) -> Callable[[int], None] | None:
    return None if progress is None else lambda done: progress(base + done, total)
