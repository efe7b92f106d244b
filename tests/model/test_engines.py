"""The default model on ONNX Runtime against the same model on torch: one contract for every engine."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import encoder as encoder_module
from index.bundled_model import build_bundled_model
from index.encoder import SentenceEncoder, load_encoder
from index.engine_choice import CHOICE_FILE
from index.errors import ModelError
from index.onnx_folder import calibration_texts
from index.onnx_model import GRAPH_FILES, INT8, OnnxModel

pytestmark = pytest.mark.model

REPOSITORY = Path(__file__).parents[2]
TEXTS = [
    "",
    "a",
    "。",
    "石墨烯",
    "防爆锂离子电池的研发",
    "我们公司想找一种办法把污水里的重金属去掉",
    "功率 1.5kW·h、转速 3000 r/min、误差 ±0.02 mm",
    "A 5-axis CNC machine tool with thermal compensation",
    "ИИ для промышленности, スマート工場, 스마트 팩토리, مصنع ذكي, 智能制造",
    "😀 智能 🤖 制造",
    "\t制表\n换行\r\n回车",
    "超声波焊接，焊缝强度≥350 MPa。" * 200,
    "".join(calibration_texts()[:9]),
]
LEAST_COSINE = {"fp32": 1 - 1e-6, "int8": 0.995}


@pytest.fixture(scope="module")
def torch_encoder(models_dir: Path) -> SentenceEncoder:
    return load_encoder("bundled", models_dir, engine="torch")


@pytest.fixture(scope="module", params=["fp32", "int8"])
def pair(request: pytest.FixtureRequest, models_dir: Path) -> tuple[str, SentenceEncoder]:
    return request.param, load_encoder("bundled", models_dir, engine=request.param)


def cosines(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = (left * right).sum(axis=1)
    return rows


@pytest.mark.parametrize("side", ["query", "passage"])
def test_vectors_agree_with_torch(pair, torch_encoder: SentenceEncoder, side) -> None:  # type: ignore[no-untyped-def]
    name, encoder = pair
    found, wanted = encoder.encode(TEXTS, side), torch_encoder.encode(TEXTS, side)
    assert cosines(found, wanted).min() >= LEAST_COSINE[name], cosines(found, wanted)
    if name == "fp32":
        np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_a_vector_does_not_depend_on_its_batch(pair) -> None:  # type: ignore[no-untyped-def]
    _, encoder = pair
    together = encoder.encode(TEXTS, "passage")
    alone = np.concatenate([encoder.encode([text], "passage") for text in TEXTS])
    assert cosines(together, alone).min() > 0.9999


def test_engines_share_id_prompts_windows_and_tokens(pair, torch_encoder: SentenceEncoder) -> None:  # type: ignore[no-untyped-def]
    _, encoder = pair
    assert (encoder.model_id, encoder.dim) == (torch_encoder.model_id, torch_encoder.dim)
    assert encoder._prompts == torch_encoder._prompts
    assert encoder._model.window_size == torch_encoder._model.window_size
    assert encoder._model.tokenize(TEXTS) == torch_encoder._model.tokenize(TEXTS)


def test_an_engine_that_is_none_is_named(models_dir: Path) -> None:
    with pytest.raises(ModelError, match=r"no engine 'int9'.*auto, int8, fp32, torch"):
        load_encoder("bundled", models_dir, engine="int9")


def test_the_choice_is_measured_and_kept(models_dir: Path) -> None:
    folder = build_bundled_model(models_dir)
    (folder / CHOICE_FILE).unlink(missing_ok=True)
    load_encoder("bundled", models_dir, engine="auto")
    kept = json.loads((folder / CHOICE_FILE).read_text(encoding="utf-8"))
    assert kept["engine"] in GRAPH_FILES
    assert kept["cosine"] > 0.99


def test_a_damaged_graph_is_built_again(models_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / build_bundled_model(models_dir).name
    shutil.copytree(build_bundled_model(models_dir), folder)
    graph = folder / GRAPH_FILES[INT8]
    whole = graph.read_bytes()
    graph.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="remove the folder"):
        OnnxModel(folder, INT8)
    again = build_bundled_model(tmp_path) / GRAPH_FILES[INT8]
    assert len(again.read_bytes()) == len(whole)
    shutil.rmtree(tmp_path)


def test_torch_takes_over_when_the_runtime_fails(models_dir: Path, monkeypatch, caplog) -> None:  # type: ignore[no-untyped-def]
    def fail(*_: object) -> None:
        raise ModelError("no such operator")

    monkeypatch.setattr(encoder_module, "OnnxModel", fail)
    encoder = load_encoder("bundled", models_dir, engine="int8")
    assert encoder.encode(["涂层"], "query").shape == (1, encoder.dim)
    assert "torch does instead: no such operator" in caplog.text


SERVE_WITHOUT_TORCH = """
import sys
from matcher.models import Filters
from matcher.settings import read_settings
from matcher.service import Service
from web import create_app
service = Service(read_settings())
browser = create_app(service.settings, service).test_client()
assert browser.get("/").status_code == 200
service.warm()
assert browser.get("/search?q=涂层").status_code == 200
heavy = ("torch", "sentence_transformers", "transformers", "sklearn", "scipy", "onnx")
print([name for name in heavy if name in sys.modules])
"""


def test_serving_imports_nothing_heavy(models_dir: Path, tmp_path: Path) -> None:
    # Building needs torch: whichever test comes first, the model is there before this one looks at what is imported.
    build_bundled_model(models_dir)
    (tmp_path / "models").symlink_to(models_dir.resolve())
    environment = os.environ | {"MATCHER_HOME": str(tmp_path)}
    command = [sys.executable, "-c", SERVE_WITHOUT_TORCH]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
