"""What tuning changed in a model's weights, small enough to ship: 4 bits a weight, as an .npz file.

Matrices are kept in blocks of 64 weights with one f16 scale each, weight = (nibble - 8) * scale; everything smaller
(biases, norms) as f16.
"""

from collections.abc import Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError

Weights = NDArray[np.float32]

_BLOCK = 64
_STEPS = 7
_SCALES, _NIBBLES, _PLAIN = "scales:", "nibbles:", "plain:"


def write_change(path: Path, change: Mapping[str, Weights]) -> None:
    """Write the change of each named tensor to `path`; the same change gives the same bytes."""
    parts: dict[str, NDArray[np.generic]] = {}
    for name, values in sorted(change.items()):
        if values.ndim == 2 and values.size % _BLOCK == 0:
            parts[_SCALES + name], parts[_NIBBLES + name] = _pack(values)
        else:
            parts[_PLAIN + name] = values.astype(np.float16)
    np.savez(path, **parts)  # type: ignore[arg-type]


def read_change(path: Path) -> dict[str, Weights]:
    """Return the change of each tensor, float32 and flat. Raises: ModelError when the file is not readable."""
    try:
        with np.load(path) as parts:
            names = [name.partition(":")[2] for name in parts.files if not name.startswith(_NIBBLES)]
            return {name: _unpacked(parts, name) for name in names}
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ModelError(f"cannot read the tuned weights {path}: {error}; install the project anew") from error


def _pack(values: Weights) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    blocks = values.reshape(-1, _BLOCK)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / _STEPS).astype(np.float16)
    steps = np.divide(blocks, scales, out=np.zeros_like(blocks), where=scales > 0)
    nibbles = (np.clip(np.rint(steps), -_STEPS, _STEPS) + 8).astype(np.uint8)
    return scales[:, 0], nibbles[:, ::2] | (nibbles[:, 1::2] << 4)


def _unpacked(parts: Mapping[str, NDArray[np.generic]], name: str) -> Weights:
    if _PLAIN + name in parts:
        return parts[_PLAIN + name].astype(np.float32).reshape(-1)
    packed = parts[_NIBBLES + name].astype(np.uint8)
    steps = np.empty((len(packed), _BLOCK), np.float32)
    steps[:, ::2] = packed & 15
    steps[:, 1::2] = packed >> 4
    return ((steps - 8) * parts[_SCALES + name].astype(np.float32)[:, None]).reshape(-1)
