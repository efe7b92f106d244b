"""Measures whether an engine ranks as well as torch in float32: nDCG@10 of judged needs, both in the same run.

Needs and the achievements that somebody judged are encoded anew by either engine; all other achievements have the
vectors of `--cache`, which `matcher evaluate --cache` fills. Takes some minutes, most of them torch's. The last line is
the figures as JSON.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import web.calm_threads  # noqa: F401
from index.vector_cache import CachedEncoder
from matcher.documents import dense_text
from matcher.evaluation import evaluate, report
from matcher.importing import parse_rows
from matcher.models import Kind
from matcher.reading import read_rows
from matcher.runs import Qrels, items, read_qrels
from matcher.search_engine import load_configured_encoder
from matcher.settings import Settings
from tests.bench.options import over_records

_FIGURE = "ndcg@10"
_REFERENCE = "torch"


class Known:
    """Gives vectors that are there already, in the order that they were given in."""

    def __init__(self, model_id: str, vectors: Any) -> None:
        self.model_id, self.dim = model_id, vectors.shape[1]
        self._vectors = vectors

    def encode(self, texts: Sequence[str], side: str, progress: Callable[[int], None] | None = None) -> Any:
        """Return all of them."""
        return self._vectors


def main() -> None:
    """Measure and print."""
    parser = over_records(__doc__)
    parser.add_argument("--qrels", type=Path, required=True)
    parser.add_argument("--engine", default=Settings().engine)
    options = parser.parse_args()
    files: dict[Kind, Path] = {"achievement": options.achievements, "need": options.needs}
    qrels, home = read_qrels(options.qrels), options.models.parent
    figures: dict[str, float] = {"needs": len(qrels)}
    for engine in (_REFERENCE, options.engine):
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(home=home, engine=engine)
            _put_unjudged(settings, options.achievements, qrels, options.cache, Path(folder))
            run = evaluate(settings, files, sorted(qrels), cache=Path(folder))
        figures[f"{engine}: {_FIGURE}"] = report(items(run), qrels)[_FIGURE]
    figures[f"{options.engine}: loss"] = round(
        figures[f"{_REFERENCE}: {_FIGURE}"] - figures[f"{options.engine}: {_FIGURE}"], 4
    )
    for name, value in figures.items():
        print(f"{name:<40}{value}")
    print(json.dumps(figures))


def _put_unjudged(settings: Settings, achievements: Path, qrels: Qrels, cache: Path, folder: Path) -> None:
    """Let `folder` keep the vectors that `cache` has of the achievements nobody judged."""
    judged = {name for grades in qrels.values() for name in grades}
    records, _ = parse_rows("achievement", read_rows(achievements, 2**30))
    texts = list({dense_text(each): None for each in records if each.external_id not in judged})
    encoder = load_configured_encoder(settings)
    known = Known(encoder.model_id, CachedEncoder(encoder, cache).encode(texts, "passage"))
    CachedEncoder(known, folder).encode(texts, "passage")


if __name__ == "__main__":
    main()
