"""Made-up records whose words are spread as those of real ones: topics, Zipf's law, and new words without end.

Words, their counts and the lengths of texts are learnt from a file of records as it is read; no text of it comes back.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from index.segment import terms

DIM = 384
_TOPICS = 1000
_LEARNT = 12_000
# Half of a text is drawn from the words of one real text, so that words stand together as they do in a topic.
_OF_TOPIC = 0.5
_RARE_WORDS = 5_000_000

Matrix = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]
Chance = np.random.Generator


class Wording(NamedTuple):
    """What texts are made of: the words, and the word numbers of all learnt texts one after another."""

    words: list[str]
    characters: list[str]
    stream: Numbers
    starts: Numbers
    lengths: Numbers
    title_lengths: Numbers
    rare_share: float


class MadeUp(NamedTuple):
    """The terms of a text's title and body, and its unit vector (DIM,)."""

    title: list[str]
    body: list[str]
    vector: Matrix

    @property
    def title_text(self) -> str:
        """The title as it would be read."""
        return "".join(self.title)

    @property
    def description(self) -> str:
        """The description as it would be read, a comma after every eighth word."""
        return "，".join("".join(self.body[start : start + 8]) for start in range(0, len(self.body), 8))


def learnt(path: Path) -> Wording:
    """Return the wording of a .jsonl file of records."""
    texts = []
    with path.open(encoding="utf-8") as lines:
        for line in islice(lines, _LEARNT):
            row = json.loads(line)
            texts.append((terms(row["title"]), terms("\n".join([row["description"], *row.get("keywords", [])]))))
    counts = Counter(chain.from_iterable(chain(*text) for text in texts))
    numbers = {word: number for number, word in enumerate(counts)}
    stream = np.array([numbers[word] for text in texts for word in chain(*text)], dtype=np.int64)
    sizes = np.array([len(title) + len(body) for title, body in texts], dtype=np.int64)
    return Wording(
        words=list(counts),
        characters=sorted({letter for word in counts for letter in word if letter > "\u4e00"}),
        stream=stream,
        starts=np.cumsum(sizes) - sizes,
        lengths=sizes,
        title_lengths=np.array([len(title) for title, _ in texts], dtype=np.int64),
        # Good and Turing: the share of words that were met once is the chance that the next word is a new one.
        rare_share=sum(count == 1 for count in counts.values()) / len(stream),
    )


def made_up(wording: Wording, count: int, chance: Chance) -> list[MadeUp]:
    """Return `count` made-up texts."""
    topics = chance.integers(0, len(wording.starts), count)
    sizes = np.maximum(2, wording.lengths[chance.integers(0, len(wording.starts), count)])
    titles = np.minimum(sizes - 1, wording.title_lengths[topics])
    words = _drawn(wording, np.repeat(topics, sizes), chance)
    vectors = _vectors(topics % _TOPICS, chance)
    ends = np.cumsum(sizes)
    return [
        MadeUp(words[end - size : end - size + title], words[end - size + title : end], vector)
        for end, size, title, vector in zip(ends, sizes, titles, vectors, strict=True)
    ]


def _drawn(wording: Wording, topics: Numbers, chance: Chance) -> list[str]:
    """Return one word for each of `topics`."""
    total = len(topics)
    inside = wording.starts[topics] + (chance.random(total) * wording.lengths[topics]).astype(np.int64)
    anywhere = chance.integers(0, len(wording.stream), total)
    numbers = wording.stream[np.where(chance.random(total) < _OF_TOPIC, inside, anywhere)]
    words = [wording.words[number] for number in numbers.tolist()]
    rare = np.flatnonzero(chance.random(total) < wording.rare_share)
    # Evenly spread logarithms: each ten times rarer word is ten times less likely.
    for place, number in zip(
        rare.tolist(), (_RARE_WORDS ** chance.random(len(rare))).astype(int).tolist(), strict=True
    ):
        words[place] = _rare_word(number, wording.characters)
    return words


def _rare_word(number: int, characters: Sequence[str]) -> str:
    word, base = "", len(characters)
    while number or len(word) < 2:
        number, digit = divmod(number, base)
        word += characters[digit]
    return word


@cache
def _centres() -> Matrix:
    return np.random.default_rng(0).standard_normal((_TOPICS, DIM), dtype=np.float32)


def _vectors(topics: Numbers, chance: Chance) -> Matrix:
    rows = _centres()[topics] + chance.standard_normal((len(topics), DIM), dtype=np.float32)
    unit: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


class TopicEncoder:
    """Gives every text a vector near one of the topics, by a hash of the text: no model, hardly any time."""

    dim = DIM
    model_id = "made-up@1"

    def encode(self, texts: Sequence[str], side: str, progress: Callable[[int], None] | None = None) -> Matrix:
        """Return float32 unit rows (n, DIM)."""
        seeds = [int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") for text in texts]
        rows = [_vectors(np.array([seed % _TOPICS]), np.random.default_rng(seed))[0] for seed in seeds]
        if progress:
            progress(len(texts))
        return np.stack(rows) if rows else np.zeros((0, DIM), dtype=np.float32)
