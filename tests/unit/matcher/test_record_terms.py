"""How often achievements hold the terms of a need: the same out of the index of words and out of their texts."""

from dataclasses import replace

import numpy as np

from matcher.models import Achievement
from matcher.record_terms import RecordTerms, counts_in
from matcher.service import Service
from tests.support.records import achievement

TERMS = ("电池", "电解质", "无此词", "涂层")


def posted(service: Service) -> list[Achievement]:
    """Return published ones, one of them edited, and a draft, which no search holds."""
    given = [
        achievement("固态电池", description="电池与电解质。电池。"),
        achievement("耐磨涂层"),
        achievement("不燃电解质", status="draft"),
    ]
    first, *others = (service.postings.post(each, "李") for each in given)
    changed = service.postings.edit(replace(first, title="电池的涂层"), "李")
    return [each for each in (changed, *others) if isinstance(each, Achievement)]


def test_counts_come_from_the_index_and_from_texts_alike(service: Service) -> None:
    records, terms = posted(service), RecordTerms(service.store, service.engine)
    asked = [*reversed(records), records[0]]
    counts, lengths = terms.counts(TERMS, asked)
    np.testing.assert_array_equal(counts, [[0, 0, 4, 4], [2, 0, 1, 1], [0, 0, 0, 0], [0, 2, 2, 2]])
    expected, all_terms = counts_in([each.counted for each in terms.of("achievement", asked)], TERMS)
    np.testing.assert_array_equal(counts, expected)
    np.testing.assert_array_equal(lengths, all_terms)


def test_titles_are_those_of_the_texts(service: Service) -> None:
    records, terms = posted(service), RecordTerms(service.store, service.engine)
    assert terms.titles("achievement", records) == [each.title for each in terms.of("achievement", records)]
    assert "涂层" in terms.titles("achievement", records)[0]


def test_nothing_asked_and_nobody_asked_about(service: Service) -> None:
    records, terms = posted(service), RecordTerms(service.store, service.engine)
    assert terms.counts((), records)[0].shape == (0, 3)
    assert terms.counts(TERMS, [])[0].shape == (4, 0)
