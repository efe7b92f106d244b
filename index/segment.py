"""Chinese text to terms: the lexical side of search and the words that explanations show."""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import rjieba

_LATIN_TERM = re.compile(r"[a-z][a-z0-9]*(?:[.\-][a-z0-9]+)*|\d+(?:\.\d+)?[a-z][a-z0-9]*")
_CHINESE_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_RUN = re.compile(f"{_LATIN_TERM.pattern}|{_CHINESE_RUN.pattern}")

# Words of every posting, whoever writes it: they say that something is asked for or offered, not what.
STOP_TERMS = frozenset((files("index") / "stop_terms.txt").read_text(encoding="utf-8").split())


class Term(NamedTuple):
    """A term and the half-open character range of the text it was read from."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Return `text` with the same number of characters, full-width forms and case made alike."""
    return text.translate(_FOLDED)


class _FoldTable(dict[int, str]):
    """Folded form of each code point, filled as characters are met; one character stays one."""

    def __missing__(self, code_point: int) -> str:
        character = chr(code_point)
        folded = unicodedata.normalize("NFKC", character).lower()
        self[code_point] = folded if len(folded) == 1 else character
        return self[code_point]


_FOLDED = _FoldTable()


def locate_terms(text: str) -> list[Term]:
    """Return every term of `text` in reading order, with its place.

    Chinese runs are cut in search mode (a long word also gives its parts, so terms may overlap);
    Latin words, chemical formulas and model names are kept whole; bare numbers, single Latin
    letters and stop terms are left out.
    """
    return [Term(*piece) for piece in _pieces(text)]


def terms(text: str) -> list[str]:
    """Return the terms of `text` in reading order, repeats kept."""
    return [word for word, _, _ in _pieces(text)]


@cache
def content_share(term: str) -> float:
    """Return how much a single term names a thing, 0-1.

    Nouns and Latin words count 1; verbs, adjectives and Latin words of two letters (mostly units) 0.5; numbers,
    measures, adverbs and the words that only hold a sentence together 0. By the part of speech in the dictionary;
    a single character that is no noun counts 0, being a piece of many words.
    """
    if term.isascii():
        return 1.0 if len(term) > 2 else 0.5
    kind = rjieba.tag(term)[0][1]
    if kind.startswith("n") or kind == "vn":
        return 1.0
    if len(term) == 1 or kind[0] not in "vabijlsz":
        return 0.0
    return 0.5


def _pieces(text: str) -> list[tuple[str, int, int]]:
    """Return the terms with their places as plain tuples: a page cuts some thousands of terms."""
    found: list[tuple[str, int, int]] = []
    for run in _RUN.finditer(fold(text)):
        word, offset = run.group(), run.start()
        if not word[0].isascii():
            pieces = rjieba.tokenize(word, mode="search", hmm=True)
            found += [(piece, offset + start, offset + end) for piece, start, end in pieces if _tells_something(piece)]
        elif _tells_something(word):
            found.append((word, offset, run.end()))
    return found


def _tells_something(term: str) -> bool:
    return term not in STOP_TERMS and (len(term) > 1 or not term.isascii())
