"""Use cases of the inbox: what an account was told, its marks and wishes; and telling of strong matches."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from matcher.errors import InvalidInputError, NotFoundError
from matcher.models import Achievement, Need, Page, Record
from matcher.notices import KINDS, MAIL_MODES, Notice, Preference
from matcher.people import Account
from matcher.policy import Action, Role, Viewer, may, subject_of
from matcher.store import Database, Store, audit, inbox, notices, public_ids, told_pairs
from matcher.store.rows import time_text

_MOST_MATCHES_A_DAY = 5
_NOUNS = {"need": "技术需求", "achievement": "科技成果"}
_ROLES = {"need": Role.ENTERPRISE, "achievement": Role.UNIVERSITY}


class Inbox:
    """What an account was told: itself, as one of the organisation that it acts for, or as one of the brokers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listing(
        self, viewer: Viewer, unread: bool = False, kind: str = "", number: int = 1, size: int = 20
    ) -> Page[Notice]:
        """Return one page of the viewer's notices, newest first: all or unread, of any or one kind."""
        return inbox.listing(self._store.db, viewer, unread, kind, number, size)

    def unread(self, viewer: Viewer) -> int:
        """Return how many notices the viewer has not read; counting stops at 100."""
        return inbox.unread(self._store.db, viewer)

    def kind_counts(self, viewer: Viewer, unread: bool = False) -> dict[str, int]:
        """Return how many notices of each kind the viewer has, or has not read; kinds without any are left out."""
        return inbox.kind_counts(self._store.db, viewer, unread)

    def read(self, viewer: Viewer, public_id: str) -> Notice:
        """Return a notice of the viewer, which counts as read from now on. Raises: NotFoundError."""
        return self.mark(viewer, public_id, read=True)

    def mark(self, viewer: Viewer, public_id: str, read: bool) -> Notice:
        """Mark a notice of the viewer as read or unread; return it. Raises: NotFoundError."""
        with self._store.transaction() as db:
            found = inbox.get(db, viewer, public_id)
            if found is None:
                raise NotFoundError("没有这条消息，或者它不是给您的")
            inbox.mark(db, public_id, read)
        return found

    def mark_all_read(self, viewer: Viewer, kind: str = "") -> None:
        """Mark all notices of the viewer, or all of one kind, as read."""
        with self._store.transaction() as db:
            inbox.mark_all_read(db, viewer, kind)

    def preferences(self, account_id: int) -> dict[str, Preference]:
        """Return what an account wants of each kind of notice."""
        return inbox.preferences(self._store.db, account_id)

    def prefer(self, account: Account, wanted: Mapping[str, tuple[bool, str]]) -> None:
        """Keep for each kind whether it stands in the inbox and when it is mailed. Raises: InvalidInputError."""
        checked = [_preference(kind, *choice) for kind, choice in wanted.items()]
        with self._store.transaction() as db:
            before = inbox.preferences(db, account.id)
            changed = [each for each in checked if each != before[each.kind]]
            inbox.prefer(db, account.id, changed)
            if changed:
                old, new = (
                    {each.kind: _told(each) for each in group}
                    for group in ([before[each.kind] for each in changed], changed)
                )
                audit.add(db, account.name, "changed notices", "account", account.id, old, new)

    def public_id(self, about: str, number: int) -> str:
        """Return the public id of what a notice is about, by its number. Raises: NotFoundError when it is gone."""
        found = public_ids.of(self._store.db, about, number)
        if found is None:
            raise NotFoundError("这条消息所说的内容已不在了")
        return found

    @staticmethod
    def tell_strong_match(db: Database, need: Need, achievement: Achievement) -> bool:
        """Tell the owner of the older of two records that the newer one fits; return whether anybody was told.

        Once a pair at most, and an organisation of five pairs in 24 hours at most. Nobody is told of a record that
        may not be seen, of a record of one's own, or within records that are not both published. Runs in the
        transaction of the caller.
        """
        pair: tuple[Record, Record] = (need, achievement)
        old, new = pair if _changed_at(need) <= _changed_at(achievement) else pair[::-1]
        if old.organisation_id is None or not _is_news(old, new) or told_pairs.has(db, need.id, achievement.id):
            return False
        since = time_text(datetime.now(UTC) - timedelta(days=1))
        if notices.told_since(db, "strong_match", old.organisation_id, since) >= _MOST_MATCHES_A_DAY:
            return False
        told_pairs.add(db, need.id, achievement.id)
        words = f"本单位的{_NOUNS[old.kind]}“{old.title}”有一项匹配度高的新{_NOUNS[new.kind]}：“{new.title}”"
        notices.add(db, "strong_match", words, (new.kind, new.id), organisation_id=old.organisation_id)
        return True


def _is_news(old: Record, new: Record) -> bool:
    """Return whether the owner of `old` may be told of `new`."""
    told = Viewer(roles=frozenset({Role.ACCOUNT, _ROLES[old.kind]}), organisation_id=old.organisation_id)
    are_published = old.status == new.status == "published"
    return are_published and old.organisation_id != new.organisation_id and may(told, Action.SEE, subject_of(new))


def _changed_at(record: Record) -> datetime:
    return record.updated_at or datetime.min.replace(tzinfo=UTC)


def _preference(kind: str, in_app: bool, mail: str) -> Preference:
    for mode in MAIL_MODES:
        if kind in KINDS and mode == mail:
            return Preference(kind=kind, in_app=in_app, mail=mode)
    raise InvalidInputError(
        {f"mail-{kind}": f"“{mail[:20]}”不是邮件通知的方式，可选：{'、'.join(MAIL_MODES.values())}"}
    )


def _told(preference: Preference) -> str:
    return f"{'显示' if preference.in_app else '不显示'}，邮件{MAIL_MODES[preference.mail]}"
