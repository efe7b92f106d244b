"""Text to unit vectors: what an encoder is, and the one over a sentence-transformers model."""

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from index.bundled_model import build_bundled_model, read_model_id
from index.engine_choice import choose_engine
from index.errors import ModelError
from index.onnx_model import FP32, INT8, OnnxModel
from index.sentence_model import SentenceModel
from index.windows import group_batches, split_windows, unit_rows

Side = Literal["query", "passage"]
EngineSetting = Literal["auto", "int8", "fp32", "torch"]

BUNDLED = "bundled"
_TOKEN_BUDGET = 1024
_ONNX_TOKEN_BUDGET = 512
# Texts held as tokens at a time: enough to find neighbours of like length, little memory.
_TEXTS_AT_ONCE = 1024
_BGE_QUERY_PROMPT = "为这个句子生成表示以用于检索相关文章："
_E5_NAME = re.compile(r"(^|[/_-])e5([_-]|$)")

_log = logging.getLogger(__name__)


class Encoder(Protocol):
    """Turns texts into vectors that are compared by inner product.

    `model_id` names the model and its exact weights; vectors of different ids are never mixed.
    `dim` is the length of a vector.
    """

    @property
    def model_id(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def encode(
        self, texts: Sequence[str], side: Side, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return float32 (n, dim), one row of L2 norm 1 per text, in order.

        `side` says whether the texts ask (query) or are searched (passage). `progress` is called
        now and then with how many texts are finished.
        """


class SentenceEncoder:
    """An `Encoder` over a model of tokens and windows that reads long texts whole.

    Tokens beyond the model's limit run in further windows, the prompt in the first only; a text's
    vector is the mean of its windows' pooled vectors weighted by tokens (for mean pooling: one mean
    over all tokens), made unit length. Several threads may encode at once.
    """

    def __init__(
        self,
        source: str,
        model_id: str | None = None,
        token_budget: int = _TOKEN_BUDGET,
        model: SentenceModel | OnnxModel | None = None,
    ) -> None:
        """Load the model `source`, a folder or a hub name, unless `model` is it; `token_budget` bounds a batch.

        Raises:
            ModelError: the model cannot be loaded.
        """
        self._model = model or SentenceModel(source)
        self._prompts = choose_prompts(source, self._model.prompts)
        self._token_budget = token_budget
        self.dim = self._model.dim
        self.model_id = model_id or f"{_short_name(source)}@{self._model.fingerprint}"

    def encode(
        self, texts: Sequence[str], side: Side, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return float32 (n, dim), one row of L2 norm 1 per text, in order."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            prompted = [self._prompts[side] + text for text in texts[start : start + _TEXTS_AT_ONCE]]
            part = rows[start : start + len(prompted)]
            for finished in self._add_windows(prompted, part):
                if progress:
                    progress(start + finished)
        return unit_rows(rows)

    def _add_windows(self, texts: Sequence[str], sums: NDArray[np.float32]) -> Iterator[int]:
        """Add the weighted window vectors of `texts` to `sums`; yield the texts finished so far."""
        windows = split_windows(self._model.tokenize(texts), self._model.window_size)
        waiting = Counter(window.text for window in windows)
        for batch in group_batches(windows, self._token_budget):
            vectors = self._model.pool([window.token_ids for window in batch])
            for window, vector in zip(batch, vectors, strict=True):
                sums[window.text] += window.weight * vector
            waiting -= Counter(window.text for window in batch)
            yield len(texts) - len(waiting)


def choose_prompts(source: str, own: Mapping[str, str]) -> dict[Side, str]:
    """Return what to put before queries and before passages.

    The model's own prompts if it has any; else those its family was trained with, told by the
    name `source`; else nothing.
    """
    if own.keys() & {"query", "passage", "document"}:
        return {
            "query": own.get("query", ""),
            "passage": own.get("passage") or own.get("document", ""),
        }
    name = _short_name(source).lower()
    if _E5_NAME.search(name):
        return {"query": "query: ", "passage": "passage: "}
    if "bge" in name and "zh" in name:
        return {"query": _BGE_QUERY_PROMPT, "passage": ""}
    return {"query": "", "passage": ""}


def load_encoder(
    model: str,
    models_dir: Path,
    progress: Callable[[float], None] | None = None,
    engine: str = "fp32",
    threads: int = 0,
) -> SentenceEncoder:
    """Return the encoder for `model`: 'bundled', a model folder or a hub name.

    The bundled model is built under `models_dir` when it is not there yet; `progress` is called with the fraction of
    that build that is done. It runs on `engine`, 'auto' for the one that suits the processor; all of them give vectors
    of the same model id. `threads` bounds the cores that ONNX Runtime takes, 0 for all. Other models run on torch.

    Raises:
        ModelError: the model cannot be built or loaded, or there is no such engine.
    """
    if engine not in get_args(EngineSetting):
        raise ModelError(f"no engine {engine!r}; set MATCHER_ENGINE to one of {', '.join(get_args(EngineSetting))}")
    if model != BUNDLED:
        return SentenceEncoder(model)
    folder = build_bundled_model(models_dir, progress)
    model_id = read_model_id(folder)
    if engine != "torch":
        try:
            return _load_on_onnx(folder, model_id, engine, threads)
        except ModelError as error:
            _log.warning("ONNX Runtime cannot run the default model, torch does instead: %s", error)
    return SentenceEncoder(str(folder), model_id)


def _load_on_onnx(folder: Path, model_id: str, engine: str, threads: int) -> SentenceEncoder:
    chosen = choose_engine(folder) if engine == "auto" else INT8 if engine == INT8 else FP32
    network = OnnxModel(folder, chosen, threads)
    return SentenceEncoder(str(folder), model_id, _ONNX_TOKEN_BUDGET, network)


def _short_name(source: str) -> str:
    # A folder keeps its vectors when it is moved; a hub name is kept whole.
    return Path(source).resolve().name if Path(source).is_dir() else source
