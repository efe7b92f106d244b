"""Folding near-duplicates: nothing is lost, nothing is shown twice, the order of the ranking stays."""

from hypothesis import given
from hypothesis import strategies as st

from matcher.folding import are_near, fold_places
from matcher.models import Achievement

TITLES = ("不燃凝胶电解质的锂离子电池", "木材防霉微乳液及浸渍处理技术", "锂", "")
TEXTS = (
    "",
    "以凝胶电解质代替易燃的碳酸酯，电芯针刺不起火、不爆炸。",
    "以凝胶电解质代替易燃的碳酸酯，电芯针刺不起火。",
    "制成透明微乳液。",
)

records = st.builds(
    Achievement,
    title=st.sampled_from(TITLES) | st.text("锂电池木材", max_size=4),
    description=st.sampled_from(TEXTS) | st.text("锂电池木材 ，", max_size=12),
    organisation=st.sampled_from(["", "云麓林业大学", "岚川研究院"]),
    team=st.sampled_from(["", "木材保护课题组"]),
)
rankings = st.lists(records, max_size=12)


@given(rankings)
def test_every_record_is_in_exactly_one_row(ranked: list[Achievement]) -> None:
    rows = fold_places(ranked, most=len(ranked))
    assert sorted(place for first, others in rows for place in (first, *others)) == list(range(len(ranked)))


@given(rankings)
def test_rows_keep_the_order_and_each_shows_its_best(ranked: list[Achievement]) -> None:
    rows = fold_places(ranked, most=len(ranked))
    firsts = [first for first, _ in rows]
    assert firsts == sorted(firsts)
    assert all(first < min(others) and list(others) == sorted(others) for first, others in rows if others)
    assert firsts[:1] == [0][: len(ranked)]


@given(rankings)
def test_what_is_folded_is_near_and_what_is_not_is_not(ranked: list[Achievement]) -> None:
    rows = fold_places(ranked, most=len(ranked))
    firsts = [ranked[first] for first, _ in rows]
    assert all(are_near(ranked[first], ranked[other]) for first, others in rows for other in others)
    assert not any(are_near(one, other) for place, one in enumerate(firsts) for other in firsts[:place])


@given(rankings, st.integers(0, 5))
def test_fewer_rows_are_the_first_of_more(ranked: list[Achievement], most: int) -> None:
    assert fold_places(ranked, most) == fold_places(ranked, len(ranked))[:most]


@given(records, records)
def test_being_near_has_no_direction(one: Achievement, other: Achievement) -> None:
    assert are_near(one, other) == are_near(other, one)
    assert are_near(one, one)
