"""Ids in addresses, on a store whose triggers are the real ones."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from matcher.public_ids import NO_ROW
from matcher.service import Service
from matcher.settings import Settings
from matcher.store import Store
from matcher.store.migrations import migrations
from tests.conftest import CHEAP_PASSWORDS
from tests.support.examples import RECORDS
from tests.support.hash_encoder import HashEncoder
from tests.support.people import sign_in
from tests.support.records import need
from tests.support.visitor import Visitor
from web import create_app

pytestmark = pytest.mark.wide


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(Settings(home=tmp_path, **CHEAP_PASSWORDS), HashEncoder())
    for record in RECORDS:
        service.postings.post(record, "测试")
    yield service
    service.close()


@pytest.fixture
def visitor(service: Service) -> Visitor:
    return Visitor(sign_in(create_app(service=service).test_client(), service))


def test_addresses_say_nothing_of_how_many_records_there_are(visitor: Visitor, service: Service) -> None:
    page = visitor.open("/needs") + visitor.open("/achievements") + visitor.open("/administration/organisations")
    links = set(re.findall(r'href="/(?:needs|achievements|organisations)/([^/"?#]+)"', page))
    found = links - {"new", "export", "on-behalf"}
    assert len(found) >= len(RECORDS)
    assert all(re.fullmatch(r"[0-9a-f]{18}", each) for each in found)


def test_pages_work_under_their_random_addresses(visitor: Visitor, service: Service) -> None:
    address = f"/needs/{service.public_ids.of('need', 1)}"
    page = visitor.open(address)
    reasons = re.search(r'href="(/matches/[0-9a-f]{18}/[0-9a-f]{18})"', page)
    assert reasons and "共同词" in visitor.open(reasons[1])
    record = re.search(r'href="(/cooperations/new\?[^"]+)"', page)
    assert record and service.postings.get("need", 1).title in visitor.open(record[1].replace("&amp;", "&"))


@pytest.mark.parametrize(
    "address", ["/needs/1", "/needs/-1", "/achievements/999999", "/organisations/1", "/matches/1/1"]
)
def test_numbers_lead_nowhere(visitor: Visitor, address: str) -> None:
    visitor.open(address, 404)


def test_a_deleted_record_takes_its_id_along(service: Service) -> None:
    made = service.postings.post(need(), "测试")
    public_id = service.public_ids.of("need", made.id)
    assert service.public_ids.find("need", public_id) == made.id
    service.postings.delete("need", made.id, "测试")
    assert service.public_ids.find("need", public_id) == NO_ROW
    assert service.public_ids.find("achievement", public_id) == NO_ROW


def test_records_of_an_older_store_get_theirs(tmp_path: Path) -> None:
    store = Store(tmp_path / "new.db")
    old = store.db.__class__(tmp_path / "old.db")
    migrations.apply(old, stop_before="public_ids")
    old.execute("insert into organisation (name) values ('甲厂')")
    migrations.apply(old)
    assert old.execute("select kind, item_id, length(public_id) from public_id").fetchall() == [("organisation", 1, 18)]
    old.close()
    store.close()


def test_the_command_knows_a_need_by_the_end_of_its_address(service: Service) -> None:
    assert service.postings.find("need", service.public_ids.of("need", 2)).id == 2
