"""Demo accounts, one for each role, in organisations of the demo catalogue; their passwords are shown once."""

from typing import NamedTuple

from matcher.accounts import Accounts, NewAccount
from matcher.joining import Joining
from matcher.models import Organisation
from matcher.passwords import generated
from matcher.people import MemberRole


class DemoPerson(NamedTuple):
    """Somebody invented: login, name, organisation, role."""

    login: str
    name: str
    organisation: str
    role: MemberRole


DEMO_BROKER = DemoPerson("demo-broker", "演示技术经纪人", "桑沚检测技术服务有限公司", "broker")
DEMO_PEOPLE = (
    DemoPerson("demo-enterprise", "演示企业用户", "青桐坞家居制造有限公司", "enterprise"),
    DemoPerson("demo-university", "演示高校用户", "云麓林业大学", "university"),
    DEMO_BROKER,
)


def seed_people(accounts: Accounts, joining: Joining, actor: str) -> list[tuple[DemoPerson, str]]:
    """Add the demo people that are missing; return each with the password, which is kept nowhere."""
    known = {each.login for each in accounts.listing("demo-", size=100).items}
    added = []
    for person in DEMO_PEOPLE:
        if person.login in known:
            continue
        password = generated()
        account = accounts.add(NewAccount(person.login, person.name, password), actor, is_demo=True)
        place = joining.organisation(Organisation(name=person.organisation))
        joining.put(account, place.id, person.role, True, actor)
        added.append((person, password))
    return added
