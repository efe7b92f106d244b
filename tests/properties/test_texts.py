"""Any text that is accepted comes back as it was; what could not come back is refused by name."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.segment import fold, locate_terms, terms
from index.sentences import split_sentences
from matcher.documents import body_terms, title_terms
from matcher.errors import InvalidInputError
from matcher.models import KINDS, Kind, Record
from matcher.service import Service
from matcher.store import search_terms
from tests.support.records import record

any_text = st.text(st.characters(exclude_categories=()), max_size=40)
items = st.lists(any_text.filter(lambda text: len(text) <= 40), max_size=4).map(tuple)
chinese = st.text("锂离子电池木材防霉的技术研发zif-8.PM2５５ＡＩ ①ﬁ\n，。", max_size=60)


def is_broken(text: str) -> bool:
    return "\x00" in text or (not text.isascii() and any(0xD800 <= ord(character) <= 0xDFFF for character in text))


def broken_fields(record: Record) -> set[str]:
    texts = {"title": [record.title], "description": [record.description], "keywords": record.keywords}
    found = {
        name for name, values in (texts | {"indicators": record.indicators}).items() if any(map(is_broken, values))
    }
    return found if record.title.strip() else found | {"title"}


@given(kind=st.sampled_from(KINDS), title=any_text, description=any_text, keywords=items, indicators=items)
@example("need", "'; drop table need; --", '"%_\\', ("{}", "null"), ("\ufeff", "\u2028"))
@example("need", "\ud83d", "", (), ())
@example("need", "a\x00b", "\x00", ("\x00",), ("\udfff",))
def test_texts_come_back_or_are_refused(
    shared: Service, kind: Kind, title: str, description: str, keywords: tuple[str, ...], indicators: tuple[str, ...]
) -> None:
    wanted = record(kind, title, description=description, keywords=keywords, indicators=indicators)
    if broken := broken_fields(wanted):
        with pytest.raises(InvalidInputError) as refused:
            shared.postings.post(wanted, "李")
        assert refused.value.problems.keys() == broken
        assert all(refused.value.problems.values())
        return
    stored = shared.postings.post(wanted, "李")
    found = shared.postings.get(kind, stored.id)
    assert (found.title, found.description, found.keywords, found.indicators) == (
        title,
        description,
        keywords,
        indicators,
    )
    shared.postings.edit(replace(found, description=description + "改"), "李")
    assert shared.postings.get(kind, stored.id).description == description + "改"
    assert stored.id in [each.id for each, _ in shared.matching.search(kind, title, k=100_000)]


@given(text=st.one_of(any_text, chinese))
@example("İ ﬁ Ⅻ ㎡ ß ＺＩＦ－８")
def test_terms_stand_where_they_say(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    for term in locate_terms(text):
        assert folded[term.start : term.end] == term.text


@given(text=st.one_of(any_text, chinese))
def test_sentences_stand_where_they_say_and_in_order(text: str) -> None:
    end = 0
    for sentence in split_sentences(text):
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.start >= end
        end = sentence.end


@given(title=chinese.filter(str.strip), description=chinese)
@example("ZIF-8 膜与 PM2.5", "al2o3 𰻝面 𠮷野家 ㎡")
def test_every_term_of_a_record_finds_it(shared: Service, title: str, description: str) -> None:
    stored = shared.postings.post(record("achievement", title, description=description), "李")
    own = {*title_terms(stored), *body_terms(stored)}
    assert own == {*terms(title), *terms(description)}
    db = shared.store.db
    assert search_terms.document_frequencies(db, "achievement", sorted(own)).keys() == own
    for term in own:
        assert search_terms.best(db, "achievement", {term: 1}, 5, allowed=[stored.id])
