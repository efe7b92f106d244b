"""Accounts and their sessions on a real store."""

import pytest

from matcher.accounts import NewAccount
from matcher.errors import InvalidInputError, LinkError, NotFoundError, SignInError, ThrottledError
from matcher.people import Account
from matcher.policy import Role
from matcher.service import Service
from matcher.throttling import SIGN_INS, SIGN_INS_OF_ADDRESS
from tests.conftest import OpenService

PASSWORD = "一只蓝色的水杯在桌上"
OTHER = "两把旧椅子靠着窗台上"
HERE = "192.0.2.1"


@pytest.fixture
def wang(service: Service) -> Account:
    return service.accounts.add(NewAccount("Wang", "王敏", PASSWORD), "测试")


def signed_in(service: Service, password: str = PASSWORD, address: str = HERE) -> str:
    return service.signing_in.sign_in(" wang ", password, address, "Browser")


def age(service: Service, column: str, time: str) -> None:
    with service.store.transaction() as db:
        db.execute(f"update session set {column} = ?", (f"{time}T00:00:00.000000+00:00",))


def dump(service: Service) -> str:
    """Return everything that the file holds as text."""
    return "\n".join(service.store.db.conn.iterdump())


def test_the_first_start_makes_one_administrator(open_service: OpenService) -> None:
    made = open_service().accounts.first_administrator()
    assert made is not None
    account, password = made
    assert account.is_administrator and account.login == "admin"
    service = open_service()
    assert service.accounts.first_administrator() is None
    token = service.signing_in.sign_in("admin", password, HERE)
    session = service.signing_in.session(token)
    assert session and Role.ADMINISTRATOR in service.signing_in.viewer(session).roles


def test_neither_passwords_nor_tokens_stand_in_the_file(service: Service, wang: Account) -> None:
    token, link = signed_in(service), service.accounts.reset_link(wang, "管理员")
    text = dump(service)
    assert PASSWORD not in text and token not in text and link not in text


def test_public_ids_are_random(service: Service) -> None:
    made = [service.accounts.add(NewAccount(f"login{n}", "李", PASSWORD), "测试") for n in range(5)]
    assert len({each.public_id for each in made}) == 5 and all(len(each.public_id) == 12 for each in made)


def test_names_are_told_apart(service: Service) -> None:
    made = [service.accounts.add(NewAccount(f"login{n}", " 李明 ", PASSWORD), "测试").name for n in range(3)]
    assert made == ["李明", "李明 2", "李明 3"]


