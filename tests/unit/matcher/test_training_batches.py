"""What training is shown: which needs tune the encoder, and what a batch holds of them."""

import json
from pathlib import Path

import numpy as np
import pytest

from index.finetuning import Batch
from matcher.training.encoder import _Drawing
from matcher.training.material import Material, _joined, read_material
from tests.support.records import achievement, need

ACHIEVEMENTS = {f"a{n}": achievement(f"成果{n}", external_id=f"a{n}") for n in range(40)}
WRITTEN = {f"w{n}": need(f"需求{n}", external_id=f"w{n}") for n in range(30)}
GRADES = {"a1": 3, "a2": 1, "a3": 0, "a4": 0, "a5": 2}
REAL = {f"r{n}": need(f"真实{n}", external_id=f"r{n}") for n in range(12)}
MATERIAL = Material(
    achievements=ACHIEVEMENTS,
    real_needs=REAL,
    written_needs=WRITTEN,
    targets={name: f"a{number}" for number, name in enumerate(WRITTEN)},
    qrels=dict.fromkeys(REAL, GRADES),
)
# The ten achievements after the target, whoever looks for them.
NEAREST = np.array([[(row + step) % 40 for step in range(10)] for row in range(len(WRITTEN))])


def test_a_need_stays_on_its_side_and_both_sides_have_some() -> None:
    sides = {name: MATERIAL.tunes_encoder(name) for name in [*WRITTEN, *REAL]}
    assert sides == {name: MATERIAL.tunes_encoder(name) for name in sides}
    assert set(sides.values()) == {True, False}


def batches(seed: int = 1) -> list[Batch]:
    return list(_Drawing(MATERIAL, NEAREST, NEAREST, seed).batches())


def title(text: str) -> str:
    return text.removeprefix("passage: ").split("\n")[0]


def test_batches_hold_only_needs_that_tune_with_their_answers() -> None:
    left_out = {
        f"query: {record.title}" for name, record in (WRITTEN | REAL).items() if not MATERIAL.tunes_encoder(name)
    }
    drawn = batches()
    assert len(drawn) == _Drawing(MATERIAL, NEAREST, NEAREST, 1).steps > 0
    for batch in drawn:
        assert not left_out & set(batch.queries)
        assert len(batch.passages) == len(set(batch.passages)) == batch.targets.shape[1]
        np.testing.assert_allclose(batch.targets.sum(axis=1), 1.0, rtol=1e-6)


def test_a_written_need_belongs_to_its_target_alone() -> None:
    batch = batches()[0]
    for query, shares in zip(batch.queries[:10], batch.targets, strict=False):
        (place,) = np.flatnonzero(shares)
        assert title(batch.passages[place]).removeprefix("成果") == query.removeprefix("query: 需求")


def test_a_real_need_shares_its_mass_by_grade() -> None:
    batch = batches()[0]
    shares = dict(zip(map(title, batch.passages), batch.targets[-1].tolist(), strict=True))
    assert shares["成果1"] / shares["成果2"] == pytest.approx(7.0)
    assert shares["成果5"] / shares["成果2"] == pytest.approx(3.0)
    assert shares["成果3"] == 0.0


def test_the_same_seed_draws_the_same_batches() -> None:
    assert [batch.passages for batch in batches()] == [batch.passages for batch in batches()]
    assert [batch.passages for batch in batches()] != [batch.passages for batch in batches(2)]


def test_needs_of_this_project_join_those_of_the_folder(tmp_path: Path) -> None:
    row = {"id": "t-1", "target": "a0", "title": "需求", "description": "说明"}
    (tmp_path / "needs.train.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (tmp_path / "qrels.train.tsv").write_text("r0\t0\ta0\t2\n", encoding="utf-8")
    (tmp_path / "achievements.jsonl").write_text('{"id": "a0", "title": "成果"}\n', encoding="utf-8")
    (tmp_path / "needs.jsonl").write_text('{"id": "r0", "title": "真实"}\n', encoding="utf-8")
    material = read_material(tmp_path, tmp_path)
    assert len(material.written_needs) > 300
    assert set(material.written_needs) == set(material.targets)
    assert all(len(record.description) > 20 for name, record in material.written_needs.items() if name != "t-1")


def test_graded_pairs_of_this_project_stand_beside_the_given_ones() -> None:
    given, own = {"r0": {"a0": 2}, "r1": {"a0": 0}}, {"r0": {"a0": 0, "a1": 1}, "unknown": {"a0": 3}}
    assert _joined(given, own) == {"r0": {"a0": 2, "a1": 1}, "r1": {"a0": 0}}
