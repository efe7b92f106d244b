"""Use cases of sessions: sign in, who is signed in, for whom somebody acts, sign out, ending sessions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from matcher.errors import NotFoundError, SignInError
from matcher.passwords import Passwords
from matcher.people import Account, Membership, Session, viewer_of
from matcher.policy import Viewer
from matcher.second_factor import step_of
from matcher.settings import Settings
from matcher.store import Store, accounts, audit, memberships, sessions
from matcher.store.rows import time_text
from matcher.throttling import Throttle
from matcher.tokens import new_public_id, new_token, token_hash

_TOUCHED_EVERY = timedelta(minutes=1)
_LONGEST_AGENT = 200


class SigningIn:
    """Sessions live in the store: any process knows them, and one that is ended is over everywhere at once."""

    def __init__(self, store: Store, passwords: Passwords, throttle: Throttle, settings: Settings) -> None:
        self._store = store
        self._passwords = passwords
        self._throttle = throttle
        self._idle = timedelta(minutes=settings.session_idle_minutes)
        self._whole = timedelta(hours=settings.session_hours)
        self._administrators_need_factor = settings.second_factor_for == "administrators"

    def sign_in(self, login: str, password: str, address: str, agent: str = "", code: str = "") -> str:
        """Return the token of a new session. An unknown login and a wrong password look alike and take as long.

        `code` is asked of those who have a second factor, once their password fits.
        Raises: SignInError; ThrottledError.
        """
        login = known_login(login)
        self._throttle.check_sign_in(address, login)
        account = accounts.find_by_login(self._store.db, login)
        kept = accounts.password_hash(self._store.db, account.id) if account else None
        if not self._passwords.fits(kept, password) or account is None or kept is None:
            self._throttle.note_failed(address)
            raise SignInError("登录名或密码不对。请核对后再试；忘记密码可以请管理员发重设链接")
        if account.locked_at is not None:
            raise SignInError("这个账号已停用，请联系管理员")
        self._check_code(account, code, address)
        self._throttle.note_signed_in(address, login)
        if self._passwords.is_outdated(kept):
            with self._store.transaction() as db:
                accounts.set_password(db, account.id, self._passwords.hashed(password))
        return self.begin(account, address, agent)

    def _check_code(self, account: Account, code: str, address: str) -> None:
        """Raises: SignInError unless the code is that of the account's second factor, or it has none."""
        if not account.has_second_factor:
            return
        if not code.strip():
            raise SignInError("这个账号开启了两步验证：请再输一遍密码，并填写手机上的动态验证码")
        if not self.use_code(account, code):
            self._throttle.note_failed(address)
            raise SignInError("动态验证码不对或已用过。请等手机上出现新的验证码再试；换了手机请联系管理员")

    def use_code(self, account: Account, code: str) -> bool:
        """Return whether the code is right now that of the account's second factor; each works once."""
        with self._store.transaction() as db:
            secret, last = accounts.second_factor(db, account.id)
            step = step_of(secret, code, datetime.now(UTC)) if secret else None
            if step is None or step <= last:
                return False
            accounts.set_second_factor(db, account.id, secret, step)
        return True

    def begin(self, account: Account, address: str, agent: str) -> str:
        """Return the token of a new session of somebody who has shown to be `account`."""
        token = new_token()
        with self._store.transaction() as db:
            now = datetime.now(UTC)
            sessions.remove_older(db, time_text(now - self._whole), time_text(now - self._idle))
            held = [each for each in memberships.of_account(db, account.id) if each.state == "active"]
            organisation_id = held[0].organisation_id if held else None
            hashed, public_id = token_hash(token), new_public_id()
            sessions.add(db, hashed, public_id, account.id, organisation_id, address, agent[:_LONGEST_AGENT])
            audit.add(db, account.name, "signed in", "account", account.id, {}, {"address": address})
        return token

    def session(self, token: str) -> Session | None:
        """Return the session that still holds, noting that it is used; None for one that is over."""
        found = sessions.find(self._store.db, token_hash(token)) if token else None
        if found is None or found.account.locked_at is not None:
            return None
        now = datetime.now(UTC)
        if now - found.created_at >= self._whole or now - found.seen_at >= self._idle:
            return None
        if now - found.seen_at >= _TOUCHED_EVERY:
            with self._store.transaction() as db:
                sessions.touch(db, found.public_id)
        return found

    def viewer(self, session: Session) -> Viewer:
        """Return who acts in a session, with the rights in the organisation acted for as they are now."""
        if session.organisation_id is not None:
            membership = memberships.get(self._store.db, session.account.id, session.organisation_id)
        else:
            # Somebody admitted since signing in need not sign in again.
            membership = next((each for each in self.memberships(session.account.id) if each.state == "active"), None)
        lacks_factor = self._administrators_need_factor and not session.account.has_second_factor
        return viewer_of(
            replace(session.account, is_administrator=False) if lacks_factor else session.account, membership
        )

    def memberships(self, account_id: int) -> tuple[Membership, ...]:
        """Return what an account is in which organisations, pending ones too."""
        return memberships.of_account(self._store.db, account_id)

    def act_for(self, session: Session, organisation_id: int) -> None:
        """Let the session act for another organisation of its account. Raises: NotFoundError."""
        membership = memberships.get(self._store.db, session.account.id, organisation_id)
        if membership is None or membership.state != "active":
            raise NotFoundError("您不是这个单位的成员，不能代表它")
        with self._store.transaction() as db:
            sessions.set_organisation(db, session.public_id, organisation_id)

    def sessions(self, account_id: int) -> tuple[Session, ...]:
        """Return the sessions of an account that still hold, the one used last first."""
        now = datetime.now(UTC)
        found = sessions.of_account(self._store.db, account_id)
        return tuple(each for each in found if now - each.created_at < self._whole and now - each.seen_at < self._idle)

    def end(self, account_id: int, public_id: str) -> None:
        """End one session of an account; one that is over already stays so."""
        with self._store.transaction() as db:
            sessions.remove(db, account_id, public_id)

    def end_others(self, account_id: int, kept: str = "") -> None:
        """End all sessions of an account but one."""
        with self._store.transaction() as db:
            sessions.remove_others(db, account_id, kept)


def known_login(text: str) -> str:
    """Return a login as it is kept: without spaces around it, in small letters."""
    return text.strip().casefold()[:200]
