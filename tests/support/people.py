"""People for tests: the administrator who is signed in by default, and members of organisations."""

from flask.testing import FlaskClient

from matcher.accounts import NewAccount
from matcher.models import Organisation
from matcher.people import Account, MemberRole
from matcher.service import Service

PASSWORD = "一只蓝色的水杯在桌上"
NAME = "本机用户"
SIGNATURE = "本机用户（管理员）"


def administrator(service: Service) -> Account:
    """Return the administrator, made when missing."""
    found = [each for each in service.accounts.listing().items if each.login == "chief"]
    return (
        found[0] if found else service.accounts.add(NewAccount("chief", NAME, PASSWORD), "测试", is_administrator=True)
    )


def member(service: Service, login: str, organisation: str, role: MemberRole, is_owner: bool = False) -> Account:
    """Return a new account that belongs to the organisation."""
    account = service.accounts.add(NewAccount(login, login, PASSWORD), "测试")
    found = service.joining.organisation(Organisation(name=organisation))
    service.joining.put(account, found.id, role, is_owner, "测试")
    return account


def sign_in(client: FlaskClient, service: Service, account: Account | None = None) -> FlaskClient:
    """Return the client with a session of the account, by default of the administrator, in its cookie."""
    token = service.signing_in.begin(account or administrator(service), "127.0.0.1", "test")
    with client.session_transaction() as cookie:
        cookie["account"] = token
    return client
