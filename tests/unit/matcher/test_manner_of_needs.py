"""The manner of a need: the cosine of its vector with a direction that ships, the same whichever side asks."""

import numpy as np
import pytest

from matcher import centring
from matcher.features import NAMES
from matcher.service import Service
from tests.support.records import achievement, need

MANNER = NAMES.index("need_manner")


@pytest.fixture
def direction(service: Service, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    vector = np.random.default_rng(5).normal(size=64).astype(np.float32)
    vector /= np.linalg.norm(vector)
    monkeypatch.setattr(centring, "shipped_direction", lambda model_id: vector)
    return vector


def test_both_sides_see_the_same_manner(service: Service, direction: np.ndarray) -> None:
    asked = service.postings.post(need("木材防霉处理"), "李")
    offered = service.postings.post(achievement("杨木集成材防霉"), "李")
    service.postings.post(need("羽绒清洗废水回用"), "李")
    (from_need,) = service.scoring.score(asked, [offered])
    (from_achievement,) = service.scoring.score_needs(offered, [asked])
    assert from_need.features == pytest.approx(from_achievement.features)
    assert from_need.probability == pytest.approx(from_achievement.probability)
    expected = float(service.engine.record_vector(asked) @ direction)
    assert expected != 0
    assert from_need.features[MANNER] == pytest.approx(expected, abs=1e-6)


def test_a_model_that_knows_no_direction_says_nothing(service: Service) -> None:
    asked = service.postings.post(need("木材防霉处理"), "李")
    offered = service.postings.post(achievement("杨木集成材防霉"), "李")
    (found,) = service.scoring.score(asked, [offered])
    assert found.features[MANNER] == 0.0


def test_the_direction_that_ships_has_length_one() -> None:
    (model_id,) = centring._shipped()
    vector = centring.shipped_direction(model_id)
    assert vector is not None and np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-4)
    assert centring.shipped_direction("no such model") is None
