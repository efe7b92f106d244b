"""Weights in eight bits: near the exact product for every input, and right on average."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.onnx_linear import Statistics, round_weight


def sample(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a weight (24, 32) and inputs (500, 32) of which two channels are far larger than the rest."""
    chance = np.random.default_rng(seed)
    inputs = chance.normal(0.3, 1, (500, 32)).astype(np.float32)
    inputs[:, :2] *= 30
    return chance.normal(0, 0.1, (24, 32)).astype(np.float32), inputs


@given(st.integers(0, 1000))
def test_the_mean_of_the_product_is_kept(seed: int) -> None:
    weight, inputs = sample(seed)
    statistics = Statistics(inputs.mean(axis=0), np.sqrt((inputs**2).mean(axis=0)))
    rounded = round_weight(weight, statistics)
    exact, eight = inputs @ weight.T, inputs @ rounded.kept.T + rounded.mean_error
    assert eight.mean(axis=0) == pytest.approx(exact.mean(axis=0), abs=1e-4)
    assert np.abs(rounded.steps).max() <= 127
    assert np.abs(eight - exact).max() < 0.03 * np.abs(exact).max()


def test_channels_are_balanced() -> None:
    weight, inputs = sample(1)
    balance = round_weight(weight, Statistics(inputs.mean(axis=0), np.sqrt((inputs**2).mean(axis=0)))).balance
    assert balance[:2].min() > 3 * balance[2:].max()


def test_nothing_but_zeros_stays_zero() -> None:
    none = np.zeros((4, 8), np.float32)
    rounded = round_weight(none, Statistics(np.zeros(8, np.float32), np.zeros(8, np.float32)))
    assert not rounded.kept.any()
    assert np.isfinite(rounded.scale).all()
    assert np.isfinite(rounded.balance).all()
