"""Tunes the default model on the training data: first step of `make train`, half an hour on two cores with AVX-512.

Every batch holds ten written needs (target, one hard negative by terms, one by meaning) and two real needs (their
graded achievements, up to four unrelated ones); every passage of a batch is a negative for the other needs.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.bundled_model import TUNED_WEIGHTS, build_bundled_model
from index.finetuning import Batch, Recipe, short_vectors, tune
from index.weight_change import write_change
from matcher.documents import dense_text
from matcher.training.material import Material, texts
from matcher.training.negatives import Places, nearest_by_meaning, nearest_by_terms

_QUERY, _PASSAGE = "query: ", "passage: "
_WRITTEN, _REAL, _EPOCHS = 10, 2, 3
_MOST_RELEVANT, _MOST_UNRELATED = 5, 4
_NEED_TOKENS, _TITLE_TOKENS = 72, 40
RECIPE = Recipe(query_tokens=160, averaged=0.3)


class _Passages:
    """The achievements of one batch, each once."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def place(self, achievement: str) -> int:
        if achievement not in self.ids:
            self.ids.append(achievement)
        return self.ids.index(achievement)


class _Drawing:
    """Draws batches from the material with a seeded generator."""

    def __init__(self, material: Material, by_terms: Places, by_meaning: Places, seed: int) -> None:
        self._material = material
        self._random = random.Random(seed)
        self._names = list(material.achievements)
        needs = list(material.written_needs)
        self._nearest = {need: (by_terms[row], by_meaning[row]) for row, need in enumerate(needs)}
        self._written = [need for need in needs if material.tunes_encoder(need)]
        graded = sorted(need for need in material.qrels if material.tunes_encoder(need))
        self._real = [need for need in graded if any(material.qrels[need].values())]
        self._waiting: list[str] = []

    @property
    def steps(self) -> int:
        """How many batches there are in all."""
        return len(self._written) // _WRITTEN * _EPOCHS

    def batches(self) -> Iterator[Batch]:
        for _ in range(_EPOCHS):
            order = self._written[:]
            self._random.shuffle(order)
            for start in range(0, len(order) // _WRITTEN * _WRITTEN, _WRITTEN):
                yield self._batch(order[start : start + _WRITTEN])

    def _batch(self, written: list[str]) -> Batch:
        passages = _Passages()
        rows = [self._add_written(need, passages) for need in written]
        real = [self._next_real() for _ in range(_REAL)]
        rows += [self._add_real(need, passages) for need in real]
        targets = np.zeros((len(rows), len(passages.ids)), np.float32)
        for row, shares in enumerate(rows):
            for place, share in shares.items():
                targets[row, place] = share
        records = [self._material.written_needs[need] for need in written]
        records += [self._material.real_needs[need] for need in real]
        return Batch(
            [_QUERY + dense_text(record) for record in records],
            [_PASSAGE + dense_text(self._material.achievements[name]) for name in passages.ids],
            targets / targets.sum(axis=1, keepdims=True),
        )

    def _add_written(self, need: str, passages: _Passages) -> dict[int, float]:
        target = self._material.targets[need]
        shares = {passages.place(target): 1.0}
        for nearest in self._nearest[need]:
            wrong = [place for place in nearest[1:] if self._names[place] != target]
            passages.place(self._names[self._random.choice(wrong)])
        return shares

    def _add_real(self, need: str, passages: _Passages) -> dict[int, float]:
        grades = self._material.qrels[need]
        related = sorted(
            (name for name in grades if grades[name]), key=lambda name: (-grades[name], self._random.random())
        )
        unrelated = [name for name in grades if not grades[name]]
        self._random.shuffle(unrelated)
        shares = {passages.place(name): 2.0 ** grades[name] - 1 for name in related[:_MOST_RELEVANT]}
        for name in unrelated[:_MOST_UNRELATED]:
            passages.place(name)
        return shares

    def _next_real(self) -> str:
        if not self._waiting:
            self._waiting = self._real[:]
            self._random.shuffle(self._waiting)
        return self._waiting.pop()


def tune_encoder(material: Material, models_dir: Path) -> None:
    """Write the tuned weights that ship with the project."""
    folder = build_bundled_model(models_dir, tuned=False)
    drawing = _Drawing(material, *_mine(material, folder), RECIPE.seed)
    change = tune(folder, drawing.batches(), drawing.steps, RECIPE, lambda step, loss: _tell(step, drawing.steps, loss))
    write_change(TUNED_WEIGHTS, change)


def _mine(material: Material, folder: Path) -> tuple[Places, Places]:
    needs, achievements = list(material.written_needs.values()), list(material.achievements.values())
    print("looking for hard negatives", flush=True)
    by_terms = nearest_by_terms(needs, achievements)
    asked = short_vectors(folder, [_QUERY + text for text in texts(material.written_needs)], _NEED_TOKENS)
    titles = short_vectors(folder, [_PASSAGE + record.title for record in achievements], _TITLE_TOKENS)
    return by_terms, nearest_by_meaning(asked, titles)


def _tell(step: int, steps: int, loss: float) -> None:
    if step % 5 == 0 or step == steps:
        print(f"tuning {step}/{steps} loss {loss:.3f}", flush=True)
