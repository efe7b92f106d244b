"""Contrastive tuning of the default model: batches of texts in, the change of its weights out. Bounded and seeded.

The loss of a query is the cross-entropy between its target shares and the softmax of its cosines with all passages
of the batch over a temperature (InfoNCE, van den Oord et al. 2018, with graded targets). What comes back is the mean of
the weights over the last part of the way (Izmailov et al. 2018).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.sentence_model import SentenceModel
from index.windows import unit_rows

Matrix = NDArray[np.float32]

# Passages of like length go through the network together, this many at a time.
_AT_ONCE = 16


class Batch(NamedTuple):
    """Prompted texts; `targets` (queries, passages) holds shares that sum to 1 in each row."""

    queries: list[str]
    passages: list[str]
    targets: Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to tune. The lowest `frozen_layers` and the embeddings stay as they are.

    Texts are cut to so many tokens; the weights of the last `averaged` share of the steps are averaged, with 0 the last
    ones are taken.
    """

    seed: int = 20261124
    frozen_layers: int = 4
    query_tokens: int = 128
    passage_tokens: int = 128
    averaged: float = 0.0
    temperature: float = 0.02
    learning_rate: float = 3e-5
    warm_up: float = 0.1
    weight_decay: float = 0.01
    most_gradient: float = 1.0


def tune(
    folder: Path, batches: Iterable[Batch], steps: int, recipe: Recipe, progress: Callable[[int, float], None]
) -> dict[str, Matrix]:
    """Return the change of each tuned tensor, by its name, after one pass over `steps` batches.

    `progress` is told the step and its loss. The same input on the same machine gives the same change.
    """
    import torch
    from sentence_transformers import SentenceTransformer

    torch.manual_seed(recipe.seed)
    model = SentenceTransformer(str(folder), local_files_only=True, device="cpu")
    network: Any = model[0].auto_model
    tuned = _thaw(network, recipe)
    before = {name: values.detach().clone() for name, values in tuned.items()}
    optimiser = torch.optim.AdamW(tuned.values(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, steps, recipe.warm_up))
    mean = _Mean(steps - int(recipe.averaged * steps))
    network.train()
    for step, batch in enumerate(batches, 1):
        loss = _loss(network, model.tokenizer, batch, recipe)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(tuned.values()), recipe.most_gradient)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad(set_to_none=True)
        mean.take(step, steps, tuned)
        progress(step, float(loss.detach()))
    return {name: (values - before[name]).numpy() for name, values in mean.weights.items()}


def short_vectors(folder: Path, texts: list[str], most_tokens: int) -> Matrix:
    """Return float32 unit rows (n, dim) of prompted texts cut to `most_tokens`: quick, to look for neighbours."""
    model = SentenceModel(str(folder))
    windows = [tokens[:most_tokens] for tokens in model.tokenize(texts)]
    order = sorted(range(len(windows)), key=lambda place: len(windows[place]))
    rows = np.zeros((len(texts), model.dim), np.float32)
    for start in range(0, len(order), 32):
        places = order[start : start + 32]
        rows[places] = model.pool([windows[place] for place in places])
    return unit_rows(rows)


class _Mean:
    """The mean of the weights after the steps from `first` on."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._count = 0
        self.weights: dict[str, Any] = {}

    def take(self, step: int, steps: int, tuned: dict[str, Any]) -> None:
        if step < min(self._first, steps):
            return
        self._count += 1
        for name, values in tuned.items():
            held = self.weights.setdefault(name, values.detach().clone())
            held += (values.detach() - held) / self._count


def _thaw(network: Any, recipe: Recipe) -> dict[str, Any]:
    """Freeze what stays; return the parameters that are tuned, by name."""
    for part in (network.embeddings, *network.encoder.layer[: recipe.frozen_layers]):
        part.requires_grad_(False)
    return {name: values for name, values in network.named_parameters() if values.requires_grad}


def _rate(step: int, steps: int, warm_up: float) -> float:
    """Return the share of the learning rate: up over the warm-up, then down to a fiftieth."""
    rising = (step + 1) / (warm_up * steps)
    falling = max(0.02, (steps - step) / ((1 - warm_up) * steps))
    return min(rising, falling)


def _loss(network: Any, tokenizer: Any, batch: Batch, recipe: Recipe) -> Any:
    import torch

    queries = _embed(network, tokenizer, batch.queries, recipe.query_tokens)
    passages = _embed(network, tokenizer, batch.passages, recipe.passage_tokens)
    scores = queries @ passages.T / recipe.temperature
    return -(torch.from_numpy(batch.targets) * torch.log_softmax(scores, 1)).sum(1).mean()


def _embed(network: Any, tokenizer: Any, texts: list[str], most_tokens: int) -> Any:
    """Return (texts, dim) unit rows, with gradient."""
    import torch

    tokens = tokenizer(texts, truncation=True, max_length=most_tokens)["input_ids"]
    order = sorted(range(len(texts)), key=lambda place: len(tokens[place]))
    parts = []
    for start in range(0, len(order), _AT_ONCE):
        rows = [tokens[place] for place in order[start : start + _AT_ONCE]]
        found = tokenizer.pad({"input_ids": rows}, return_tensors="pt")
        # Where the processor has it, half precision takes half the time.
        with torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported()):
            states = network(input_ids=found["input_ids"], attention_mask=found["attention_mask"]).last_hidden_state
        mask = found["attention_mask"][..., None].float()
        parts.append((states.float() * mask).sum(1) / mask.sum(1))
    places = torch.tensor(np.argsort(order))
    return torch.nn.functional.normalize(torch.cat(parts)[places], dim=-1)
