"""A loaded SentenceTransformer, taken apart: tokens in, pooled vectors before normalisation out."""

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_DEFAULT_LENGTH = 512
# Models without a limit of their own say 1e30.
_LONGEST_LENGTH = 8192
_SAMPLED_WEIGHTS = 1024


class SentenceModel:
    """Tokenizer and network of a text embedding model; safe to call from several threads.

    `dim` is the length of its vectors, `window_size` the content tokens that one pass takes,
    `prompts` the model's own prompts by name, `fingerprint` 12 hexadecimal digits that stay
    the same for the same weights and settings.
    """

    def __init__(self, source: str) -> None:
        """Load `source`, a folder or a hub name.

        Raises:
            ModelError: nothing loadable is there, or it is not a transformer for text.
        """
        model = _load_transformer(source)
        self._tokenizer: Any = model.tokenizer
        self._layers = _layers_before_normalising(model)
        # A tokenizer that truncates or pads for one caller must not be shared with another.
        self._tokenizer_lock = threading.Lock()
        self._prefix, self._suffix = _special_tokens(self._tokenizer)
        length = min(model.max_seq_length or _DEFAULT_LENGTH, _LONGEST_LENGTH)
        self.window_size = length - len(self._prefix) - len(self._suffix)
        self.prompts: Mapping[str, str] = {name: text for name, text in model.prompts.items() if text}
        self.dim = self.pool([[]]).shape[1]
        self.fingerprint = _fingerprint(model)

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the content tokens of each text, all of them, special tokens left out."""
        if not texts:
            return []
        with self._tokenizer_lock:
            found = self._tokenizer(
                list(texts),
                add_special_tokens=False,
                truncation=False,
                padding=False,
                return_attention_mask=False,
                return_token_type_ids=False,
                verbose=False,
            )
        ids: list[list[int]] = found["input_ids"]
        return ids

    def pool(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return float32 (n, dim): each window's pooled vector, not normalised."""
        import torch

        rows = [[*self._prefix, *window, *self._suffix] for window in windows]
        blanks = [max(map(len, rows)) - len(row) for row in rows]
        padding = self._tokenizer.pad_token_id or 0
        token_ids = [row + [padding] * blank for row, blank in zip(rows, blanks, strict=True)]
        mask = [[1] * len(row) + [0] * blank for row, blank in zip(rows, blanks, strict=True)]
        device = next(self._layers[0].parameters()).device
        with torch.inference_mode():
            features = {
                "input_ids": torch.tensor(token_ids, device=device),
                "attention_mask": torch.tensor(mask, device=device),
            }
            for layer in self._layers:
                features = layer(features)
        pooled: NDArray[np.float32] = features["sentence_embedding"].float().cpu().numpy()
        return pooled


def _load_transformer(source: str) -> "SentenceTransformer":
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from transformers.utils import logging

    # Its own bar over a second's loading would stand in the middle of ours.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]

    local = Path(source).is_dir()
    try:
        # Half precision, which some models are stored in, is slow on a CPU.
        model = SentenceTransformer(source, local_files_only=local, model_kwargs={"dtype": "float32"})
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise ModelError(
            f"cannot load model {source!r}: {error}; give a model folder, a hub name within reach, or 'bundled'"
        ) from error
    if not isinstance(model[0], Transformer):
        raise ModelError(f"model {source!r} starts with {type(model[0]).__name__}; choose a transformer")
    return model.eval()


def _layers_before_normalising(model: "SentenceTransformer") -> list[Any]:
    from sentence_transformers.base.modules import Normalize

    # The mean over the windows of a text is taken before vectors are made unit length.
    return [layer for layer in model if not isinstance(layer, Normalize)]


def _special_tokens(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the tokens that the model wants before and after a text."""
    bare = tokenizer("a", add_special_tokens=False)["input_ids"]
    full = tokenizer("a")["input_ids"]
    start = next(at for at in range(len(full)) if full[at : at + len(bare)] == bare)
    return full[:start], full[start + len(bare) :]


def _fingerprint(model: "SentenceTransformer") -> str:
    """Return 12 digits of the settings that change vectors and a sample of every tensor."""
    settings = [model.prompts, model.max_seq_length, *(str(layer) for layer in list(model)[1:])]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for name, values in sorted(model.state_dict().items()):
        flat = values.flatten()
        step = max(len(flat) // _SAMPLED_WEIGHTS, 1)
        digest.update(f"{name} {tuple(values.shape)}".encode())
        digest.update(flat[::step].float().cpu().numpy().tobytes())
    return digest.hexdigest()[:12]