@pytest.mark.parametrize(
    ("login", "name", "password", "field"),
    [
        ("ab", "李", PASSWORD, "login"),
        ("a b c", "李", PASSWORD, "login"),
        ("<script>", "李", PASSWORD, "login"),
        ("li", "", "short", "password"),
        ("lili", " ", PASSWORD, "name"),
        ("lili", "长" * 51, PASSWORD, "name"),
        ("lili", "李\n明", PASSWORD, "name"),
        ("WANG", "李", PASSWORD, "login"),
    ],
)
def test_what_breaks_a_rule_is_told(
    service: Service, wang: Account, login: str, name: str, password: str, field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        service.accounts.add(NewAccount(login, name, password), "测试")
    assert field in caught.value.problems


def test_unknown_logins_and_wrong_passwords_get_the_same_answer(service: Service, wang: Account) -> None:
    answers = []
    for login, password in (("wang", OTHER), ("nobody", OTHER), ("wang", ""), ("", PASSWORD)):
        with pytest.raises(SignInError) as caught:
            service.signing_in.sign_in(login, password, HERE)
        answers.append(str(caught.value))
    assert len(set(answers)) == 1


def test_a_session_tells_who_it_is_until_it_is_ended(
    service: Service, wang: Account, open_service: OpenService
) -> None:
    token = signed_in(service)
    session = open_service().signing_in.session(token)
    assert session and session.account == wang and (session.address, session.agent) == (HERE, "Browser")
    service.signing_in.end(wang.id, session.public_id)
    assert open_service().signing_in.session(token) is None


@pytest.mark.parametrize("token", ["", "x", "' or 1=1 --"])
def test_other_tokens_are_nobodys(service: Service, wang: Account, token: str) -> None:
    signed_in(service)
    assert service.signing_in.session(token) is None


@pytest.mark.parametrize("column", ["seen_at", "created_at"])
def test_sessions_run_out_when_idle_and_at_last(service: Service, wang: Account, column: str) -> None:
    token = signed_in(service)
    age(service, column, "2026-01-01")
    assert service.signing_in.session(token) is None and service.signing_in.sessions(wang.id) == ()
    signed_in(service)
    assert service.store.db.execute("select count(*) from session").fetchone() == (1,)


def test_each_sign_in_has_its_own_session_and_the_others_can_be_ended(service: Service, wang: Account) -> None:
    first, second = signed_in(service), signed_in(service)
    assert first != second and len(service.signing_in.sessions(wang.id)) == 2
    session = service.signing_in.session(second)
    assert session
    service.signing_in.end_others(wang.id, session.public_id)
    assert service.signing_in.session(first) is None and service.signing_in.session(second)


def test_nobody_ends_the_session_of_somebody_else(service: Service, wang: Account) -> None:
    token = signed_in(service)
    session = service.signing_in.session(token)
    other = service.accounts.add(NewAccount("li.li", "李", PASSWORD), "测试")
    assert session
    service.signing_in.end(other.id, session.public_id)
    assert service.signing_in.session(token)


def test_a_locked_account_is_out_at_once_and_only_whoever_knows_the_password_is_told(
    service: Service, wang: Account
) -> None:
    token = signed_in(service)
    service.accounts.set_locked(wang, True, "管理员")
    assert service.signing_in.session(token) is None
    with pytest.raises(SignInError, match="停用"):
        signed_in(service)
    with pytest.raises(SignInError, match="不对"):
        signed_in(service, OTHER)
    service.accounts.set_locked(wang, False, "管理员")
    assert service.signing_in.session(signed_in(service))


def test_another_password_ends_the_other_sessions(service: Service, wang: Account) -> None:
    first, second = signed_in(service), signed_in(service)
    kept = service.signing_in.session(second)
    assert kept
    with pytest.raises(InvalidInputError):
        service.accounts.change_password(wang, OTHER, OTHER, kept.public_id)
    service.accounts.change_password(wang, PASSWORD, OTHER, kept.public_id)
    assert service.signing_in.session(first) is None and service.signing_in.session(second)
    assert service.signing_in.session(signed_in(service, OTHER))


def test_a_reset_link_works_once_and_ends_all_sessions(service: Service, wang: Account) -> None:
    token = signed_in(service)
    early, link = (service.accounts.reset_link(wang, "管理员") for _ in range(2))
    with pytest.raises(InvalidInputError):
        service.accounts.reset(link, "short")
    assert service.accounts.reset(link, OTHER) == wang
    assert service.signing_in.session(token) is None
    for used in (link, early, "", "x"):
        with pytest.raises(LinkError):
            service.accounts.reset(used, PASSWORD)
    assert signed_in(service, OTHER)


def test_a_reset_link_expires(service: Service, wang: Account) -> None:
    link = service.accounts.reset_link(wang, "管理员")
    with service.store.transaction() as db:
        db.execute("update one_time_link set expires_at = '2026-01-01T00:00:00.000000+00:00'")
    with pytest.raises(LinkError):
        service.accounts.reset(link, OTHER)


def test_a_password_kept_at_another_cost_is_hashed_anew(open_service: OpenService) -> None:
    old, new = open_service(), open_service(password_memory_kib=16)
    account = old.accounts.add(NewAccount("wang", "王", PASSWORD), "测试")
    signed_in(new)
    hashed = new.store.db.execute("select password_hash from account where id = ?", (account.id,)).fetchone()[0]
    assert "m=16," in hashed and signed_in(new)


def fail(service: Service, times: int, login: str = "wang", address: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(SignInError):
            service.signing_in.sign_in(login, OTHER, address)


def test_guessing_is_stopped_from_where_it_comes_but_locks_nobody_out(
    open_service: OpenService, service: Service, wang: Account
) -> None:
    fail(service, SIGN_INS.amount)
    other_process = open_service()
    with pytest.raises(ThrottledError, match="分钟后再试"):
        signed_in(other_process)
    assert signed_in(other_process, address="192.0.2.2")
    fail(service, 1, login="li.li")


def test_guessing_many_logins_is_stopped_too(service: Service, wang: Account) -> None:
    for number in range(SIGN_INS_OF_ADDRESS.amount):
        fail(service, 1, login=f"login{number}")
    with pytest.raises(ThrottledError):
        signed_in(service)
    assert signed_in(service, address="192.0.2.2")


def test_signing_in_forgets_what_failed_before(service: Service, wang: Account) -> None:
    for _ in range(3):
        fail(service, SIGN_INS.amount - 1)
        assert signed_in(service)


def test_throttling_runs_out(service: Service, wang: Account) -> None:
    fail(service, SIGN_INS.amount)
    with service.store.transaction() as db:
        db.execute("update attempts set expires_at = expires_at - 901")
    assert signed_in(service)


def test_lists_are_searched_and_what_is_not_there_is_told(service: Service, wang: Account) -> None:
    service.accounts.add(NewAccount("li.li", "李", PASSWORD), "测试")
    assert [each.login for each in service.accounts.listing().items] == ["li.li", "wang"]
    assert service.accounts.listing("王").items == (wang,)
    assert service.accounts.get(wang.public_id) == service.accounts.by_login("WANG") == wang
    for missing in (lambda: service.accounts.get("1"), lambda: service.accounts.by_login("x")):
        with pytest.raises(NotFoundError):
            missing()
