"""The choice of an engine: taken by measurement, kept, and made anew where it no longer holds."""

import json
from pathlib import Path

import pytest

from index import engine_choice
from index.engine_choice import CHOICE_FILE, choose_engine


class Measured:
    """Stands in for the measurement and counts how often it is asked for."""

    def __init__(self, cosine: float, gain: float) -> None:
        self.calls = 0
        self._found = {"cosine": cosine, "gain": gain}

    def __call__(self, folder: Path) -> dict[str, float]:
        self.calls += 1
        return self._found


@pytest.mark.parametrize(
    ("cosine", "gain", "engine"),
    [(0.998, 2.0, "int8"), (0.995, 1.1, "int8"), (0.9949, 2.0, "fp32"), (0.998, 1.09, "fp32")],
)
def test_eight_bits_must_be_near_and_quicker(tmp_path: Path, cosine: float, gain: float, engine: str) -> None:
    assert choose_engine(tmp_path, Measured(cosine, gain)) == engine


def test_the_choice_is_remembered(tmp_path: Path) -> None:
    first, second = Measured(0.999, 3), Measured(0.5, 3)
    assert choose_engine(tmp_path, first) == choose_engine(tmp_path, second) == "int8"
    assert (first.calls, second.calls) == (1, 0)


def test_another_processor_measures_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choose_engine(tmp_path, Measured(0.999, 3))
    monkeypatch.setattr(engine_choice, "processor_name", lambda: "another one")
    assert choose_engine(tmp_path, Measured(0.5, 3)) == "fp32"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"engine": "int9"}'])
def test_what_is_kept_and_makes_no_sense_is_measured_again(tmp_path: Path, content: str) -> None:
    (tmp_path / CHOICE_FILE).write_text(content, encoding="utf-8")
    assert choose_engine(tmp_path, Measured(0.999, 3)) == "int8"
    assert json.loads((tmp_path / CHOICE_FILE).read_text(encoding="utf-8"))["engine"] == "int8"


def test_a_folder_that_cannot_be_written_still_gives_an_engine(tmp_path: Path) -> None:
    assert choose_engine(tmp_path / "missing", Measured(0.999, 3)) == "int8"


def test_the_processor_has_a_name() -> None:
    assert engine_choice.processor_name().strip()
