"""Opening the SQLite file: one connection a thread, and transactions that begin by taking the write lock."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from sqlite_utils import Database

from matcher.errors import StoreError
from matcher.store.migrations import MIGRATION_NAMES, migrations


class Store:
    """The database file. `db` is the calling thread's own connection, opened when first used."""

    def __init__(self, path: Path, busy_timeout_ms: int = 10_000) -> None:
        """Open `path`, made and migrated when needed.

        Raises: StoreError when the file cannot be opened, is no database, or was written by a newer version.
        """
        self.path = path
        self._timeout_seconds = busy_timeout_ms / 1000
        self._local = threading.local()
        self._opened: list[Database] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._migrate()
        except (OSError, sqlite3.DatabaseError) as error:
            raise StoreError(f"无法打开数据库 {path}：{error}。请检查路径与权限，或用备份替换这个文件") from error

    @property
    def db(self) -> Database:
        """The calling thread's connection."""
        if not hasattr(self._local, "db"):
            self._local.db = self._connect()
            self._opened.append(self._local.db)
        database: Database = self._local.db
        return database

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Yield the connection inside a transaction that holds the write lock from its start.

        BEGIN IMMEDIATE, because a deferred transaction that reads and then writes fails at once under
        contention, whatever the busy timeout.

        Raises: StoreError when another writer holds the file for too long, or the disk is full.
        """
        try:
            self.db.execute("begin immediate")
            try:
                yield self.db
                self.db.commit()
            except BaseException:
                self.db.rollback()
                raise
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"数据库暂时不能写入（{error}），这次没有保存任何内容。请稍后再试，或检查磁盘空间"
            ) from error

    def close(self) -> None:
        """Close the connections of all threads."""
        while self._opened:
            self._opened.pop().conn.close()
        self._local = threading.local()

    def close_own(self) -> None:
        """Close the calling thread's connection, for a thread that ends."""
        if hasattr(self._local, "db"):
            self._opened.remove(self._local.db)
            self._local.db.conn.close()
            del self._local.db

    def _connect(self) -> Database:
        connection = sqlite3.connect(self.path, timeout=self._timeout_seconds, check_same_thread=False)
        db = Database(connection, execute_plugins=False)
        db.execute("pragma foreign_keys = on")
        db.execute("pragma synchronous = normal")
        return db

    def _migrate(self) -> None:
        """Bring the schema up to date; the file lock keeps two processes from migrating at once."""
        with FileLock(f"{self.path}.lock"):
            self.db.enable_wal()
            newer = {applied.name for applied in migrations.applied(self.db)} - MIGRATION_NAMES
            if newer:
                raise StoreError(
                    f"数据库 {self.path} 由更新的版本写成（{'、'.join(sorted(newer))}），请升级本程序后再打开"
                )
            migrations.apply(self.db)
