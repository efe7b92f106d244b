"""Makes the mean vectors that ship with the project, from files of needs and achievements: part of `make train`.

Only two averages of the default model's vectors are kept; no text and no single vector can be got back from them.
"""

import json
from pathlib import Path

from matcher.documents import dense_text
from matcher.importing import parse_rows
from matcher.models import Kind
from matcher.reading import read_rows
from matcher.search_engine import SIDES, load_configured_encoder
from matcher.settings import Settings

_DIGITS = 6
_LIMIT_BYTES = 2**30


def write(settings: Settings, needs: Path, achievements: Path) -> None:
    """Encode both files and write `matcher/lists/centres.json`."""
    encoder = load_configured_encoder(settings)
    files: dict[Kind, Path] = {"need": needs, "achievement": achievements}
    means = {}
    for kind, path in files.items():
        records, _ = parse_rows(kind, read_rows(path, _LIMIT_BYTES))
        vectors = encoder.encode([dense_text(record) for record in records], SIDES[kind])
        means[kind] = [round(float(value), _DIGITS) for value in vectors.mean(axis=0, dtype=float)]
    target = Path(__file__).parents[1] / "lists" / "centres.json"
    target.write_text(json.dumps({encoder.model_id: means}) + "\n", encoding="utf-8")
