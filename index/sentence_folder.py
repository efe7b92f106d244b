"""The bundled weights written as a folder that `SentenceTransformer(path)` loads."""

import json
import struct
from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from index.bundled_tokenizer import build_tokenizer
from index.bundled_weights import BundledWeights, Shape, Vocabulary
from index.weight_change import Weights

_FLOAT_BYTES = 4
_HEADER_ALIGNMENT = 8


class TensorPlan(NamedTuple):
    """A tensor: its name in a Hugging Face `BertModel`, its name in the weights file, its shape."""

    name: str
    source: str
    dimensions: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes as float32."""
        return _FLOAT_BYTES * prod(self.dimensions)


def write_sentence_folder(
    folder: Path, weights: BundledWeights, change: Mapping[str, Weights], progress: Callable[[float], None]
) -> None:
    """Create `folder` with a SentenceTransformer: BERT, mean pooling, unit length, e5 prompts.

    `change` is added to the tensors that it names. `progress` is called with the fraction of the weights
    written, 0 to 1.

    Raises:
        OSError: the folder exists, cannot be written or its disk is full.
        ModelError: the weights file lacks a tensor.
    """
    folder.mkdir()
    _write_tensors(folder / "model.safetensors", weights, change, progress)
    tokenizer = build_tokenizer(weights.vocabulary, weights.character_map)
    # Not tokenizer.save(): it reports a full disk as a bare Exception.
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")
    for name, config in _describe_model(weights.shape, weights.vocabulary).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(config, indent=2), encoding="utf-8")


def plan_tensors(shape: Shape) -> list[TensorPlan]:
    """Return every tensor of the model, in the order in which they are written."""
    words = (shape.vocabulary, shape.hidden)
    positions = (shape.positions, shape.hidden)
    types = (shape.token_types, shape.hidden)
    plan = [
        TensorPlan("embeddings.word_embeddings.weight", "emb.word", words),
        TensorPlan("embeddings.position_embeddings.weight", "emb.pos", positions),
        TensorPlan("embeddings.token_type_embeddings.weight", "emb.type", types),
        *_plan_pair("embeddings.LayerNorm", "emb.ln", (shape.hidden,)),
    ]
    for layer in range(shape.layers):
        plan += _plan_layer(shape, layer)
    return plan


def _plan_layer(shape: Shape, layer: int) -> list[TensorPlan]:
    square = (shape.hidden, shape.hidden)
    parts = {
        "attention.self.query": ("q", square),
        "attention.self.key": ("k", square),
        "attention.self.value": ("v", square),
        "attention.output.dense": ("ao", square),
        "attention.output.LayerNorm": ("aln", (shape.hidden,)),
        "intermediate.dense": ("fi", (shape.feed_forward, shape.hidden)),
        "output.dense": ("fo", (shape.hidden, shape.feed_forward)),
        "output.LayerNorm": ("oln", (shape.hidden,)),
    }
    return [
        tensor
        for name, (source, dimensions) in parts.items()
        for tensor in _plan_pair(f"encoder.layer.{layer}.{name}", f"l{layer}.{source}", dimensions)
    ]


def _plan_pair(name: str, source: str, dimensions: tuple[int, ...]) -> list[TensorPlan]:
    return [
        TensorPlan(f"{name}.weight", f"{source}.w", dimensions),
        TensorPlan(f"{name}.bias", f"{source}.b", dimensions[:1]),
    ]


def _write_tensors(
    path: Path, weights: BundledWeights, change: Mapping[str, Weights], progress: Callable[[float], None]
) -> None:
    """Write the model to `path` as little-endian float32 safetensors.

    One tensor at a time, so memory holds the largest and not the whole model; with plain writes,
    so a full disk is an `OSError` (the safetensors library raises its own error).
    """
    plan = plan_tensors(weights.shape)
    total = sum(tensor.size for tensor in plan)
    written = 0
    with path.open("wb") as file:
        file.write(_compose_header(plan))
        for tensor in plan:
            values = weights.tensor(tensor.source)
            if tensor.name in change:
                values = values + change[tensor.name]
            file.write(values.astype("<f4", copy=False).data)
            written += tensor.size
            progress(written / total)


def _compose_header(plan: list[TensorPlan]) -> bytes:
    # Format: u64 size of the header, JSON padded by spaces, then the data without gaps.
    entries: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for tensor in plan:
        place = [offset, offset + tensor.size]
        entries[tensor.name] = {"dtype": "F32", "shape": tensor.dimensions, "data_offsets": place}
        offset += tensor.size
    header = json.dumps(entries, separators=(",", ":")).encode()
    header += b" " * (-len(header) % _HEADER_ALIGNMENT)
    return struct.pack("<Q", len(header)) + header


def _describe_model(shape: Shape, vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "config.json": _describe_bert(shape, vocabulary.padding_id),
        "tokenizer_config.json": _describe_tokenizer(shape, vocabulary),
        # Without add_pooling_layer=False transformers adds a pooler with random weights.
        "sentence_bert_config.json": {
            "max_seq_length": shape.positions,
            "do_lower_case": False,
            "model_kwargs": {"add_pooling_layer": False},
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        "modules.json": [
            _describe_module(0, "", "Transformer"),
            _describe_module(1, "1_Pooling", "Pooling"),
            _describe_module(2, "2_Normalize", "Normalize"),
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
            "include_prompt": True,
        },
    }


def _describe_bert(shape: Shape, padding_id: int) -> dict[str, Any]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.token_types,
        "layer_norm_eps": shape.layer_norm_epsilon,
        "hidden_act": "gelu",
        "pad_token_id": padding_id,
        "dtype": "float32",
    }


def _describe_tokenizer(shape: Shape, vocabulary: Vocabulary) -> dict[str, Any]:
    begin, end = vocabulary.pieces[vocabulary.begin_id], vocabulary.pieces[vocabulary.end_id]
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": shape.positions,
        "bos_token": begin,
        "cls_token": begin,
        "eos_token": end,
        "sep_token": end,
        "pad_token": vocabulary.pieces[vocabulary.padding_id],
        "unk_token": vocabulary.pieces[vocabulary.unknown_id],
    }


def _describe_module(place: int, folder: str, name: str) -> dict[str, Any]:
    module = f"sentence_transformers.models.{name}"
    return {"idx": place, "name": str(place), "path": folder, "type": module}
