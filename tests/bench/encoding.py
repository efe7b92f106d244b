"""Measures the engines of the default model against SentenceTransformer on torch and against the processor's limit.

Run by `make bench`. Every round runs each contender once, in turn; the table gives medians over the rounds. Wall time
is what a user waits; processor time is what it costs, and what to read on a machine that does other work too. The last
line is the same as JSON.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

import web.calm_threads  # noqa: F401
from index.bundled_model import build_bundled_model
from index.encoder import load_encoder
from index.onnx_model import count_cores
from matcher.documents import dense_text
from matcher.importing import parse_rows
from matcher.reading import read_rows

_QUERY = "一种用于防爆锂离子电池的阻燃电解液及其制备方法"
_QUERIES = 20
# Rows, inner dimension and columns of the widest product of the model, at the tokens of one batch.
_PEAK = (512, 384, 1536)
_PEAK_TIMES = 40
_ENGINES = ("torch", "fp32", "int8")

Seconds = tuple[float, float]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--achievements", type=Path, required=True)
    parser.add_argument("--count", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    options = parser.parse_args()
    with options.achievements.open(encoding="utf-8") as source:
        lines = list(source)
    rows = options.models / "encoding.jsonl"
    rows.write_text("".join(islice(lines, 0, None, max(1, len(lines) // options.count))), encoding="utf-8")
    records, _ = parse_rows("achievement", read_rows(rows, 2**30))
    rows.unlink()
    figures = measure(options.models, [dense_text(record) for record in records][: options.count], options.rounds)
    for name, value in figures.items():
        print(f"{name:<58}{value}")
    print(json.dumps(figures))


def measure(models_dir: Path, texts: Sequence[str], rounds: int) -> dict[str, Any]:
    """Return the figures by name."""
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(build_bundled_model(models_dir)), device="cpu")
    encoders = {name: load_encoder("bundled", models_dir, engine=name) for name in _ENGINES}
    works: dict[str, Callable[[], Any]] = {
        "SentenceTransformer": lambda: plain.encode(list(texts), prompt_name="passage", normalize_embeddings=True),
        "SentenceTransformer query": lambda: [plain.encode([_QUERY], prompt_name="query") for _ in range(_QUERIES)],
    }
    for name, encoder in encoders.items():
        works[name] = lambda encoder=encoder: encoder.encode(texts, "passage")
        works[f"{name} query"] = lambda encoder=encoder: [encoder.encode([_QUERY], "query") for _ in range(_QUERIES)]
    works |= {f"peak {kind}": product for kind, product in _peaks().items()}
    figures = _figures(_timed(works, rounds), texts, encoders)
    work = _gigaflop(models_dir / encoders["fp32"].model_id.split("@")[0].removeprefix("bundled/"), texts)
    for name in ("fp32", "int8"):
        figures[f"{name}: GFLOP/s of the model"] = round(work * figures[f"{name}: documents/s"] / len(texts))
    return figures


def _timed(works: dict[str, Callable[[], Any]], rounds: int) -> dict[str, list[Seconds]]:
    found: dict[str, list[Seconds]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            wall, cpu = time.perf_counter(), time.process_time()
            work()
            if number:
                found[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    return found


def _figures(times: dict[str, list[Seconds]], texts: Sequence[str], encoders: dict[str, Any]) -> dict[str, Any]:
    wall, cpu = (
        {name: statistics.median(each[way] for each in runs) for name, runs in times.items()} for way in (0, 1)
    )
    vectors = {name: encoder.encode(texts, "passage") for name, encoder in encoders.items()}
    figures: dict[str, Any] = {"documents": len(texts)}
    for name in ("SentenceTransformer", *encoders):
        query = f"{name} query"
        figures[f"{name}: documents/s"] = round(len(texts) / wall[name], 2)
        figures[f"{name}: query ms"] = round(1000 * wall[query] / _QUERIES, 1)
        for way, taken in (("wall", wall), ("processor", cpu)):
            figures[f"{name}: times as fast in bulk, {way} time"] = round(taken["SentenceTransformer"] / taken[name], 2)
            figures[f"{name}: share of a query's {way} time"] = round(
                taken[query] / taken["SentenceTransformer query"], 2
            )
    for name in ("fp32", "int8"):
        cosines = (vectors[name] * vectors["torch"]).sum(axis=1)
        figures[f"{name}: lowest cosine to torch"] = round(float(cosines.min()), 5)
        figures[f"{name}: mean cosine to torch"] = round(float(cosines.mean()), 5)
        quickest = min(each[0] for each in times[f"peak {name}"])  # A limit is what was reached at best.
        figures[f"peak {name}: GFLOP/s"] = round(2e-9 * _PEAK_TIMES * float(np.prod(_PEAK)) / quickest)
    return figures


def _gigaflop(folder: Path, texts: Sequence[str]) -> float:
    """Return what the products of the model's layers take for `texts`, in 10^9 multiplications and additions."""
    from tokenizers import Tokenizer

    shape = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    width, inner, longest = (shape[name] for name in ("hidden_size", "intermediate_size", "max_position_embeddings"))
    counts = [len(each.ids) for each in Tokenizer.from_file(str(folder / "tokenizer.json")).encode_batch(texts)]
    # Of each token: four square products and two wide ones; and with every token of its window twice its width.
    each_layer = sum(count * (8 * width**2 + 4 * width * inner + 4 * width * min(count, longest)) for count in counts)
    return 1e-9 * float(shape["num_hidden_layers"] * each_layer)


def _peaks() -> dict[str, Callable[[], Any]]:
    """Return the widest product of the model alone, many times over, exact and in eight bits."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = count_cores()
    chance = np.random.default_rng(1)
    shapes = (_PEAK[:2], _PEAK[1:])
    data = {
        "fp32": [chance.normal(size=shape).astype(np.float32) for shape in shapes],
        "int8": [chance.integers(0, 120, shape).astype(kind) for shape, kind in zip(shapes, ("u1", "i1"), strict=True)],
    }
    return {kind: _repeated(_product(left, right), options, left) for kind, (left, right) in data.items()}


def _repeated(graph: bytes, options: Any, left: Any) -> Callable[[], Any]:
    import onnxruntime

    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    return lambda: [session.run(None, {"left": left}) for _ in range(_PEAK_TIMES)]


def _product(left: Any, right: Any) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    exact = left.dtype == np.float32
    operator, kinds = ("MatMul", ("FLOAT", "FLOAT")) if exact else ("MatMulInteger", ("UINT8", "INT32"))
    values = [
        helper.make_tensor_value_info(name, getattr(TensorProto, kind), shape)
        for name, kind, shape in zip(("left", "product"), kinds, (left.shape, (_PEAK[0], _PEAK[2])), strict=True)
    ]
    node = helper.make_node(operator, ["left", "right"], ["product"])
    graph = helper.make_graph([node], "peak", values[:1], values[1:], [numpy_helper.from_array(right, "right")])
    content: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10
    ).SerializeToString()
    return content


if __name__ == "__main__":
    main()
