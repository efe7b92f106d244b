"""Why a match: shared terms and where they stand, the sentence pair that fits best, the parts of the score."""

from collections.abc import Mapping, Sequence

import numpy as np

from index.encoder import Encoder
from index.segment import Term, content_share, locate_terms, terms
from index.sentences import split_sentences
from matcher.controlled_lists import regions, technical_fields
from matcher.documents import reading_text
from matcher.models import Achievement, Candidate, Factor, Need, Record, SentencePair, SharedTerm, Span

_MOST_TERMS = 12
_MOST_SENTENCES = 24


def common_terms(need: Record, achievement: Record) -> list[str]:
    """Return the distinct terms of both texts that name something; parts of a longer one are left to the longer."""
    shared = {term for term in set(_all_terms(need)) & set(_all_terms(achievement)) if content_share(term)}
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
    held = [sum(weights.get(term, 0.0) for term in set(terms(sentence.text))) for sentence in sentences]
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
    return SentencePair(need_sentence=asked[row], achievement_sentence=offered[column], by="meaning")


def factors(need: Need, achievement: Achievement, candidate: Candidate | None) -> tuple[Factor, ...]:
    """Return the parts of the score, then the facts beside it that do not count yet."""
    return (
        _measured("含义", None if candidate is None else candidate.dense_rank_share),
        _measured("术语", None if candidate is None else candidate.lexical_rank_share),
        _stated("领域", _compare_fields(need.field, achievement.field)),
        _stated("成熟度", _compare_maturity(need.maturity, achievement.maturity)),
        _stated("地区", _compare_regions(need.region, achievement.region)),
    )


def _measured(name: str, share: float | None) -> Factor:
    words = "不在前列候选中" if share is None else f"高于 {round(100 * share)}% 的候选"
    if share == 1:
        words = "高于其余全部候选"
    return Factor(name=name, words=words, share=share, in_score=True)


def _stated(name: str, words: str) -> Factor:
    return Factor(name=name, words=words, share=None, in_score=False)


def _compare_fields(wanted: str, offered: str) -> str:
    if not wanted or not offered:
        return "需求未填" if not wanted else "成果未填"
    if wanted == offered:
        return f"相同：{technical_fields().name(wanted)}"
    shared = set(technical_fields().lineage(wanted)) & set(technical_fields().lineage(offered))
    return f"同属{technical_fields().name(min(shared))}" if shared else "不同"


def _compare_maturity(wanted: int | None, reached: int | None) -> str:
    if reached is None:
        return "成果未填"
    if wanted is None:
        return f"成果为 {reached} 级，需求未填"
    return f"成果 {reached} 级，{'达到' if reached >= wanted else '低于'}需求的 {wanted} 级"


def _compare_regions(wanted: str, offered: str) -> str:
    if not wanted or not offered:
        return "需求未填" if not wanted else "成果未填"
    shared = set(regions().lineage(wanted)) & set(regions().lineage(offered))
    if shared:
        return f"同在{regions().name(max(shared, key=lambda code: len(code.rstrip('0'))))}"
    return "不同省份" if wanted in regions() and offered in regions() else "不同"


def _all_terms(record: Record) -> list[str]:
    return terms("\n".join((reading_text(record), *record.keywords)))


def _longest_first(term: Term) -> tuple[int, int]:
    return term.start, -term.end
