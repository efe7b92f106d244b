"""How often something was tried lately, for `limits`: in the database file, so that all processes count together."""

import sqlite3
import time

from limits.storage import Storage

from matcher.store.database import Store


class SqliteStorage(Storage):
    """Counters of fixed windows, each with the time when it runs out."""

    STORAGE_SCHEME = ["matcher-sqlite"]  # noqa: RUF012 (limits reads it from the class)

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the file may raise."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more and return the count; a window that has run out begins anew, for `expiry` seconds."""
        now = time.time()
        with self._store.transaction() as db:
            db.execute("delete from attempts where expires_at <= ?", (now,))
            row = db.execute(
                "insert into attempts (key, count, expires_at) values (?, ?, ?)"
                " on conflict (key) do update set count = count + excluded.count returning count",
                (key, amount, now + expiry),
            ).fetchone()
        return int(row[0])

    def get(self, key: str) -> int:
        """Return the count of the present window."""
        row = self._row(key)
        return int(row[0]) if row else 0

    def get_expiry(self, key: str) -> float:
        """Return when the present window runs out, in seconds since the epoch; now when there is none."""
        row = self._row(key)
        return float(row[1]) if row else time.time()

    def check(self) -> bool:
        """Return whether the file answers."""
        return bool(self._store.db.execute("select 1").fetchone())

    def reset(self) -> int:
        """Forget everything; return how many counters there were."""
        with self._store.transaction() as db:
            return int(db.execute("delete from attempts").rowcount)

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with self._store.transaction() as db:
            db.execute("delete from attempts where key = ?", (key,))

    def _row(self, key: str) -> tuple[int, float] | None:
        sql = "select count, expires_at from attempts where key = ? and expires_at > ?"
        found: tuple[int, float] | None = self._store.db.execute(sql, (key, time.time())).fetchone()
        return found
