"""Products of activations with weights in an ONNX graph: exact, or in eight bits.

In eight bits each output channel of a weight and each token of the activations has a scale of its own, so a text's
vector does not depend on what runs beside it in a batch. What makes rounding cheap comes from statistics of the
activations over a few texts: input channels are balanced between weights and activations (Xiao et al. 2023,
"SmoothQuant", with exponent 1/2), and the mean error of the rounded weights is taken off the bias, which matters most
because mean pooling averages every other error away.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.onnx_graph import FUSED, Graph

_MOST = 127
_TINY = 1e-4
# The activation before the last product of a layer is never lower: moved up by this it needs no sign.
_LOWEST_GELU = 0.17


class Statistics(NamedTuple):
    """Mean and root mean square of each input channel, float32 (channels,)."""

    mean: NDArray[np.float32]
    size: NDArray[np.float32]


class ExactLinear:
    """float32 products straight from the file; `inputs` notes the input of each site."""

    def __init__(self) -> None:
        self.inputs: dict[str, str] = {}

    def __call__(self, graph: Graph, x: str, site: str, names: Sequence[str]) -> tuple[str, str]:
        """Return the outputs side by side, bias and all."""
        self.inputs[site] = x
        parts = [
            graph.add("Gemm", [x, graph.stored(f"{name}.weight"), graph.stored(f"{name}.bias")], transB=1)
            for name in names
        ]
        return (parts[0] if len(parts) == 1 else graph.add("Concat", parts, axis=1)), ""


class EightBitLinear:
    """Products of 8-bit integers, scaled back; `statistics` are those of the exact graph by site."""

    def __init__(self, statistics: Mapping[str, Statistics]) -> None:
        self._statistics = statistics

    def __call__(self, graph: Graph, x: str, site: str, names: Sequence[str]) -> tuple[str, str]:
        """Return the outputs side by side and the corrected bias still to add."""
        weight = np.concatenate([graph.tensors.values(f"{name}.weight") for name in names])
        bias = np.concatenate([graph.tensors.values(f"{name}.bias") for name in names])
        rounded = round_weight(weight, self._statistics[site])
        moved = np.float32(_LOWEST_GELU if site.endswith("narrowing") else 0)
        if moved:
            x = graph.add("Add", [x, graph.constant("moved", np.array(moved))])
        graph.constant(f"{site}.balance", 1 / rounded.balance)
        graph.constant(f"{site}.weight", rounded.steps.T)
        graph.constant(f"{site}.scale", rounded.scale)
        corrected = graph.constant(f"{site}.bias", bias + rounded.mean_error - moved * rounded.kept.sum(axis=1))
        return _multiply(graph, graph.add("Mul", [x, f"{site}.balance"]), site, signed=not moved), corrected


class Rounded(NamedTuple):
    """A weight (outputs, inputs) as int8 `steps` · `scale` (outputs,) / `balance` (inputs,).

    `kept` is what that comes to, `mean_error` (outputs,) what the product is short of on average; all float32.
    """

    steps: NDArray[np.int8]
    scale: NDArray[np.float32]
    balance: NDArray[np.float32]
    kept: NDArray[np.float32]
    mean_error: NDArray[np.float32]


def round_weight(weight: NDArray[np.float32], statistics: Statistics) -> Rounded:
    """Return `weight` (outputs, inputs) in eight bits for inputs of these statistics."""
    balance = np.sqrt(np.maximum(statistics.size, _TINY) / np.maximum(np.abs(weight).max(axis=0), _TINY))
    balance = (balance / np.exp(np.log(balance).mean())).astype(np.float32)
    balanced = weight * balance
    scale = np.maximum(np.abs(balanced).max(axis=1) / _MOST, np.finfo(np.float32).tiny)
    steps = np.rint(balanced / scale[:, None]).astype(np.int8)
    kept = steps * scale[:, None] / balance
    return Rounded(steps, scale, balance, kept, (weight - kept) @ statistics.mean)


def _multiply(graph: Graph, x: str, site: str, signed: bool) -> str:
    """Return the product of the balanced `x` with the weight of `site`, x rounded token by token."""
    from onnx import numpy_helper

    # Unsigned also where there is a sign, because processors multiply unsigned with signed bytes.
    middle, most = (_MOST + 1, _MOST) if signed else (0, 2 * _MOST + 1)
    graph.constant("one", np.array(1, np.float32))
    step = graph.constant(f"step.{most}", np.array(1 / most, np.float32))
    zero = graph.constant(f"zero.{middle}", np.array(middle, np.uint8))
    greatest = graph.add("ReduceMax", [graph.add("Abs", [x]) if signed else x, "axis"], keepdims=0)
    scale = graph.add("Mul", [greatest, step])
    value = numpy_helper.from_array(np.array([middle], np.uint8))
    zeros = graph.add("ConstantOfShape", [graph.add("Shape", [scale])], value=value)
    steps = graph.add("QuantizeLinear", [x, scale, zeros], axis=0)
    inputs = [steps, f"{site}.weight", "one", f"{site}.scale", zero]
    product = graph.add("MatMulIntegerToFloat", inputs, FUSED)
    return graph.add("Mul", [product, graph.add("Unsqueeze", [scale, "axis"])])
