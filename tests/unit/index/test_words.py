"""The index of words against sums written out, whatever is sealed, put, replaced and taken out."""

import math
from collections import Counter
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import bm25, word_runs
from index.errors import SnapshotError
from index.sealed_words import SealedWords, write_words
from index.word_runs import WordRuns
from index.words import WordIndex

WORDS = tuple("甲乙丙丁戊己庚辛")
Texts = dict[int, tuple[str, str]]

texts = st.dictionaries(
    st.integers(1, 40),
    st.tuples(st.text(st.sampled_from(WORDS), max_size=3), st.text(st.sampled_from(WORDS), max_size=9)),
    max_size=30,
)


def collected(held: Texts, block: int = 7) -> WordRuns:
    runs = WordRuns(TemporaryFile())  # noqa: SIM115
    listed = [(item_id, tuple(title), tuple(body)) for item_id, (title, body) in sorted(held.items())]
    for start in range(0, len(listed), block):
        runs.add(listed[start : start + block])
    return runs


def sealed(held: Texts) -> WordIndex:
    return WordIndex(SealedWords.of(collected(held)))


def change(index: WordIndex, put: Texts, gone: list[int]) -> None:
    index.change([(item_id, tuple(title), tuple(body)) for item_id, (title, body) in put.items()], gone)


def expected(held: Texts, weights: dict[str, float]) -> dict[int, float]:
    """Return the BM25 score of each text."""
    usual = sum(len(title) + len(body) for title, body in held.values()) / max(1, len(held))
    found = {}
    for item_id, (title, body) in held.items():
        often = Counter(title * 2 + body)
        norm = 1.2 * (0.25 + 0.75 * (len(title) + len(body)) / usual) if usual else 1.0
        found[item_id] = math.fsum(w * 2.2 * often[term] / (often[term] + norm) for term, w in weights.items())
    return found


def assert_holds(index: WordIndex, held: Texts, allowed: list[int] | None = None) -> None:
    weights = {"甲": 2.0, "乙": 0.5, "丙": 1.5, "未": 9.0}
    view, scores = index.view(weights), expected(held, weights)
    assert len(index) == view.records == len(held)
    assert view.length == sum(len(title) + len(body) for title, body in held.values())
    counted = {term: sum(term in title + body for title, body in held.values()) for term in weights}
    assert view.frequencies == {term: count for term, count in counted.items() if count}
    assert view.scores(weights, [*range(45)]) == pytest.approx(scores)
    for limit in (1, 3, 100):
        found = view.best(weights, limit, allowed)
        reach = {i: s for i, s in scores.items() if s > 0 and (allowed is None or i in allowed)}
        assert [score for _, score in found] == pytest.approx(sorted(reach.values(), reverse=True)[:limit])
        assert dict(found) == pytest.approx({item_id: reach[item_id] for item_id, _ in found})
        assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))


@given(texts, texts, st.lists(st.integers(1, 40)), st.lists(st.integers(1, 45)))
def test_what_is_held_is_what_was_put_last(first: Texts, then: Texts, gone: list[int], allowed: list[int]) -> None:
    index = sealed(first)
    assert_holds(index, first)
    change(index, then, [])
    assert_holds(index, first | then, allowed)
    change(index, {}, gone)
    left = {item_id: text for item_id, text in (first | then).items() if item_id not in gone}
    assert_holds(index, left, allowed)
    change(index, first, [])
    assert_holds(index, left | first)


