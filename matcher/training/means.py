"""Makes the mean vectors that ship with the project: part of `make train`.

Kept are two averages of the default model's vectors, the share of them that centring removes, and the direction between
two averages; no text and no single vector can be got back from them.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder
from matcher.documents import dense_text
from matcher.importing import parse_rows
from matcher.models import Record
from matcher.reading import read_rows
from matcher.search_engine import SIDES, load_configured_encoder
from matcher.settings import Settings
from matcher.training.material import Material

_DIGITS = 6
# How much of its means the tuned model is centred by: docs/ranking.md has what it was chosen by.
_SHARE = 0.5
_LIMIT_BYTES = 2**30


def write(settings: Settings, material: Material, needs: Path, achievements: Path) -> None:
    """Write `matcher/lists/centres.json`: means of both files, and from the needs of the file to graded real ones."""
    encoder = load_configured_encoder(settings)
    asked, _ = parse_rows("need", read_rows(needs, _LIMIT_BYTES))
    offered, _ = parse_rows("achievement", read_rows(achievements, _LIMIT_BYTES))
    written, posted = _mean(encoder, asked), _mean(encoder, (material.real_needs[name] for name in material.qrels))
    direction = (posted - written) / np.linalg.norm(posted - written)
    kept = {
        "share": _SHARE,
        "need": _rounded(written),
        "achievement": _rounded(_mean(encoder, offered)),
        "posted": _rounded(direction),
    }
    target = Path(__file__).parents[1] / "lists" / "centres.json"
    target.write_text(json.dumps({encoder.model_id: kept}) + "\n", encoding="utf-8")


def _mean(encoder: Encoder, records: Iterable[Record]) -> npt.NDArray[np.float64]:
    found = list(records)
    vectors = encoder.encode([dense_text(record) for record in found], SIDES[found[0].kind])
    mean: npt.NDArray[np.float64] = vectors.mean(axis=0, dtype=float)
    return mean


def _rounded(vector: npt.NDArray[np.float64]) -> list[float]:
    return [round(float(value), _DIGITS) for value in vector]
