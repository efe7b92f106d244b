"""The tokenizer of the bundled model, from the vocabulary and character map of its weights file."""

import struct
from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from index.bundled_weights import Vocabulary

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_SPACE_MARK = "▁"
_IS_VALUE = 1 << 31
_HAS_VALUE = 1 << 8
_OFFSET_SHIFT = 10
# Stands for "the key ends here": text holds no NUL byte, so no key does.
_END = 0


def build_tokenizer(vocabulary: Vocabulary, character_map: Mapping[str, str]) -> "Tokenizer":
    """Return a `tokenizers` Unigram tokenizer that cuts text as the package's own engine does.

    Characters are rewritten one by one through `character_map`, not by NFKC: NFKC would also
    change `～`, and would compose letters with the accents that follow them.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    scored = list(zip(vocabulary.pieces, vocabulary.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(scored, vocabulary.unknown_id, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(compile_character_map(character_map)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(_SPACE_MARK, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(_SPACE_MARK, prepend_scheme="always")
    _add_special_tokens(tokenizer, vocabulary)
    return tokenizer


def _add_special_tokens(tokenizer: "Tokenizer", vocabulary: Vocabulary) -> None:
    from tokenizers import processors

    begin, end = vocabulary.pieces[vocabulary.begin_id], vocabulary.pieces[vocabulary.end_id]
    tokenizer.add_special_tokens(
        [
            begin,
            vocabulary.pieces[vocabulary.padding_id],
            end,
            vocabulary.pieces[vocabulary.unknown_id],
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, vocabulary.begin_id), (end, vocabulary.end_id)],
    )


def compile_character_map(character_map: Mapping[str, str]) -> bytes:
    """Return `character_map` in SentencePiece's precompiled form.

    That is: u32 size of a trie, the trie, and the replacement texts each ended by NUL; the trie's
    value for a character is where its replacement starts. It is the only form in which
    `tokenizers` applies thousands of replacements in one pass.
    """
    starts: dict[bytes, int] = {}
    replacements = bytearray()
    for character, replacement in character_map.items():
        starts[character.encode()] = len(replacements)
        replacements += replacement.encode() + b"\0"
    units = build_double_array(starts)
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + bytes(replacements)


def build_double_array(values: Mapping[bytes, int]) -> list[int]:
    """Return the u32 units of a darts-clone double array that maps each key to its value.

    A unit is either a value (bit 31 set) or a node: its label in bits 0-7, "has a value" in
    bit 8, and in bits 10-30 what its own position is XORed with to reach its base. The child by
    byte b sits at base ^ b, the value at base ^ 0. The length is a multiple of 256, so no look-up
    leaves the array. Format: https://github.com/s-yata/darts-clone
    """
    placed = {0: 0}
    bases: set[int] = set()
    first_tries: dict[tuple[int, ...], int] = {}
    nodes = [(0, _grow_trie(values))]
    for position, children in nodes:
        labels = tuple(children)
        # Free places only ever get fewer: a base too low for these labels before still is.
        base = _find_base(labels, first_tries.get(labels, 1), placed, bases)
        first_tries[labels] = base
        bases.add(base)
        placed[position] |= (position ^ base) << _OFFSET_SHIFT | (_HAS_VALUE if _END in children else 0)
        for label, child in children.items():
            placed[base ^ label] = child | _IS_VALUE if label == _END else label
            if label != _END:
                nodes.append((base ^ label, child))
    return [placed.get(position, 0) for position in range((max(placed) | 255) + 1)]


def _grow_trie(values: Mapping[bytes, int]) -> dict[int, Any]:
    root: dict[int, Any] = {}
    for key, value in values.items():
        node = root
        for byte in key:
            node = node.setdefault(byte, {})
        node[_END] = value
    return root


def _find_base(labels: tuple[int, ...], start: int, placed: dict[int, int], bases: set[int]) -> int:
    # Two nodes with one base would claim each other's children, for units keep only the label.
    for base in count(start):
        if base not in bases and not any(base ^ label in placed for label in labels):
            return base
    raise AssertionError("count() does not end")
