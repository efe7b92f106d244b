"""How two texts differ, piece by piece. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# Words in Latin letters and numbers whole, all else a character at a time.
_TOKEN = re.compile(r"[A-Za-z]+|[0-9]+(?:\.[0-9]+)?|\s+|.", re.DOTALL)
# Comparing takes time with the product of both lengths: longer passages count as exchanged whole.
_MOST_TOKENS = 1_500


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text that both have, that only the first has ("gone") or that only the second has ("new")."""

    state: Literal["same", "gone", "new"]
    text: str


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces of both texts in order: "same" and "gone" make up `before`, "same" and "new" `after`."""
    found: list[Piece] = []
    for old, new in _blocks(before.splitlines(keepends=True), after.splitlines(keepends=True)):
        if old == new:
            found.append(Piece("same", "".join(old)))
        else:
            found += _within("".join(old), "".join(new))
    return tuple(_joined(found))


def _within(before: str, after: str) -> Iterator[Piece]:
    """Yield the pieces of two passages that differ."""
    for old, new in _blocks(_TOKEN.findall(before), _TOKEN.findall(after)):
        if old == new:
            yield Piece("same", "".join(old))
            continue
        yield Piece("gone", "".join(old))
        yield Piece("new", "".join(new))


def _blocks(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Sequence[str], Sequence[str]]]:
    """Yield runs of both sequences that are equal, or stand in each other's place."""
    if max(len(before), len(after)) > _MOST_TOKENS:
        yield before, after
        return
    for _, low, high, new_low, new_high in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield before[low:high], after[new_low:new_high]


def _joined(found: Sequence[Piece]) -> Iterator[Piece]:
    """Yield the pieces, those of one state that follow each other as one, empty ones left out."""
    run: list[Piece] = []
    for piece in (each for each in found if each.text):
        if run and run[-1].state != piece.state:
            yield Piece(run[0].state, "".join(each.text for each in run))
            run = []
        run.append(piece)
    if run:
        yield Piece(run[0].state, "".join(each.text for each in run))
