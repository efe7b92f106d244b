"""Cutting a text into sentences, with their places."""

import re
from typing import NamedTuple

_SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;]*")
_LONGEST = 160


class Sentence(NamedTuple):
    """A sentence and the half-open character range of the text it stands in."""

    text: str
    start: int
    end: int


def split_sentences(text: str) -> list[Sentence]:
    """Return the sentences of `text` in order, blanks around them removed; those over 160 characters by clauses."""
    found: list[Sentence] = []
    for match in _SENTENCE.finditer(text):
        pieces = [match.group()] if len(match.group()) <= _LONGEST else _clauses(match.group())
        start = match.start()
        for piece in pieces:
            found.append(_trimmed(piece, start))
            start += len(piece)
    return [sentence for sentence in found if any(character.isalnum() for character in sentence.text)]


def _clauses(sentence: str) -> list[str]:
    """Return the sentence as runs of whole clauses, each as long as fits 160 characters."""
    runs = [""]
    for clause in re.findall(r"[^，,、：:]*[，,、：:]+|[^，,、：:]+$", sentence):
        if runs[-1] and len(runs[-1]) + len(clause) > _LONGEST:
            runs.append("")
        runs[-1] += clause
    return runs


def _trimmed(piece: str, start: int) -> Sentence:
    left = len(piece) - len(piece.lstrip())
    text = piece.strip()
    return Sentence(text, start + left, start + left + len(text))
