"""The real model, built once and kept in the folder that MATCHER_TEST_MODELS names, or in var/models."""

import os
from pathlib import Path

import pytest

from index.bundled_model import build_bundled_model
from index.encoder import SentenceEncoder, load_encoder

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def models_dir() -> Path:
    return Path(os.environ.get("MATCHER_TEST_MODELS") or REPOSITORY / "var" / "models")


@pytest.fixture(scope="session")
def encoder(models_dir: Path) -> SentenceEncoder:
    return load_encoder("bundled", models_dir)


@pytest.fixture(scope="session")
def plain_encoder(models_dir: Path) -> SentenceEncoder:
    """The model before the project's training."""
    return SentenceEncoder(str(build_bundled_model(models_dir, tuned=False)))
