"""Demo work: in every state that a first look wants to see, of invented people, loaded once."""

from collections.abc import Iterator

import pytest

from matcher.cooperation import OUTCOME_KINDS
from matcher.demo_people import DEMO_BROKER, DEMO_PEOPLE, seed_people
from matcher.engagement import EngagementFilters
from matcher.models import Organisation
from matcher.seeding import demo_rows
from matcher.service import Service
from matcher.settings import Settings
from tests.conftest import CHEAP_PASSWORDS
from tests.support.hash_encoder import HashEncoder

pytestmark = pytest.mark.wide

GAINED = dict[str, int]


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, GAINED]]:
    """A service with the catalogue, the demo people and their work; tests leave it as it is."""
    service = Service(Settings(home=tmp_path_factory.mktemp("worked"), **CHEAP_PASSWORDS), HashEncoder())
    service.seed("李")
    nothing = service.seed_work()
    seed_people(service.accounts, service.joining, "李")
    gained = service.seed_work()
    assert not any(nothing.values())
    yield service, gained
    service.close()


def test_each_row_is_loaded_once(worked: tuple[Service, GAINED]) -> None:
    service, gained = worked
    assert gained == {kind: len(demo_rows(f"{kind}s.jsonl")) for kind in gained} and all(gained.values())
    newest = service.store.db.execute("select max(id) from audit").fetchone()
    assert not any(service.seed_work().values())
    assert service.store.db.execute("select max(id) from audit").fetchone() == newest


def test_engagements_stand_in_every_state(worked: tuple[Service, GAINED]) -> None:
    engagements = worked[0].engagements
    found = engagements.listing(EngagementFilters(), size=100).items
    assert {each.state for each in found} == {"suggested", "contacting", "agreed", "negotiating", "signed", "ended"}
    assert all(each.is_demo for each in found) and {each.broker for each in found} == {DEMO_BROKER.name, ""}
    broker = worked[0].accounts.by_login(DEMO_BROKER.login)
    assert all(engagements.queue_counts(broker.id).values())
    assert any(worked[0].meetings.of_engagement(each) for each in found)
    assert any(worked[0].attachments.of("engagement", each.id) for each in found)
    assert any(each.interest_id for each in found)


def test_cooperations_stand_in_the_states_that_a_filing_goes_through(worked: tuple[Service, GAINED]) -> None:
    found = {each.state: each for each in worked[0].cooperations.listing(size=100).items}
    assert set(found) == {"draft", "submitted", "filed", "performing"}
    assert all("演示" in each.title and "演示" in each.note for each in found.values())
    assert found["filed"].filing_number.startswith("产学研-130407-")
    running = found["performing"]
    assert running.milestones and {each.kind for each in running.outcomes} <= set(OUTCOME_KINDS)
    assert any(each.paid_yuan for each in running.payments)
    linked = worked[0].engagements.of_pair(running.need_id or 0, running.achievement_id or 0)
    assert linked is not None and linked.cooperation_id == running.id


def test_each_of_the_demo_people_finds_something(worked: tuple[Service, GAINED]) -> None:
    service = worked[0]
    for person in DEMO_PEOPLE:
        place = (
            None if person is DEMO_BROKER else service.joining.organisation(Organisation(name=person.organisation)).id
        )
        assert service.engagements.listing(EngagementFilters(owner_id=place)).total > 1
        assert service.interests.listing(place).total > 1
        claims = service.rewards.claims(place)
        assert any(each.amount_yuan for each in claims) and any(each.missing for each in claims)
    rewrites = service.rewrites.of_need(service.postings.find("need", "demo-n-wood-02").id)
    assert [each.is_open for each in rewrites] == [True]


def test_no_contact_could_be_somebodys(worked: tuple[Service, GAINED]) -> None:
    for row in demo_rows("interests.jsonl"):
        contacts = [row["questions"]["contact"], row.get("answer", {}).get("contact", "演示联系人，电话 000-")]
        assert all(each.startswith("演示联系人，电话 000-") for each in contacts)
