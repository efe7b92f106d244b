"""What the page of one match shows: its reasons as the domain gives them, with the texts marked."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from matcher.answers import Explanation, Factor, SharedTerm, Span
from matcher.cooperation import Cooperation
from matcher.models import Record, Verdict
from web.confidence import points_in_words, probability
from web.marking import marked_shared, marked_spans


@dataclass(frozen=True, slots=True)
class MarkedRecord:
    """What a person reads of a record, with its shared terms marked."""

    record: Record
    title: Markup
    description: Markup
    indicators: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentence pair that fits best, marked."""

    need: Markup
    achievement: Markup


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of the score: `points` in words, and how long its bar is, 0-100, to the side of its sign."""

    name: str
    words: str
    points: str
    length: int
    is_gain: bool


@dataclass(frozen=True, slots=True)
class Reasons:
    """One match with its reasons, ready to be shown; `base_probability` (0-1) is that of a pair neutral in all."""

    explanation: Explanation
    bars: tuple[Bar, ...]
    log_odds: float
    base_probability: float
    need: MarkedRecord
    achievement: MarkedRecord
    sentences: Sentences | None
    verdicts: tuple[Verdict, ...]
    cooperations: tuple[Cooperation, ...]


def reasons_of(
    explanation: Explanation, verdicts: tuple[Verdict, ...], cooperations: tuple[Cooperation, ...]
) -> Reasons:
    """Return what the page shows; of `cooperations` (those of the need) the ones with this achievement are kept."""
    shared = explanation.shared_terms
    return Reasons(
        explanation=explanation,
        bars=_bars(explanation.factors),
        log_odds=explanation.base + sum(factor.contribution for factor in explanation.factors),
        base_probability=probability(explanation.base),
        need=marked_record(explanation.need, explanation.need_spans, shared),
        achievement=marked_record(explanation.achievement, explanation.achievement_spans, shared),
        sentences=_sentences(explanation),
        verdicts=verdicts,
        cooperations=tuple(each for each in cooperations if each.achievement_id == explanation.achievement.id),
    )


def marked_record(record: Record, spans: Sequence[Span], shared: Sequence[SharedTerm]) -> MarkedRecord:
    """Return the record's texts marked; `spans` count over `documents.reading_text(record)`."""
    pieces, start = [], 0
    for text in (record.title, record.description, *record.indicators):
        pieces.append(marked_spans(text, _within(spans, start, start + len(text)), shared))
        start += len(text) + 1 if text else 0  # The reading text leaves empty parts out.
    title, description, *indicators = pieces
    return MarkedRecord(record, title, description, tuple(indicators))


def _within(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    inside = (span for span in spans if start <= span.start and span.end <= end)
    return [Span(span.start - start, span.end - start, span.term) for span in inside]


def _bars(factors: Sequence[Factor]) -> tuple[Bar, ...]:
    """Return the parts of the score, the longest bar for the one that adds or takes away most."""
    most = max((abs(factor.contribution) for factor in factors), default=0.0) or 1.0
    return tuple(
        Bar(
            name=factor.name,
            words=factor.words,
            points=points_in_words(factor.contribution),
            length=round(100 * abs(factor.contribution) / most),
            is_gain=factor.contribution > 0,
        )
        for factor in factors
    )


def _sentences(explanation: Explanation) -> Sentences | None:
    pair = explanation.sentence_pair
    if pair is None:
        return None
    shared = explanation.shared_terms
    return Sentences(marked_shared(pair.need_sentence, shared), marked_shared(pair.achievement_sentence, shared))
