"""Between values and columns: how times, dates, lists and vectors are written in SQLite."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]


def now_text() -> str:
    """Return the present time in UTC as it is stored (ISO 8601, microseconds, so that texts sort by time)."""
    return time_text(datetime.now(UTC))


def time_text(time: datetime) -> str:
    """Return a time as it is stored."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def to_time(text: str) -> datetime:
    """Return the time stored as `text`."""
    return datetime.fromisoformat(text)


def to_date(text: str | None) -> date | None:
    """Return the date stored as `text`, if any."""
    return date.fromisoformat(text) if text else None


def chained(before: str, line: Sequence[object]) -> str:
    """Return the SHA-256, in hexadecimal, of a line of a chain: over the hash of the line before and the values."""
    text = json.dumps([before, *line], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def list_text(values: Sequence[object]) -> str:
    """Return `values` as the JSON text that is stored."""
    return json.dumps(list(values), ensure_ascii=False)


def ids_text(item_ids: Sequence[int]) -> str:
    """Return ids as the JSON text that `json_each` reads in a query."""
    return "[" + ",".join(map(str, item_ids)) + "]"


def to_tuple(text: str) -> tuple[Any, ...]:
    """Return the list stored as JSON `text`."""
    # Most lists of most records are empty, and a pool reads six hundred.
    return () if text == "[]" else tuple(json.loads(text))


def vector_blob(vector: Vector) -> bytes:
    """Return a float32 vector of shape (dim,) as little-endian bytes."""
    return vector.astype("<f4").tobytes()


def to_vector(blob: bytes) -> Vector:
    """Return the float32 vector of shape (dim,) stored as `blob`."""
    return np.frombuffer(blob, dtype="<f4").astype(np.float32)


def to_matrix(blobs: Sequence[bytes], dim: int) -> Vector:
    """Return stored vectors as one float32 array of shape (len(blobs), dim)."""
    return np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(blobs), dim).astype(np.float32)
