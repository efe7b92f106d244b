"""The lexical side of a search: the index of words scores as FTS5 does, and what FTS5 costs at most in its place."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import lexical
from matcher.lexical import LexicalQuery, lexical_query, stored_query
from matcher.live_words import LiveWords
from matcher.settings import Settings
from matcher.store import Database, Store, revisions, search_terms

WORDS = tuple("甲乙丙丁戊己庚辛")
ITEMS = st.integers(1, 12)
TEXTS = st.text(st.sampled_from(WORDS), min_size=2, max_size=9)
# A text is put (posted, edited or published) under an id, or taken out (withdrawn or deleted).
CHANGES = st.lists(st.tuples(ITEMS, st.one_of(TEXTS, st.none())), max_size=30)
# Finding terms through FTS5, whatever they cost.
ALL = 10**9


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "matcher.db")


@pytest.fixture
def db(store: Store) -> Database:
    return store.db


def fill(db: Database, texts: dict[int, str]) -> None:
    for item_id, text in texts.items():
        search_terms.put(db, "achievement", item_id, [text[0]], list(text[1:]))


def change(store: Store, changes: list[tuple[int, str | None]]) -> None:
    for item_id, text in changes:
        with store.transaction() as db:
            if text is None:
                search_terms.remove(db, "achievement", item_id)
            else:
                fill(db, {item_id: text})
            revisions.add(db, "achievement", item_id, "saved")


def assert_alike(ours: LexicalQuery, theirs: LexicalQuery, allowed: list[int] | None) -> None:
    every = [*range(1, 14)]
    scores = theirs.scores(every)
    assert ours.scores(every) == pytest.approx(scores, abs=1e-9)
    for limit in (1, 4, 100):
        found, expected = ours.best(limit, allowed), theirs.best(limit, allowed)
        assert [score for _, score in found] == pytest.approx([score for _, score in expected])
        assert dict(found) == pytest.approx({item_id: scores[item_id] for item_id, _ in found})
        assert allowed is None or set(allowed).issuperset(dict(found))
        # Sums in another order may part ties by a rounding; else the order is the same, ties by id.
        rounded = [(-round(score, 9), item_id) for item_id, score in found]
        assert rounded == sorted(rounded)
        if limit == 100:
            assert dict(found).keys() == dict(expected).keys()


@pytest.mark.wide
@settings(max_examples=60, deadline=None)
@given(
    CHANGES,
    CHANGES,
    st.text(st.sampled_from((*WORDS, "壬")), min_size=1, max_size=6),
    st.one_of(st.none(), st.lists(ITEMS)),
    st.sampled_from([1, 1000]),
)
def test_the_index_of_words_answers_as_fts5_does(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[tuple[int, str | None]],
    after: list[tuple[int, str | None]],
    text: str,
    allowed: list[int] | None,
    snapshot_min: int,
) -> None:
    home = tmp_path_factory.mktemp("words")
    store, asked = Store(home / "matcher.db"), Counter(text)
    live = LiveWords(store, "achievement", Settings(home=home, snapshot_min=snapshot_min))
    for changes in (before, after):
        change(store, changes)
        words = live.current()
        assert words is not None
        assert words.view(WORDS).frequencies == search_terms.document_frequencies(store.db, "achievement", WORDS)
        assert (len(words), words.view([]).length) == search_terms.totals(store.db, "achievement")
        ours = lexical_query(store.db, "achievement", asked, words)
        assert_alike(ours, stored_query(store.db, "achievement", asked), allowed)
    store.close()


def test_terms_beyond_what_fts5_can_afford_score_what_rare_ones_find(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical, "RANKED_AT_LEAST", 5)
    fill(db, dict.fromkeys(range(1, 60), "甲乙") | {60: "丙甲", 61: "丁丙", 62: "丁丁"})
    query = stored_query(db, "achievement", Counter("甲丙"))
    assert query.finding == {"丙": 1}
    assert [item_id for item_id, _ in query.best(100)] == [60, 61]
    scores = query.scores([59, 60, 61, 62])
    assert scores[60] > scores[61] > scores[62] == 0 and scores[59] > 0
