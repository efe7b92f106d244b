"""The encoder around a model of three tokens, whose pooled vector is the mean of one-hot tokens."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index import encoder as encoder_module
from index.encoder import Encoder, SentenceEncoder, choose_prompts, load_encoder
from index.windows import Window, group_batches, split_windows, unit_rows


class ThreeTokens:
    """Stands in for `SentenceModel`: the tokens are the letters a, b and c, a window holds four."""

    dim = 3
    window_size = 4
    fingerprint = "0123456789ab"

    def __init__(self, source: str) -> None:
        self.prompts = {"query": "c", "passage": ""}
        self.batches: list[list[list[int]]] = []

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        return [["abc".index(letter) for letter in text] for text in texts]

    def pool(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        self.batches.append([list(window) for window in windows])
        one_hot = np.eye(3, dtype=np.float32)
        # The special tokens alone, as a real model pools them for an empty window.
        return np.stack([one_hot[list(w)].mean(0) if w else one_hot[0] for w in windows])


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> SentenceEncoder:
    monkeypatch.setattr(encoder_module, "SentenceModel", ThreeTokens)
    return SentenceEncoder("somebody/three-tokens", token_budget=8)


def expected(*counts: int) -> NDArray[np.float64]:
    vector: NDArray[np.float64] = np.array(counts) / np.linalg.norm(counts)
    return vector


def test_long_text_is_one_mean_over_all_its_tokens(encoder: Encoder) -> None:
    # Windows aaaa, abbb, b: counts 5 a and 4 b, whatever the windows.
    assert encoder.encode(["aaaaabbbb"], "passage")[0] == pytest.approx(expected(5, 4, 0))


def test_prompt_stands_in_the_first_window_only(encoder: SentenceEncoder) -> None:
    encoder.encode(["aaaab"], "query")
    windows = [window for batch in encoder._model.batches for window in batch]  # type: ignore[attr-defined]
    assert windows == [[2, 0, 0, 0], [0, 1]]


def test_rows_keep_the_order_of_texts_whatever_the_batches(encoder: Encoder) -> None:
    vectors = encoder.encode(["b", "aaaabbbb", "cc", "a"], "passage")
    rows = [expected(0, 1, 0), expected(1, 1, 0), expected(0, 0, 1), expected(1, 0, 0)]
    assert vectors == pytest.approx(np.stack(rows))
    assert vectors.dtype == np.float32


def test_empty_text_has_a_unit_row(encoder: Encoder) -> None:
    assert np.linalg.norm(encoder.encode([""], "passage"), axis=1) == pytest.approx([1])


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([], "query").shape == (0, 3)


def test_slabs_do_not_mix(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["a", "bbbbbbbb", "c", "ab", "b"]
    whole = encoder.encode(texts, "passage")
    monkeypatch.setattr(encoder_module, "_TEXTS_AT_ONCE", 2)
    assert encoder.encode(texts, "passage") == pytest.approx(whole)


def test_progress_counts_finished_texts(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "_TEXTS_AT_ONCE", 2)
    seen: list[int] = []
    encoder.encode(["aaaabbbbc", "a", "b"], "passage", seen.append)
    # The long text is finished only with its last window, beside which "a" runs.
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 3)


def test_model_id_names_the_model_and_its_weights(encoder: Encoder) -> None:
    assert encoder.model_id == "somebody/three-tokens@0123456789ab"


def test_model_id_of_a_folder_does_not_depend_on_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "SentenceModel", ThreeTokens)
    folder = tmp_path / "tuned"
    folder.mkdir()
    assert load_encoder(str(folder), tmp_path).model_id == "tuned@0123456789ab"


def test_split_windows_gives_every_text_a_window() -> None:
    windows = split_windows([[1, 2, 3, 4, 5], [], [6, 7]], 2)
    assert windows == [
        Window(0, [1, 2]),
        Window(0, [3, 4]),
        Window(0, [5]),
        Window(1, []),
        Window(2, [6, 7]),
    ]


def test_batches_hold_every_window_once_within_the_budget() -> None:
    windows = [Window(place, [0] * length) for place, length in enumerate([3, 9, 0, 4, 2, 5])]
    batches = list(group_batches(windows, 8))
    assert sorted(window.text for batch in batches for window in batch) == [0, 1, 2, 3, 4, 5]
    assert batches[0] == [windows[1]], "a window above the budget runs alone"
    for batch in batches[1:]:
        assert len(batch) * max(window.weight for window in batch) <= 8


def test_unit_rows_leave_zeros_alone() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0]], np.float32))
    assert rows == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))


BGE_QUERY = "为这个句子生成表示以用于检索相关文章："


@pytest.mark.parametrize(
    ("source", "own", "query", "passage"),
    [
        ("any/e5-model", {"query": "Q ", "passage": "P "}, "Q ", "P "),
        ("any/model", {"query": "Q ", "document": "D "}, "Q ", "D "),
        ("any/e5-model", {"query": "Q "}, "Q ", ""),
        ("intfloat/multilingual-e5-base", {}, "query: ", "passage: "),
        ("intfloat/e5-large-v2", {"clustering": "C "}, "query: ", "passage: "),
        ("BAAI/bge-base-zh-v1.5", {}, BGE_QUERY, ""),
        ("BAAI/bge-m3", {}, "", ""),
        ("shibing624/text2vec-base-chinese", {}, "", ""),
    ],
)
def test_prompts_are_the_models_own_or_its_familys(source: str, own: dict[str, str], query: str, passage: str) -> None:
    assert choose_prompts(source, own) == {"query": query, "passage": passage}
