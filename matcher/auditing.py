"""Use cases of the audit: read, search, verify; and noting from where a request comes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matcher.models import Page
from matcher.store import Store, audit
from matcher.store.audit import AuditLine


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain of lines holds: their number, the hash of the last, the first line that does not follow."""

    count: int
    head: str
    broken_at: int | None


class Auditing:
    """Reads what was done; nothing here or elsewhere changes it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listing(self, q: str = "", actions: Sequence[str] = (), number: int = 1, size: int = 50) -> Page[AuditLine]:
        """Return one page of the lines that hold `q` or are of `actions`, newest first."""
        return audit.listing(self._store.db, q, actions, number, size)

    def every(self, q: str = "", actions: Sequence[str] = ()) -> Iterator[AuditLine]:
        """Yield the lines that hold `q` or are of `actions`, oldest first."""
        return audit.every(self._store.db, q, actions)

    def verify(self) -> Verdict:
        """Return whether every line follows from the one before it."""
        return Verdict(*audit.head(self._store.db), audit.first_broken(self._store.db))


def coming_from(address: str) -> None:
    """Note the address that lines of the present request are written with."""
    audit.origin.set(address)
