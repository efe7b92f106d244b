"""What matching answers with: ranked lists and reasons, as frozen values."""

from dataclasses import dataclass
from typing import Literal

from matcher.models import TRUSTED_LEVEL, Achievement, Candidate, Level, Need, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTerm:
    """A term of both texts. `weight` is its share (0-1) of the weight of all shared terms."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open character range of a text; `term` is the index of the shared term that it shows."""

    start: int
    end: int
    term: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencePair:
    """The sentence of each text whose vectors are nearest."""

    need_sentence: str
    achievement_sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One family of features: what it adds to the log-odds of the match, exactly, and the facts in words."""

    name: str
    contribution: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One need with one achievement at its place in a ranked list, with the short reasons a row shows.

    `folded` are near-duplicates of the record that the row shows, best first.
    """

    rank: int
    need: Need
    achievement: Achievement
    candidate: Candidate
    shared_terms: tuple[SharedTerm, ...] = ()
    closest_sentence: str = ""
    folded: tuple[Record, ...] = ()

    @property
    def is_trusted(self) -> bool:
        """True when the pair is 较强相关 or better."""
        return (self.candidate.level or 1) >= TRUSTED_LEVEL


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that may bring better matches: a `field` of the record to fill in, or of the filters to relax."""

    part: Literal["record", "filter"]
    field: str
    action: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchList:
    """The counterparts of a record, best first, those to trust before the weak ones; near-duplicates are folded.

    `advice` is given when no match is trusted.
    """

    matches: tuple[Match, ...]
    ranker_version: str
    advice: tuple[Advice, ...] = ()

    @property
    def trusted(self) -> tuple[Match, ...]:
        """The matches that are 较强相关 or better."""
        return tuple(match for match in self.matches if match.is_trusted)

    @property
    def weak(self) -> tuple[Match, ...]:
        """The other ones, which nobody is shown unasked."""
        return tuple(match for match in self.matches if not match.is_trusted)

    @property
    def is_none(self) -> bool:
        """True when no match can be trusted."""
        return not self.trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The long reasons of a match: what opens in place under its row.

    `base`, the log-odds of a pair that is neutral in everything, and the contributions of `factors` add up to the
    log-odds of `probability` (0-1). `missing` names what the two records do not say.
    """

    need: Need
    achievement: Achievement
    shared_terms: tuple[SharedTerm, ...]
    need_spans: tuple[Span, ...]
    achievement_spans: tuple[Span, ...]
    sentence_pair: SentencePair | None
    factors: tuple[Factor, ...]
    missing: tuple[str, ...]
    base: float
    probability: float
    level: Level
    ranker_version: str
