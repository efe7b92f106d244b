"""Use cases of personal data: what is held on somebody, leaving, and how long things are kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

from matcher.errors import IllegalTransitionError
from matcher.people import Account
from matcher.settings import Settings
from matcher.store import Store, accounts, audit, memberships, personal_data
from matcher.store.rows import time_text


class PersonalData:
    """The books stay whole: records, histories and the audit are kept, the account behind a name is taken away."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._kept = timedelta(days=settings.contact_days)
        self._session = timedelta(hours=settings.session_hours)

    def held_on(self, account: Account) -> dict[str, list[dict[str, Any]]]:
        """Return all that is held on somebody, table by table."""
        return personal_data.held_on(self._store.db, account.id, account.name)

    def leave(self, account: Account) -> None:
        """Take an account away: its name becomes a number, wherever that may be changed.

        Raises: IllegalTransitionError for the last administrator and the only owner of an organisation with others.
        """
        with self._store.transaction() as db:
            if account.is_administrator and accounts.administrators(db) <= 1:
                raise IllegalTransitionError(
                    "您是唯一的管理员。请先添加另一位管理员（matcher account add --administrator）"
                )
            for held in memberships.of_account(db, account.id):
                people = memberships.of_organisation(db, held.organisation_id)
                others = [each for each in people if each.account.id != account.id and each.state == "active"]
                if held.is_owner and others and not any(each.is_owner for each in others):
                    raise IllegalTransitionError(f"您是{held.organisation}唯一的负责人。请先请另一位成员担任负责人")
            unknown = f"已注销用户{account.id}"
            audit.add(db, account.name, "left", "account", account.id, {}, {})
            personal_data.make_unknown(db, account.id, account.public_id, account.name, unknown)

    def tidy(self) -> tuple[int, int]:
        """Erase contacts of interests settled long ago and what is left of sessions; return how many of each."""
        now = datetime.now(UTC)
        with self._store.transaction() as db:
            contacts = personal_data.erase_contacts(db, time_text(now - self._kept))
            return contacts, personal_data.erase_addresses(db, time_text(now - self._session))
