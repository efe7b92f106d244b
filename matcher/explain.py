"""Why a match: shared terms and where they stand, the sentence pair that fits best."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from index.encoder import Encoder
from index.segment import Term, content_share, locate_terms, terms
from index.sentences import split_sentences
from matcher.answers import SentencePair, SharedTerm, Span
from matcher.documents import circumstances, reading_text
from matcher.models import Record

_MOST_TERMS = 12
_MOST_SENTENCES = 24


def common_terms(need: Record, achievement: Record) -> list[str]:
    """Return the distinct terms of both texts that name something; parts of a longer one are left to the longer."""
    shared = {term for term in _all_terms(need) & _all_terms(achievement) if content_share(term)}
    return sorted(term for term in shared if not any(term != other and term in other for other in shared))


def weigh(shared: Sequence[str], weights: Mapping[str, float]) -> tuple[SharedTerm, ...]:
    """Return the most telling shared terms, at most 12, heaviest first, ties by text.

    `weights` holds how rare a term is (`telling.term_weight`); how much it names a thing counts as well.
    """
    heavy = {term: weights.get(term, 0.0) * content_share(term) for term in shared}
    total = sum(heavy.values()) or 1.0
    ranked = sorted(heavy, key=lambda term: (-heavy[term], term))[:_MOST_TERMS]
    return tuple(SharedTerm(text=term, weight=heavy[term] / total) for term in ranked)


def mark(text: str, shared: Sequence[SharedTerm]) -> tuple[Span, ...]:
    """Return where the shared terms stand in `text`, in order and without overlaps (the longer one stays)."""
    places = {term.text: number for number, term in enumerate(shared)}
    found = [term for term in locate_terms(text) if term.text in places]
    spans: list[Span] = []
    for term in sorted(found, key=_longest_first):
        if not spans or term.start >= spans[-1].end:
            spans.append(Span(term.start, term.end, places[term.text]))
    return tuple(spans)


def closest_sentence(record: Record, shared: Sequence[SharedTerm]) -> str:
    """Return the sentence of the description that holds most weight of shared terms; "" when none holds any."""
    weights = {term.text: term.weight for term in shared}
    sentences = split_sentences(record.description)
    held = [sum(weights.get(term, 0.0) for term in _terms_of_sentence(sentence.text)) for sentence in sentences]
    if not held or max(held) == 0:
        return ""
    return sentences[int(np.argmax(held))].text


def best_sentence_pair(need: Record, achievement: Record, encoder: Encoder) -> SentencePair | None:
    """Return the sentence of each text whose vectors are nearest; None when a text has no sentence."""
    asked = [sentence.text for sentence in split_sentences(reading_text(need))][:_MOST_SENTENCES]
    offered = [sentence.text for sentence in split_sentences(reading_text(achievement))][:_MOST_SENTENCES]
    if not asked or not offered:
        return None
    likeness = encoder.encode(asked, "query") @ encoder.encode(offered, "passage").T
    # A sentence near to every other says nothing about the pair: what its row and column share is removed.
    likeness -= 0.5 * likeness.mean(axis=0, keepdims=True) + 0.5 * likeness.mean(axis=1, keepdims=True)
    row, column = np.unravel_index(int(np.argmax(likeness)), likeness.shape)
    return SentencePair(need_sentence=asked[row], achievement_sentence=offered[column])


def _all_terms(record: Record) -> frozenset[str]:
    return _terms_of_text("\n".join((reading_text(record), *circumstances(record), *record.keywords)))


@lru_cache(maxsize=1_000)
def _terms_of_text(text: str) -> frozenset[str]:
    return frozenset(terms(text))


@lru_cache(maxsize=10_000)
def _terms_of_sentence(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def _longest_first(term: Term) -> tuple[int, int]:
    return term.start, -term.end
