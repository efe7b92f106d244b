"""Use cases of accounts: make, list, lock, new passwords, and the administrator of the first start."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from matcher.errors import InvalidInputError, LinkError, NotFoundError
from matcher.mail import Mail
from matcher.models import Page
from matcher.passwords import Passwords, check_password, generated
from matcher.people import ITSELF, NOBODY, Account, Link
from matcher.second_factor import step_of
from matcher.settings import Settings
from matcher.signing_in import known_login
from matcher.store import Database, Store, accounts, audit, links, sessions
from matcher.tokens import new_public_id, new_token, token_hash

FIRST_ADMINISTRATOR = "admin"
_LOGIN = re.compile(r"[\w.@+-]{3,64}")
_LONGEST_NAME = 50
_RESET_MAIL = """有人（应该是您）请求重设密码。请打开下面的链接，{hours} 小时内有效，只能用一次：

{link}

不是您本人请求的，不必理会，密码不会改变。
"""


class NewAccount(NamedTuple):
    """What somebody gives to have an account."""

    login: str
    name: str
    password: str


class Accounts:
    """Who can sign in."""

    def __init__(self, store: Store, passwords: Passwords, settings: Settings, mail: Mail) -> None:
        self._store = store
        self._mail = mail
        self._passwords = passwords
        self._link_hours = settings.link_hours

    def get(self, public_id: str) -> Account:
        """Return the account with this public id. Raises: NotFoundError."""
        account = accounts.find(self._store.db, public_id)
        if account is None:
            raise NotFoundError("没有这个账号，可能已被删除")
        return account

    def by_login(self, login: str) -> Account:
        """Return the account with this login. Raises: NotFoundError."""
        account = accounts.find_by_login(self._store.db, known_login(login))
        if account is None:
            raise NotFoundError(f"没有登录名为“{login}”的账号；matcher account list 列出全部")
        return account

    def listing(self, text: str = "", number: int = 1, size: int = 20) -> Page[Account]:
        """Return one page of the accounts whose login or name holds `text`, newest first."""
        return accounts.listing(self._store.db, text, number, size)

    def first_administrator(self) -> tuple[Account, str] | None:
        """Return a new administrator with the password, which is kept nowhere; None when there is one already."""
        if accounts.has_administrator(self._store.db):
            return None
        password = generated()
        hashed = self._passwords.hashed(password)
        with self._store.transaction() as db:
            if accounts.has_administrator(db):
                return None
            new = NewAccount(FIRST_ADMINISTRATOR, "系统管理员", password)
            return self._insert(db, new, hashed, ITSELF, is_administrator=True), password

    def add(self, new: NewAccount, actor: str, is_administrator: bool = False, is_demo: bool = False) -> Account:
        """Store a new account, which belongs to no organisation yet. Raises: InvalidInputError."""
        hashed = self.checked(new)
        with self._store.transaction() as db:
            return self._insert(db, new, hashed, actor, is_administrator, is_demo)

    def checked(self, new: NewAccount) -> str:
        """Return the hash of the password of a new account that breaks no rule. Raises: InvalidInputError."""
        problems = {}
        if not _LOGIN.fullmatch(known_login(new.login)):
            problems["login"] = "登录名用 3 到 64 个字母、汉字、数字或 . _ - @ +，中间不留空格"
        if not 0 < len(new.name.strip()) <= _LONGEST_NAME or not new.name.isprintable():
            problems["name"] = f"请填写姓名，最多 {_LONGEST_NAME} 个字"
        elif set(new.name) & set("（）()") or new.name.strip() in (ITSELF, NOBODY):
            problems["name"] = f"“{new.name.strip()}”不能用作姓名：不要带括号，也不要用“{ITSELF}”“{NOBODY}”"
        try:
            check_password(new.password, known_login(new.login), new.name.strip())
        except InvalidInputError as error:
            problems |= error.problems
        if problems:
            raise InvalidInputError(problems)
        return self._passwords.hashed(new.password)

    def insert(self, db: Database, new: NewAccount, hashed: str, actor: str) -> Account:
        """Store a checked account within a transaction. Raises: InvalidInputError when the login is taken."""
        return self._insert(db, new, hashed, actor)

    def knows_password(self, account: Account, password: str) -> bool:
        """Return whether the password is the account's."""
        return self._passwords.fits(accounts.password_hash(self._store.db, account.id), password)

    def change_password(self, account: Account, old: str, new: str, kept_session: str = "") -> None:
        """Keep another password and end the other sessions. Raises: InvalidInputError."""
        if not self.knows_password(account, old):
            raise InvalidInputError({"old": "现在的密码不对，请核对后再填"})
        hashed = self._hashed(account, new)
        with self._store.transaction() as db:
            _keep_password(db, account, hashed, kept_session)

    def begin_second_factor(self, account: Account, secret: str, code: str) -> None:
        """Ask for a second factor from now on. Raises: InvalidInputError unless the code is that of the secret."""
        step = step_of(secret, code, datetime.now(UTC))
        if step is None:
            raise InvalidInputError({"code": "验证码不对。请核对手机时间，填写应用里这个账号现在的六位数字"})
        with self._store.transaction() as db:
            accounts.set_second_factor(db, account.id, secret, step)
            audit.add(db, account.name, "began second factor", "account", account.id, {}, {})

    def end_second_factor(self, account: Account, actor: str) -> None:
        """Ask for the password alone from now on."""
        with self._store.transaction() as db:
            accounts.set_second_factor(db, account.id, "", 0)
            audit.add(db, actor, "ended second factor", "account", account.id, {}, {})

    def mail_reset_link(self, login: str, address: str) -> None:
        """Mail a link for a new password to a login that is an address; others are passed over in silence.

        `address` is that of the page, with {token} where the token goes.
        """
        account = accounts.find_by_login(self._store.db, known_login(login))
        if account is None or account.locked_at is not None or "@" not in account.login:
            return
        link = address.replace("{token}", self.reset_link(account, NOBODY))
        self._mail.send_later(account.login, "重设密码", _RESET_MAIL.format(hours=self._link_hours, link=link))

    def reset_link(self, account: Account, actor: str) -> str:
        """Return the token of a link with which somebody may choose a new password; earlier ones end.

        One that nobody signed in asked for ends no other: anybody may ask for it.
        """
        token = new_token()
        link = Link(
            public_id=new_public_id(),
            purpose="reset",
            account_id=account.id,
            organisation_id=None,
            role="",
            is_owner=False,
            created_by=actor,
            expires_at=datetime.now(UTC) + timedelta(hours=self._link_hours),
        )
        with self._store.transaction() as db:
            if actor != NOBODY:
                links.remove_resets(db, account.id)
            links.add(db, token_hash(token), link)
            audit.add(db, actor, "made reset link", "account", account.id, {}, {})
        return token

    def of_reset(self, token: str) -> Account:
        """Return whose password a link may change. Raises: LinkError."""
        link = links.find(self._store.db, token_hash(token), "reset", datetime.now(UTC))
        account = accounts.get(self._store.db, link.account_id) if link and link.account_id else None
        if account is None or account.locked_at is not None:
            raise LinkError("这个链接已经用过、已过期，或不完整。请向管理员要一个新的")
        return account

    def reset(self, token: str, password: str) -> Account:
        """Keep a new password, end all sessions and the link. Raises: LinkError; InvalidInputError."""
        hashed = self._hashed(self.of_reset(token), password)
        with self._store.transaction() as db:
            account = self.of_reset(token)
            _keep_password(db, account, hashed)
        return account

    def set_locked(self, account: Account, locked: bool, actor: str) -> None:
        """Lock an account, which ends its sessions, or unlock it."""
        with self._store.transaction() as db:
            accounts.set_locked(db, account.id, locked)
            if locked:
                sessions.remove_others(db, account.id)
            audit.add(db, actor, "locked" if locked else "unlocked", "account", account.id, {}, {})

    def _hashed(self, account: Account, password: str) -> str:
        check_password(password, account.login, account.name)
        return self._passwords.hashed(password)

    def _insert(
        self,
        db: Database,
        new: NewAccount,
        hashed: str,
        actor: str,
        is_administrator: bool = False,
        is_demo: bool = False,
    ) -> Account:
        login = known_login(new.login)
        if accounts.find_by_login(db, login) is not None:
            raise InvalidInputError({"login": f"登录名“{login}”已有人使用，请换一个"})
        name = _free_name(db, new.name)
        account = accounts.insert(db, new_public_id(), login, name, hashed, is_administrator, is_demo)
        audit.add(db, actor, "created", "account", account.id, {}, {"login": login, "name": name})
        return account


def _keep_password(db: Database, account: Account, hashed: str, kept_session: str = "") -> None:
    accounts.set_password(db, account.id, hashed)
    sessions.remove_others(db, account.id, kept_session)
    links.remove_resets(db, account.id)
    audit.add(db, account.name, "changed password", "account", account.id, {}, {})


def _free_name(db: Database, name: str) -> str:
    """Return the name, with a number behind it when somebody bears it: histories tell people apart by it."""
    name = unicodedata.normalize("NFKC", name).strip()
    number, free = 1, name
    while accounts.has_name(db, free):
        number += 1
        free = f"{name} {number}"
    return free
