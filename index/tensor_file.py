"""A float32 safetensors file, read in place: where each tensor lies, and its values mapped into memory."""

import json
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class TensorPlace(NamedTuple):
    """Bytes of a tensor in its file, and its shape."""

    offset: int
    length: int
    shape: tuple[int, ...]


class TensorFile:
    """The tensors of a safetensors file by name; `path` is the file."""

    def __init__(self, path: Path) -> None:
        """Read the header of `path`. Raises: OSError; ValueError when it is no safetensors file."""
        self.path = path
        with path.open("rb") as file:
            (size,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(size))
        self._places = {
            name: TensorPlace(8 + size + entry["data_offsets"][0], _length(entry), tuple(entry["shape"]))
            for name, entry in header.items()
            if name != "__metadata__"
        }

    def place(self, name: str) -> TensorPlace:
        """Return where tensor `name` lies. Raises: KeyError."""
        return self._places[name]

    def values(self, name: str) -> NDArray[np.float32]:
        """Return tensor `name`, read only, mapped and not loaded. Raises: KeyError."""
        place = self._places[name]
        values: NDArray[np.float32] = np.memmap(self.path, "<f4", "r", place.offset, place.shape)
        return values


def _length(entry: dict[str, list[int]]) -> int:
    start, end = entry["data_offsets"]
    return end - start
