"""The default model on ONNX Runtime: tokens in, pooled vectors out, without torch."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError
from index.onnx_names import MASK, POOLED, TOKENS

Engine = Literal["int8", "fp32"]
INT8: Engine = "int8"
FP32: Engine = "fp32"
GRAPH_FILES: dict[Engine, str] = {INT8: "encoder.int8.onnx", FP32: "encoder.fp32.onnx"}
# Errors alone: what it warns of is for whoever writes graphs.
_QUIET = 3
# Some steps of a short text long.
_SPIN_MICROSECONDS = "50"


class OnnxModel:
    """Tokenizer and network of a folder of the default model; safe to call from several threads.

    The same members as those of `SentenceModel`; `fingerprint` names the folder, whose files a manifest vouches for.
    """

    def __init__(self, folder: Path, engine: Engine, threads: int = 0, graph: str = "") -> None:
        """Load the graph of `engine`; `threads` is how many cores a pass takes, 0 for all.

        Raises:
            ModelError: a file is missing or damaged, or the runtime does not know the graph.
        """
        try:
            self._tokenizer = _read_tokenizer(folder)
            self._session = _open_session(folder / (graph or GRAPH_FILES[engine]), threads)
            self._begin, self._end = self._tokenizer.encode("").ids
            self.prompts: Mapping[str, str] = _read(folder, "config_sentence_transformers.json")["prompts"]
            self.window_size = int(_read(folder, "sentence_bert_config.json")["max_seq_length"]) - 2
            self._padding = int(_read(folder, "config.json")["pad_token_id"])
        # The tokenizer and the runtime raise exceptions of their own, some of them bare ones.
        except Exception as error:
            raise ModelError(
                f"cannot load {engine} of {folder}: {error}; remove the folder to build it anew"
            ) from error
        self.dim = self.pool([[]]).shape[1]
        self.fingerprint = folder.name

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the content tokens of each text, all of them, special tokens left out."""
        return [found.ids for found in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]

    def pool(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return float32 (n, dim): each window's pooled vector, not normalised."""
        pooled: NDArray[np.float32] = self._session.run([POOLED], self._fed(windows))[0]
        return pooled

    def values(self, windows: Sequence[Sequence[int]], names: Mapping[str, str]) -> dict[str, NDArray[np.float32]]:
        """Return further outputs of a pass, each under the key that `names` gives it."""
        outputs = sorted(set(names.values()))
        found = dict(zip(outputs, self._session.run(outputs, self._fed(windows)), strict=True))
        return {key: found[name] for key, name in names.items()}

    def _fed(self, windows: Sequence[Sequence[int]]) -> dict[str, NDArray[Any]]:
        length = max(map(len, windows)) + 2
        tokens = np.full((len(windows), length), self._padding, np.int64)
        mask = np.zeros((len(windows), length), np.int32)
        for row, window in enumerate(windows):
            tokens[row, : len(window) + 2] = [self._begin, *window, self._end]
            mask[row, : len(window) + 2] = 1
        return {TOKENS: tokens, MASK: mask}


def count_cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _open_session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(threads, count_cores()) if threads else count_cores()
    options.log_severity_level = _QUIET
    # Idle threads that spin long starve whatever else runs, as OpenMP's do: see OMP_WAIT_POLICY. Not at all costs more:
    # threads are then woken for each of a pass's hundred steps.
    options.add_session_config_entry("session.intra_op.spin_duration_us", _SPIN_MICROSECONDS)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _read_tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def _read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))
