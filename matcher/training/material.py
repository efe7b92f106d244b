"""The training data: needs written for one achievement each, graded pairs of real needs, and how they are shared out.

To what the training folder holds come needs of this project's own, and more graded pairs of those of the folder's real
needs that fit the ranker, beside this module. Which part a need
goes to follows from a hash of its id, so that it stays when data is added: most tune the encoder, the rest fit the
ranker, which must see the encoder as strangers see it.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from matcher.documents import dense_text
from matcher.importing import parse_rows
from matcher.models import Kind, Record
from matcher.reading import read_rows
from matcher.runs import Qrels, read_qrels

_LIMIT_BYTES = 2**30
_REAL_SHARE, _WRITTEN_SHARE = 0.7, 0.88
_OWN_NEEDS = Path(__file__).parent / "written_needs.jsonl"
_OWN_PAIRS = Path(__file__).parent / "graded_pairs.tsv"


@dataclass(frozen=True, slots=True)
class Material:
    """Records by their outside id; `targets` names the achievement that a written need was written for."""

    achievements: dict[str, Record]
    real_needs: dict[str, Record]
    written_needs: dict[str, Record]
    targets: dict[str, str]
    qrels: Qrels

    def tunes_encoder(self, need: str) -> bool:
        """True for needs that tune the encoder, false for those left to the ranker."""
        return _place(need) < (_WRITTEN_SHARE if need in self.targets else _REAL_SHARE)


def read_material(bench: Path, training: Path) -> Material:
    """Return the data of both folders. Raises: ImportFileError."""
    written = written_files(training)
    rows = [json.loads(line) for path in written for line in path.read_text(encoding="utf-8").splitlines()]
    return Material(
        achievements=_records("achievement", bench / "achievements.jsonl"),
        real_needs=_records("need", bench / "needs.jsonl"),
        written_needs={name: need for path in written for name, need in _records("need", path).items()},
        targets={row["id"]: row["target"] for row in rows},
        qrels=_joined(read_qrels(training / "qrels.train.tsv"), read_qrels(_OWN_PAIRS)),
    )


def written_files(training: Path) -> tuple[Path, ...]:
    """Return the files of needs that were written for one achievement each."""
    return training / "needs.train.jsonl", _OWN_NEEDS


def texts(records: dict[str, Record]) -> list[str]:
    """Return the text to embed of each record."""
    return [dense_text(record) for record in records.values()]


def _joined(given: Qrels, own: Qrels) -> Qrels:
    """Return the given judgments with our own of the same needs beside them; where both know a pair, the given one."""
    return {need: own.get(need, {}) | grades for need, grades in given.items()}


def _records(kind: Kind, path: Path) -> dict[str, Record]:
    records, _ = parse_rows(kind, read_rows(path, _LIMIT_BYTES))
    return {record.external_id: record for record in records}


def _place(need: str) -> float:
    return int(hashlib.sha256(need.encode()).hexdigest()[:8], 16) / 2**32
