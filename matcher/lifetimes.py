"""Use cases of validity: what ran out is closed, its owners are reminded before; no daemon is needed for that."""

import logging
from datetime import date, timedelta

from matcher.clock import today
from matcher.errors import MatcherError
from matcher.models import KINDS
from matcher.posting import Postings
from matcher.settings import Settings
from matcher.store import Store, notices, postings

_log = logging.getLogger(__name__)


class Lifetimes:
    """Closes and reminds; each process does so at its first request of a day, and `matcher tidy` when it is run."""

    def __init__(self, store: Store, records: Postings, settings: Settings) -> None:
        self._store = store
        self._records = records
        self._notice = timedelta(days=settings.expiry_notice_days)
        self._swept: date | None = None

    def sweep(self) -> tuple[int, int]:
        """Close what ran out and remind of what soon will; return how many of each. Raises: ModelMismatchError."""
        day = today()
        closed = sum(self._records.close_expired(kind, day) for kind in KINDS)
        return closed, self._remind(day)

    def sweep_daily(self) -> None:
        """Sweep unless this process has done so today; what hinders it is told to the log."""
        if self._swept == today():
            return
        self._swept = today()
        try:
            self.sweep()
        except MatcherError as error:
            _log.warning("%s", error)

    def _remind(self, day: date) -> int:
        """Tell the organisations of records that run out soon, once for each date; return how many records."""
        told = 0
        for kind in KINDS:
            if not postings.expiring(self._store.db, kind, day + self._notice):
                continue
            with self._store.transaction() as db:
                for record in postings.expiring(db, kind, day + self._notice):
                    words = f"“{record.title}”将于 {record.valid_until} 到期，到期后自动撤回；还有效请点“续期”"
                    notices.add(db, "record_expiring", words, (kind, record.id), organisation_id=record.organisation_id)
                    postings.note_told(db, record)
                    told += 1
        return told
