"""What somebody may know of matches whose records they may not read in full. Pure."""

from collections.abc import Sequence

from matcher.answers import Factor
from matcher.controlled_lists import region_prefix
from matcher.factors import COMPARED, factors, missing
from matcher.folding import fold_places
from matcher.models import Achievement, Candidate, Filters, Need, Record

NOT_OPEN = "有一方没有对您公开"
_ALL_ELSE = "其余各项合计"

Listed = tuple[Record, Candidate]
# One row of a list: a record, and its near-duplicates behind it.
Row = tuple[Listed, ...]
Pair = tuple[Need, Achievement]


def readable_rows(rows: Sequence[Sequence[Listed]], filters: Filters) -> list[Row]:
    """Return rows of records as they are seen, best first.

    What is a near-duplicate only by what is hidden stands for itself, or a list would tell whose a hidden record is;
    and a record whose place is hidden answers no filter that asks for it.
    """
    found: list[Row] = []
    place = region_prefix(filters.region)
    for row in rows:
        known = tuple(each for each in row if each[0].region.startswith(place))
        found += _refolded(known) if len(known) > 1 else [known] if known else []
    return sorted(found, key=lambda row: -row[0][1].score)


def _refolded(row: Row) -> list[Row]:
    folded = fold_places([record for record, _ in row], len(row))
    return [tuple(row[place] for place in (first, *others)) for first, others in folded]


def readable_factors(real: Pair, seen: Pair, contributions: Sequence[float]) -> tuple[Factor, ...]:
    """Return what speaks for and against a match; what hangs on hidden parts is one sum.

    Apart, its parts would tell word by word what stands in a hidden text.
    """
    whole = factors(*real, contributions)
    if real == seen:
        return whole
    words = {factor.name: factor.words for factor in factors(*seen, contributions)}
    known = [each for each in whole if each.name in COMPARED and words[each.name] == each.words]
    rest = sum(each.contribution for each in whole if each not in known)
    return (*known, Factor(name=_ALL_ELSE, contribution=rest, words=NOT_OPEN))


def readable_gaps(real: Pair, seen: Pair) -> tuple[str, ...]:
    """Return what the sides that can be read in full do not say, in words."""
    hidden = tuple(side for side, whole, shown in zip(("需求", "成果"), real, seen, strict=True) if whole != shown)
    return tuple(words for words in missing(*real) if not words.startswith(hidden))
