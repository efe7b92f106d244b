"""The demo catalogue: enough of it, all marked, no text twice, loaded once."""

from collections import Counter
from collections.abc import Iterator

import pytest

from matcher.models import KINDS, Filters
from matcher.seeding import DEMO_JUDGE, demo_judgments, demo_rows
from matcher.service import Service
from matcher.settings import Settings
from tests.support.hash_encoder import HashEncoder
from tests.support.records import assert_consistent

pytestmark = pytest.mark.wide

GAINED = dict[str, int]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, GAINED]]:
    """A service with the catalogue, and what it gained; tests leave it as it is."""
    service = Service(Settings(home=tmp_path_factory.mktemp("seeded")), HashEncoder())
    yield service, service.seed("李")
    service.close()


def test_there_is_enough(seeded: tuple[Service, GAINED]) -> None:
    gained = seeded[1]
    assert gained["organisation"] >= 60
    assert gained["need"] >= 90
    assert gained["achievement"] >= 240
    assert gained["verdict"] >= 200


def test_everything_is_marked_as_demo(seeded: tuple[Service, GAINED]) -> None:
    db = seeded[0].store.db
    for table in ("organisation", *KINDS):
        assert db.execute(f"select count(*) from {table} where not is_demo").fetchone() == (0,)
    assert db.execute("select distinct judge from verdict").fetchall() == [(DEMO_JUDGE,)]


def test_every_record_has_an_organisation_of_the_catalogue(seeded: tuple[Service, GAINED]) -> None:
    service, gained = seeded
    for kind in KINDS:
        query = f"select count(*) from {kind} where organisation_id is null"
        assert service.store.db.execute(query).fetchone() == (0,)
    assert service.postings.organisation_count() == gained["organisation"]


def test_a_second_seed_adds_nothing(seeded: tuple[Service, GAINED]) -> None:
    service = seeded[0]
    newest = service.store.db.execute("select max(id) from revision").fetchone()
    assert set(service.seed("李").values()) == {0}
    assert service.store.db.execute("select max(id) from revision").fetchone() == newest
    assert_consistent(service)


def test_what_is_missing_is_loaded_again(service: Service) -> None:
    first = service.seed("李")
    gone = service.postings.find("achievement", "demo-a-wood-01")
    service.postings.delete("achievement", gone.id, "李")
    again = service.seed("李")
    assert again["achievement"] == 1 and again["verdict"] > 0 and again["need"] == 0
    assert service.store.db.execute("select count(*) from verdict").fetchone() == (first["verdict"],)


def test_what_was_withdrawn_stays_so(service: Service) -> None:
    service.seed("李")
    found = service.postings.find("need", "demo-n-wood-01")
    service.postings.change_status("need", found.id, "closed", "李")
    service.seed("李")
    assert service.postings.find("need", "demo-n-wood-01").status == "closed"


@pytest.mark.parametrize("name", ["organisations", "needs", "achievements"])
def test_ids_are_unique(name: str) -> None:
    ids = [row["id"] for row in demo_rows(f"{name}.jsonl")]
    assert len(set(ids)) == len(ids)
    assert all(each.startswith("demo-") for each in ids)


@pytest.mark.parametrize("field", ["title", "description"])
def test_no_text_stands_twice(field: str) -> None:
    texts = Counter(row[field] for kind in KINDS for row in demo_rows(f"{kind}s.jsonl"))
    assert [text for text, times in texts.items() if times > 1] == []


def test_sentences_are_not_copied_between_records() -> None:
    sentences = Counter(
        sentence
        for kind in KINDS
        for row in demo_rows(f"{kind}s.jsonl")
        for sentence in set(row["description"].replace("\n", "。").split("。"))
        if len(sentence) >= 15
    )
    assert [text for text, times in sentences.items() if times > 1] == []


def test_judged_pairs_name_records_of_the_catalogue() -> None:
    known = {kind: {row["id"] for row in demo_rows(f"{kind}s.jsonl")} for kind in KINDS}
    pairs = [(asking, offering) for asking, offering, _ in demo_judgments()]
    assert len(set(pairs)) == len(pairs)
    assert {asking for asking, _ in pairs} <= known["need"]
    assert {offering for _, offering in pairs} <= known["achievement"]
    assert {grade for *_, grade in demo_judgments()} == {0, 1, 2, 3}


def test_judged_achievements_are_found_by_their_needs(seeded: tuple[Service, GAINED]) -> None:
    # With the toy encoder, so little is asked: of the pairs graded 3, half among the first 100 of 240.
    service = seeded[0]
    best = [(asking, offering) for asking, offering, grade in demo_judgments() if grade == 3][:30]
    found = 0
    for asking, offering in best:
        ranked = service.matching.candidates("need", service.postings.find("need", asking).id, 100)
        found += service.postings.find("achievement", offering).id in [each.item_id for each in ranked]
    assert found >= len(best) / 2
    assert service.postings.count("need", Filters()) >= 90
