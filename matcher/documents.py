"""The one place where a record becomes text to read, to embed and to search."""

import hashlib
from collections import Counter

from index.segment import terms
from matcher.models import Need, Record

_MOST_REPEATS = 3


def reading_text(record: Record) -> str:
    """Return what a person reads of a record: title, description, indicators, a line each."""
    return "\n".join(part for part in (record.title, record.description, *record.indicators) if part)


def circumstances(record: Record) -> tuple[str, ...]:
    """Return what a need says of the conditions of its problem and of what was tried, where it does."""
    return tuple(each for each in (record.conditions, record.present_state) if each) if isinstance(record, Need) else ()


def dense_text(record: Record) -> str:
    """Return what is embedded: the reading text, the circumstances of a need and the keywords."""
    parts = (reading_text(record), *circumstances(record), " ".join(record.keywords))
    return "\n".join(part for part in parts if part)


def text_hash(record: Record) -> str:
    """Return a digest that changes exactly when the embedded text does."""
    return hashlib.sha256(dense_text(record).encode("utf-8", "surrogatepass")).hexdigest()


def title_terms(record: Record) -> list[str]:
    """Return the terms of the title, repeats kept."""
    return terms(record.title)


def body_terms(record: Record) -> list[str]:
    """Return the terms of description, indicators, circumstances and keywords, repeats kept."""
    return terms("\n".join((record.description, *record.indicators, *circumstances(record), *record.keywords)))


def query_terms(record: Record) -> Counter[str]:
    """Return how often each term counts when the record asks, at most 3 times a term."""
    return bounded(title_terms(record) + body_terms(record))


def text_query_terms(text: str) -> Counter[str]:
    """Return how often each term counts when a free text asks, at most 3 times a term."""
    return bounded(terms(text))


def bounded(asked: list[str]) -> Counter[str]:
    """Return how often each term counts, at most 3 times a term."""
    return Counter({term: min(times, _MOST_REPEATS) for term, times in Counter(asked).items()})
