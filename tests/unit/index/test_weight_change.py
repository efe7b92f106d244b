"""The small file of what tuning changed: near to the change, the same bytes each time, clear when damaged."""

from pathlib import Path

import numpy as np
import pytest

from index.errors import ModelError
from index.weight_change import read_change, write_change

RANDOM = np.random.default_rng(7)
CHANGE = {
    "layer.weight": RANDOM.normal(scale=1e-3, size=(48, 64)).astype(np.float32),
    "layer.bias": RANDOM.normal(scale=1e-3, size=48).astype(np.float32),
    "still.weight": np.zeros((2, 64), np.float32),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_change(tmp_path / "change.npz", CHANGE)
    return tmp_path / "change.npz"


def test_what_is_read_is_near_to_what_was_written(path: Path) -> None:
    read = read_change(path)
    assert set(read) == set(CHANGE)
    for name, values in CHANGE.items():
        step = np.abs(values).max() / 7
        assert np.abs(read[name] - values.reshape(-1)).max() <= 0.51 * step


def test_four_bits_a_weight(path: Path) -> None:
    with np.load(path) as parts:
        assert parts["nibbles:layer.weight"].nbytes * 2 == CHANGE["layer.weight"].size


def test_the_same_change_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    write_change(tmp_path / "again.npz", dict(reversed(CHANGE.items())))
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def test_a_damaged_file_is_refused_by_name(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ModelError, match=r"change\.npz"):
        read_change(path)
