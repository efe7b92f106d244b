"""What holds of every search: filters lose nothing, scale does not matter, what is gone stays gone."""

from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.dense import DenseIndex
from index.fusion import fused, standardised
from matcher.models import Achievement, Filters
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import postings
from tests.support.hash_encoder import HashEncoder
from tests.support.records import achievement, assert_consistent

pytestmark = pytest.mark.wide

FIELDS = ("1", "1.1", "4", "4.5", "自定义领域", "")
REGIONS = ("340000", "340100", "341504", "110105", "长三角", "")
MODES = ("transfer", "licence", "service")
KINDS_OF_ORGANISATION = ("university", "institute")
numbers = count()

filters = st.builds(
    Filters,
    field=st.sampled_from(FIELDS),
    region=st.sampled_from(REGIONS),
    maturity=st.sampled_from([None, 1, 5, 9]),
    mode=st.sampled_from(("", *MODES)),
    organisation_kind=st.sampled_from(("", *KINDS_OF_ORGANISATION)),
)


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with 120 achievements of every sort."""
    records = [
        achievement(
            f"成果{number}：{'锂离子电池' if number % 3 else '木材防霉'}{number % 7}",
            field=FIELDS[number % 6],
            region=REGIONS[number // 3 % 6],
            maturity=number % 10 or None,
            modes=tuple(mode for place, mode in enumerate(MODES) if number >> place & 1),
            organisation=f"单位{number % 11}",
            organisation_kind=KINDS_OF_ORGANISATION[number % 11 % 2],
            status="published" if number % 8 else "closed",
        )
        for number in range(120)
    ]
    service = Service(Settings(home=tmp_path_factory.mktemp("varied")), HashEncoder())
    service.postings.save_many(records, "李")
    yield service
    service.close()


def admits(wanted: Filters, record: Achievement) -> bool:
    """Say what a filter means, in other words than the store's SQL."""
    region = wanted.region.removesuffix("00").removesuffix("00") if wanted.region.isdecimal() else wanted.region
    return (
        record.status == "published"
        and (not wanted.field or record.field == wanted.field or record.field.startswith(f"{wanted.field}."))
        and record.region.startswith(region)
        and (wanted.maturity is None or (record.maturity or 0) >= wanted.maturity)
        and (not wanted.mode or wanted.mode in record.modes)
        and (not wanted.organisation_kind or record.organisation_kind == wanted.organisation_kind)
    )


@given(wanted=filters, k=st.integers(1, 150), text=st.sampled_from(["锂离子电池3", "木材防霉", "无关"]))
def test_a_filter_never_loses_a_result(varied: Service, wanted: Filters, k: int, text: str) -> None:
    everything = postings.get_many(varied.store.db, "achievement", range(1, 121))
    fitting = {record.id for record in everything if admits(wanted, record)}  # type: ignore[arg-type]
    found = varied.matching.search("achievement", text, wanted, k)
    assert len(found) == min(k, len(fitting))
    assert {record.id for record, _ in found} <= fitting
    scores = [candidate.score for _, candidate in found]
    assert scores == sorted(scores, reverse=True)
    assert varied.postings.count("achievement", wanted) == len(fitting)


@given(wanted=filters)
def test_a_facet_counts_what_choosing_it_would_leave(varied: Service, wanted: Filters) -> None:
    counts = varied.postings.facets("achievement", wanted)
    for value, expected in counts["mode"].items():
        chosen = Filters(**{**plain(wanted), "mode": value})
        assert varied.postings.count("achievement", chosen) == expected
    for value, expected in counts["organisation_kind"].items():
        chosen = Filters(**{**plain(wanted), "organisation_kind": value})
        assert varied.postings.count("achievement", chosen) == expected


def plain(wanted: Filters) -> dict[str, object]:
    return {name: getattr(wanted, name) for name in Filters.__dataclass_fields__}


