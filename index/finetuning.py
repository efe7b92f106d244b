"""Contrastive tuning of the default model: batches of texts in, the change of its weights out. Bounded and seeded.

The loss of a query is the cross-entropy between its target shares and the softmax of its cosines with all passages
of the batch over a temperature (InfoNCE, van den Oord et al. 2018, with graded targets).
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


class Batch(NamedTuple):
    """Prompted texts; `targets` (queries, passages) holds shares that sum to 1 in each row."""

    queries: list[str]
    passages: list[str]
    targets: Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to tune. The lowest `frozen_layers` and the embeddings stay as they are."""

    seed: int = 20261124
    frozen_layers: int = 4
    most_tokens: int = 128
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
    network.train()
    for step, batch in enumerate(batches, 1):
        loss = _loss(network, model.tokenizer, batch, recipe)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(tuned.values()), recipe.most_gradient)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad(set_to_none=True)
        progress(step, float(loss.detach()))
    return {name: (values.detach() - before[name]).numpy() for name, values in tuned.items()}


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

    queries = _embed(network, tokenizer, batch.queries, recipe.most_tokens)
    passages = _embed(network, tokenizer, batch.passages, recipe.most_tokens)
    scores = queries @ passages.T / recipe.temperature
    return -(torch.from_numpy(batch.targets) * torch.log_softmax(scores, 1)).sum(1).mean()


def _embed(network: Any, tokenizer: Any, texts: list[str], most_tokens: int) -> Any:
    import torch

    found = tokenizer(texts, truncation=True, max_length=most_tokens, padding=True, return_tensors="pt")
    states = network(input_ids=found["input_ids"], attention_mask=found["attention_mask"]).last_hidden_state
    mask = found["attention_mask"][..., None].float()
    return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=-1)