@given(texts, st.integers(1, 50))
def test_postings_merged_in_small_pieces_are_the_same(held: Texts, at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(word_runs, "_MERGED_AT_ONCE", at_once)
        assert_holds(sealed(held), held)


def test_ties_go_by_id_and_those_that_are_cut_too() -> None:
    index = sealed(dict.fromkeys((9, 4, 30, 2), ("甲", "乙")))
    change(index, dict.fromkeys((7, 1), ("甲", "乙")), [4])
    assert [item_id for item_id, _ in index.view("甲").best({"甲": 1.0}, 4)] == [1, 2, 7, 9]


def test_the_best_of_very_many_rows_are_all_found() -> None:
    held = {number: ("", "甲" * (1 + number * 7919 % 13) + "乙" * (number * 104729 % 11)) for number in range(1, 3000)}
    view = sealed(held).view("甲")
    every = view.best({"甲": 1.0}, 3000)
    assert len(every) == 2999
    assert view.best({"甲": 1.0}, 9) == every[:9]
    assert view.best({"甲": 1.0}, 9, allowed=[*range(1, 3000, 2)]) == [pair for pair in every if pair[0] % 2][:9]


def test_a_view_stays_what_it_was() -> None:
    index = sealed({1: ("甲", "乙")})
    change(index, {2: ("甲", "")}, [])
    view = index.view("甲乙")
    before = view.best({"甲": 1.0}, 9), view.scores({"甲": 1.0}, [1, 2, 3])
    change(index, {3: ("甲", ""), 2: ("丙", "丙")}, [1])
    assert (view.best({"甲": 1.0}, 9), set(view.scores({"甲": 1.0}, [1]))) == (before[0], {1})
    assert set(index.view("甲").scores({"甲": 1.0}, [1, 2, 3])) == {2, 3}


def test_counts_of_terms_in_some_texts_count_titles_twice() -> None:
    index = sealed({1: ("甲乙", "甲"), 5: ("丙", "乙" * 300), 6: ("丁", "")})
    change(index, {3: ("乙", "丁"), 6: ("丁", "丁")}, [])
    counts = index.view("甲乙未").counts("甲乙未", [6, 5, 3, 2, 1])
    by_id = dict(zip(counts.ids.tolist(), counts.counts.T.tolist(), strict=True))
    assert by_id == {1: [3, 2, 0], 5: [0, 300, 0], 3: [0, 2, 0], 6: [0, 0, 0]}
    assert dict(zip(counts.ids.tolist(), counts.lengths.tolist(), strict=True)) == {1: 5, 5: 302, 3: 3, 6: 3}


@given(texts)
def test_a_snapshot_holds_the_same(tmp_path_factory: pytest.TempPathFactory, held: Texts) -> None:
    path = tmp_path_factory.mktemp("words") / "words.json"
    write_words(collected(held), path, {"revision": 4})
    words, facts = SealedWords.mapped(path)
    assert facts["revision"] == 4
    assert_holds(WordIndex(words), held)
    assert isinstance(words.rows.base, np.memmap) or not len(words.rows)


@pytest.mark.parametrize("part", ["rows", "counts", "keys", "starts", "ids", "lengths"])
def test_a_damaged_snapshot_is_refused(tmp_path: Path, part: str) -> None:
    path = tmp_path / "words.json"
    write_words(collected({1: ("甲", "乙"), 2: ("乙", "丙")}), path, {})
    (file,) = tmp_path.glob(f"*.{part}")
    content = bytearray(file.read_bytes())
    content[0] ^= 1
    file.write_bytes(content)
    with pytest.raises(SnapshotError):
        SealedWords.mapped(path)


def test_a_snapshot_of_another_form_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "words.json"
    write_words(collected({1: ("甲", "乙")}), path, {})
    monkeypatch.setattr("index.sealed_words._FORM", 0)
    with pytest.raises(SnapshotError, match="another form"):
        SealedWords.mapped(path)


def test_terms_of_few_and_of_many_rows_are_summed_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {number: ("甲" * (number % 3), "乙" * (number % 7) + "丙" * (number % 2)) for number in range(1, 90)}
    weights = {"甲": 2.0, "乙": 0.5, "丙": 1.5}
    expected_scores = expected(held, weights)
    for few, at_once in ((1_000, 1_000), (0, 8), (35, 5)):
        monkeypatch.setattr(bm25, "_FEW", few)
        monkeypatch.setattr(bm25, "_AT_ONCE", at_once)
        found = dict(sealed(held).view(weights).best(weights, 100))
        assert found == pytest.approx({item_id: score for item_id, score in expected_scores.items() if score})