@given(steps=st.lists(st.tuples(st.sampled_from("pewrd"), st.integers(0, 9)), max_size=12))
@settings(max_examples=25)
def test_a_search_finds_exactly_what_is_published(shared: Service, steps: list[tuple[str, int]]) -> None:
    """Steps: post, edit, withdraw, publish again, delete; the number chooses among the records of this example."""
    mark = f"记号{next(numbers)}甲"
    own: dict[int, bool] = {}
    for verb, number in steps:
        chosen = sorted(own)[number % len(own)] if own else None
        if verb == "p":
            own[shared.postings.post(achievement(f"{mark}{number}"), "李").id] = True
        elif chosen is not None and verb == "e":
            shared.postings.edit(achievement(f"{mark}改{number}", id=chosen), "李")
        elif chosen is not None and verb == "d":
            shared.postings.delete("achievement", chosen, "李")
            del own[chosen]
        elif chosen is not None and own[chosen] == (verb == "w"):
            shared.postings.change_status("achievement", chosen, "closed" if verb == "w" else "published", "李")
            own[chosen] = verb == "r"
        found = {record.id for record, _ in shared.matching.search("achievement", mark, k=10_000)}
        assert found & set(own) == {item_id for item_id, published in own.items() if published}
        published = set(postings.ids(shared.store.db, "achievement", Filters()))
        assert found == published
    assert_consistent(shared)


scores = arrays(np.float64, st.integers(1, 20), elements=st.integers(-1000, 1000).map(float))


@given(
    data=st.data(), one=scores, scale=st.sampled_from([0.001, 0.5, 3.0, 1e6]), shift=st.sampled_from([-50.0, 0.0, 7.0])
)
def test_fusion_ignores_the_scale_of_scores(data: st.DataObject, one: np.ndarray, scale: float, shift: float) -> None:
    other = data.draw(arrays(np.float64, len(one), elements=st.integers(-1000, 1000).map(float)))
    plain_scores = fused([one, other], [1.0, 0.6])
    np.testing.assert_allclose(fused([one * scale + shift, other], [1.0, 0.6]), plain_scores, atol=1e-6)
    np.testing.assert_allclose(fused([one, other * scale + shift], [1.0, 0.6]), plain_scores, atol=1e-6)


@given(one=scores)
def test_standardised_scores_keep_the_order(one: np.ndarray) -> None:
    found = standardised(one)
    assert np.isfinite(found).all()
    assert (np.argsort(found, kind="stable") == np.argsort(one, kind="stable")).all()


@given(
    seed=st.integers(0, 1000),
    size=st.integers(0, 60),
    k=st.integers(1, 80),
    removed=st.sets(st.integers(0, 59)),
    allowed=st.none() | st.lists(st.integers(0, 80), max_size=40),
    exact_limit=st.sampled_from([1000, 5]),
)
def test_the_index_equals_comparing_with_every_vector(
    seed: int, size: int, k: int, removed: set[int], allowed: list[int] | None, exact_limit: int
) -> None:
    # Few distinct directions, so that there are many ties.
    vectors = np.eye(8, dtype=np.float32)[np.random.default_rng(seed).integers(0, 8, size)]
    index = DenseIndex("model@1", 8, exact_limit)
    index.rebuild(range(size), vectors)
    index.train()
    assert index.is_exact is (size <= exact_limit)
    gone = sorted(number for number in removed if number < size)
    index.remove(gone)
    index.put(gone[:3], vectors[:1].repeat(len(gone[:3]), axis=0))
    held = {number: vectors[number] for number in range(size) if number not in gone}
    held |= dict.fromkeys(gone[:3], vectors[0] if size else None)
    query = np.linspace(0.1, 0.8, 8, dtype=np.float32)
    query /= np.linalg.norm(query)
    wanted = {number: float(row @ query) for number, row in held.items() if allowed is None or number in allowed}
    hits = index.search(query, k, None if allowed is None else sorted(set(allowed)))
    best = sorted(wanted.values(), reverse=True)[:k]
    np.testing.assert_allclose(hits.scores, best, atol=1e-6)
    assert len(set(hits.ids.tolist())) == len(hits.ids) == len(best)
    for number, score in zip(hits.ids.tolist(), hits.scores.tolist(), strict=True):
        assert abs(wanted[number] - score) < 1e-6
