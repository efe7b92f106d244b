"""Sentences and their places."""

import pytest

from index.sentences import Sentence, split_sentences

TEXT = "一到六七月，板面发蓝。喷的药水\n管不到十天！  想找办法；Yes? 好……"


@pytest.mark.parametrize("text", [TEXT, "", "。。。", "\n\n", "没有句号", "a;b", "长，" * 200, "无标点" * 100])
def test_sentences_stand_where_they_say(text: str) -> None:
    for sentence in split_sentences(text):
        assert text[sentence.start : sentence.end] == sentence.text == sentence.text.strip()


def test_sentences_end_at_marks_and_lines() -> None:
    wanted = ["一到六七月，板面发蓝。", "喷的药水", "管不到十天！", "想找办法；", "Yes?", "好……"]
    assert [sentence.text for sentence in split_sentences(TEXT)] == wanted


@pytest.mark.parametrize("text", ["", "。！？", " \n ", "——"])
def test_what_says_nothing_is_no_sentence(text: str) -> None:
    assert split_sentences(text) == []


def test_places_count_from_the_start_of_the_text() -> None:
    assert split_sentences("甲。 乙。") == [Sentence("甲。", 0, 2), Sentence("乙。", 3, 5)]


def test_a_long_sentence_is_cut_at_clauses() -> None:
    text = "，".join(["这一句话有十个字整整"] * 40) + "。"
    found = split_sentences(text)
    assert len(found) > 1
    assert all(len(sentence.text) <= 160 for sentence in found)
    assert "".join(sentence.text for sentence in found) == text


def test_a_long_run_without_any_mark_stays_whole() -> None:
    assert [len(sentence.text) for sentence in split_sentences("字" * 500)] == [500]
