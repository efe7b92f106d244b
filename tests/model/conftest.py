"""The real model, built once and kept in the folder that MATCHER_TEST_MODELS names, or in var/models."""

import os
from pathlib import Path

import pytest

from index.encoder import SentenceEncoder, load_encoder

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def models_dir() -> Path:
    return Path(os.environ.get("MATCHER_TEST_MODELS") or REPOSITORY / "var" / "models")


@pytest.fixture(scope="session")
def encoder(models_dir: Path) -> SentenceEncoder:
    return load_encoder("bundled", models_dir)
