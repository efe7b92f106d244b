"""The BERT encoder with mean pooling as an ONNX graph; where its products with weights come from is a `Linear`.

Tokens of a batch run as one matrix (tokens, hidden) but for attention, so that every product is a plain matrix product.
Tensors of the safetensors file beside the graph are referred to, not copied: the runtime maps that file, and processes
share its pages.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.bundled_weights import Shape
from index.onnx_names import MASK, POOLED, TOKENS
from index.tensor_file import TensorFile

if TYPE_CHECKING:
    from onnx import ModelProto

FUSED = "com.microsoft"
_OPERATORS, _FUSED_OPERATORS, _FORMAT = 18, 1, 10


class Linear(Protocol):
    """How `x @ weight.T + bias` is computed: a product, and a bias that its consumer still has to add (or "")."""

    def __call__(self, graph: "Graph", x: str, site: str, names: Sequence[str]) -> tuple[str, str]:
        """Return the outputs of the layers `names` side by side, and the name of the bias still to add.

        `site` names the place in the network.
        """


class Graph:
    """Nodes and constants while they are put together."""

    def __init__(self, tensors: TensorFile) -> None:
        self.tensors = tensors
        self.nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def add(self, operator: str, inputs: Sequence[str], domain: str = "", outputs: int = 1, **attributes: Any) -> str:
        """Add a node and return its output; the k-th further output bears the same name with `.k`."""
        from onnx import helper

        name = f"{operator}_{len(self.nodes)}"
        names = [name, *(f"{name}.{number}" for number in range(1, outputs))]
        self.nodes.append(helper.make_node(operator, inputs, names, name=name, domain=domain, **attributes))
        return name

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Keep `values` in the graph and return `name`."""
        from onnx import numpy_helper

        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def stored(self, name: str) -> str:
        """Refer to tensor `name` of the file and return its name."""
        from onnx import TensorProto

        place = self.tensors.place(name)
        tensor = TensorProto(name=name, dims=place.shape, data_type=TensorProto.FLOAT)
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", self.tensors.path.name), ("offset", place.offset), ("length", place.length)):
            tensor.external_data.add(key=key, value=str(value))
        self._constants[name] = tensor
        return name

    def model(self, hidden: int) -> "ModelProto":
        """Return the whole as a model from tokens and mask to pooled vectors."""
        from onnx import TensorProto, helper

        inputs = [
            helper.make_tensor_value_info(TOKENS, TensorProto.INT64, ["texts", "length"]),
            helper.make_tensor_value_info(MASK, TensorProto.INT32, ["texts", "length"]),
        ]
        outputs = [helper.make_tensor_value_info(POOLED, TensorProto.FLOAT, ["texts", hidden])]
        graph = helper.make_graph(self.nodes, "encoder", inputs, outputs, list(self._constants.values()))
        versions = [helper.make_opsetid("", _OPERATORS), helper.make_opsetid(FUSED, _FUSED_OPERATORS)]
        return helper.make_model(graph, opset_imports=versions, ir_version=_FORMAT)


def build_encoder(weights: Path, shape: Shape, linear: Linear) -> "ModelProto":
    """Return the encoder over the safetensors file `weights`, to be saved beside it.

    Raises: OSError; ValueError or KeyError when `weights` is no such model.
    """
    graph = Graph(TensorFile(weights))
    graph.constant("axis", np.array([1], np.int64))
    graph.constant("rows", np.array([-1, shape.hidden], np.int64))
    x = _embed(graph, shape)
    for layer in range(shape.layers):
        x = _add_layer(graph, shape, linear, x, layer)
    _pool(graph, graph.add("Reshape", [x, _batched(graph, shape.hidden)]))
    return graph.model(shape.hidden)


def _embed(graph: Graph, shape: Shape) -> str:
    words = graph.add("Gather", [graph.stored("embeddings.word_embeddings.weight"), TOKENS])
    graph.constant("start", np.array([0], np.int64))
    length = graph.add("Shape", [TOKENS], start=1, end=2)
    places = graph.add("Slice", [graph.stored("embeddings.position_embeddings.weight"), "start", length])
    # Every token is of the first of the model's types.
    kind = graph.constant("type", graph.tensors.values("embeddings.token_type_embeddings.weight")[:1])
    summed = graph.add("Add", [words, graph.add("Add", [places, kind])])
    norm = [graph.stored(f"embeddings.LayerNorm.{part}") for part in ("weight", "bias")]
    x = graph.add("LayerNormalization", [summed, *norm], epsilon=shape.layer_norm_epsilon)
    return graph.add("Reshape", [x, "rows"])


def _add_layer(graph: Graph, shape: Shape, linear: Linear, x: str, layer: int) -> str:
    at = f"encoder.layer.{layer}"
    attended = _attend(graph, shape, linear, x, layer)
    y, bias = linear(graph, attended, f"{layer}.attended", [f"{at}.attention.output.dense"])
    x = _add_and_normalise(graph, shape, y, x, f"{at}.attention.output.LayerNorm", bias)
    y, bias = linear(graph, x, f"{layer}.widening", [f"{at}.intermediate.dense"])
    y = graph.add("BiasGelu", [y, bias], FUSED) if bias else graph.add("Gelu", [y], FUSED)
    y, bias = linear(graph, y, f"{layer}.narrowing", [f"{at}.output.dense"])
    return _add_and_normalise(graph, shape, y, x, f"{at}.output.LayerNorm", bias)


def _attend(graph: Graph, shape: Shape, linear: Linear, x: str, layer: int) -> str:
    names = [f"encoder.layer.{layer}.attention.self.{part}" for part in ("query", "key", "value")]
    y, bias = linear(graph, x, f"{layer}.attention", names)
    parts = graph.add("Reshape", [y, _batched(graph, 3 * shape.hidden)])
    query = graph.add("Split", [parts], outputs=3, axis=2, num_outputs=3)
    inputs = [query, f"{query}.1", f"{query}.2", bias, MASK]
    return graph.add("Reshape", [graph.add("MultiHeadAttention", inputs, FUSED, num_heads=shape.heads), "rows"])


def _batched(graph: Graph, width: int) -> str:
    """Return the shape (texts, length, width)."""
    size = graph.constant(f"width.{width}", np.array([width], np.int64))
    return graph.add("Concat", [graph.add("Shape", [TOKENS]), size], axis=0)


def _add_and_normalise(graph: Graph, shape: Shape, y: str, x: str, norm: str, bias: str) -> str:
    parts = [graph.stored(f"{norm}.{part}") for part in ("weight", "bias")]
    return graph.add("SkipLayerNormalization", [y, x, *parts, bias], FUSED, epsilon=shape.layer_norm_epsilon)


def _pool(graph: Graph, x: str) -> None:
    from onnx import TensorProto

    mask = graph.add("Cast", [MASK], to=TensorProto.FLOAT)
    summed = graph.add("MatMul", [graph.add("Unsqueeze", [mask, "axis"]), x])
    tokens = graph.add("ReduceSum", [mask, "axis"], keepdims=1)
    graph.add("Div", [graph.add("Squeeze", [summed, "axis"]), tokens])
    graph.nodes[-1].output[0] = POOLED
