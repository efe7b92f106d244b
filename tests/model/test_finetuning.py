"""Contrastive tuning on a network small enough to run in a second: it learns, stays bounded, and comes out the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.finetuning import Batch, Recipe, _Mean, tune

pytestmark = pytest.mark.model

LETTERS = "abcdefghij"
STEPS = 30
RECIPE = Recipe(frozen_layers=1, learning_rate=3e-3, query_tokens=8, passage_tokens=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder: two layers of 16, a word a letter."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    place = tmp_path_factory.mktemp("tiny")
    words = {word: number for number, word in enumerate(["[PAD]", "[UNK]", *LETTERS])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(place)
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(place)
    transformer = Transformer(str(place))
    SentenceTransformer(modules=[transformer, Pooling(16)]).save(str(place))
    return place


def batches() -> Iterator[Batch]:
    """A query of a letter belongs to the passage of its neighbour."""
    names = list(LETTERS)
    passages = [f"{LETTERS[(place + 1) % 10]} {LETTERS[(place + 1) % 10]}" for place in range(10)]
    for _ in range(STEPS):
        yield Batch(names, passages, np.eye(10, dtype=np.float32))


def losses(folder: Path, recipe: Recipe) -> tuple[list[float], dict[str, Any]]:
    told: list[float] = []
    return told, tune(folder, batches(), STEPS, recipe, lambda _, loss: told.append(loss))


def test_the_loss_falls_and_only_what_is_thawed_changes(folder: Path) -> None:
    told, change = losses(folder, RECIPE)
    assert len(told) == STEPS
    assert np.mean(told[-5:]) < np.mean(told[:5]) / 2
    assert "encoder.layer.1.output.dense.weight" in change
    assert not any(name.startswith(("embeddings.", "encoder.layer.0.")) for name in change)
    assert any(np.abs(values).max() > 0 for values in change.values())


def test_the_same_recipe_gives_the_same_change(folder: Path) -> None:
    first, second = losses(folder, RECIPE)[1], losses(folder, RECIPE)[1]
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name])


def test_averaging_takes_the_middle_of_the_way(folder: Path) -> None:
    last, middle = losses(folder, RECIPE)[1], losses(folder, Recipe(**vars_of(RECIPE, averaged=1.0)))[1]
    length = {name: np.linalg.norm(values) for name, values in last.items()}
    assert sum(np.linalg.norm(values) for values in middle.values()) < sum(length.values())


def test_the_mean_is_of_the_weights_from_its_first_step_on() -> None:
    import torch

    mean = _Mean(3)
    for step in range(1, 6):
        mean.take(step, 5, {"weight": torch.tensor([float(step)])})
    assert mean.weights["weight"].item() == pytest.approx(4.0)


def vars_of(recipe: Recipe, **changes: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(recipe) | changes
