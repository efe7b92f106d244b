"""The two ONNX graphs of the default model, written into its folder: exact float32, and eight bits."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.bundled_weights import Shape
from index.onnx_graph import build_encoder
from index.onnx_linear import EightBitLinear, ExactLinear, Statistics
from index.onnx_model import FP32, GRAPH_FILES, INT8, OnnxModel

_WEIGHTS = "model.safetensors"
_CALIBRATION = Path(__file__).parent / "calibration.txt"
_PASSAGE_SENTENCES = 6


def write_graphs(folder: Path, shape: Shape) -> None:
    """Write both graphs beside the weights and the tokenizer in `folder`.

    Raises:
        OSError: the folder cannot be written or its disk is full.
    """
    exact = ExactLinear()
    _save(build_encoder(folder / _WEIGHTS, shape, exact), folder / GRAPH_FILES[FP32])
    statistics = _observe(folder, exact.inputs)
    _save(build_encoder(folder / _WEIGHTS, shape, EightBitLinear(statistics)), folder / GRAPH_FILES[INT8])


def calibration_texts() -> list[str]:
    """Return texts like those the model reads: each sentence as a query, several together as passages."""
    sentences = _CALIBRATION.read_text(encoding="utf-8").splitlines()
    groups = [sentences[start:] + sentences[:start] for start in range(0, len(sentences), 2)]
    passages = ["".join(group[:_PASSAGE_SENTENCES]) for group in groups]
    return [*(f"query: {sentence}" for sentence in sentences), *(f"passage: {text}" for text in passages)]


def _observe(folder: Path, inputs: Mapping[str, str]) -> dict[str, Statistics]:
    """Return the statistics of the named values of the exact graph over the calibration texts."""
    from onnx import helper, load

    graph = load(folder / GRAPH_FILES[FP32], load_external_data=False)
    graph.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in sorted(set(inputs.values())))
    watched = folder / "watched.onnx"
    _save(graph, watched)
    try:
        model = OnnxModel(folder, FP32, graph=watched.name)
        seen = [model.values([ids[: model.window_size]], inputs) for ids in model.tokenize(calibration_texts())]
    finally:
        watched.unlink()
    return {site: _summed([each[site] for each in seen]) for site in inputs}


def _summed(parts: Sequence[NDArray[np.float32]]) -> Statistics:
    rows = np.concatenate(parts)
    return Statistics(rows.mean(axis=0), np.sqrt((rows**2).mean(axis=0)))


def _save(model: Any, path: Path) -> None:
    # Not onnx.save(): a full disk must be an OSError, and the weights lie in their file already.
    path.write_bytes(model.SerializeToString())
