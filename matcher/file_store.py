"""Files under random names in one folder: whole or not there, never reached by a name that somebody chose."""

import hashlib
import os
import re
import secrets
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from matcher.errors import InvalidInputError, NotFoundError, StoreError

_CHUNK_BYTES = 2**20
_DRAFT = ".part"
_NAME = re.compile(r"[0-9a-f]{32}")
# A file lies in the folder before its row does; so long it is nobody's and yet no orphan.
_ORPHAN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was kept: its name in the folder, its length and digest."""

    stored_name: str
    size: int
    sha256: str


class FileStore:
    """A folder of files that are written once."""

    def __init__(self, folder: Path, limit_mb: int) -> None:
        self._folder = folder
        self._limit_mb = limit_mb

    def keep(self, content: BinaryIO) -> StoredFile:
        """Copy `content` to the disk piece by piece; return what is now safely there.

        Raises: InvalidInputError when it is too large; StoreError when it cannot be written.
        """
        name = secrets.token_hex(16)
        draft = self._folder / f"{name}{_DRAFT}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            size, digest = self._copy(content, draft)
            draft.replace(self._folder / name)
            _sync_folder(self._folder)
        except OSError as error:
            raise StoreError(f"文件没有保存（{error.strerror}），请稍后再试，或请管理员检查磁盘空间") from error
        finally:
            draft.unlink(missing_ok=True)
        return StoredFile(name, size, digest)

    def open(self, stored_name: str, size: int) -> BinaryIO:
        """Return the file, opened. Raises: NotFoundError when it is not there as it was kept."""
        if not _NAME.fullmatch(stored_name):
            raise NotFoundError("没有这个文件")
        try:
            descriptor = os.open(self._folder / stored_name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise NotFoundError("文件已不在服务器上，请联系管理员从备份恢复") from error
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size != size:
            os.close(descriptor)
            raise NotFoundError("文件和上传时不一样了，请联系管理员从备份恢复")
        return os.fdopen(descriptor, "rb")

    def discard(self, stored_name: str) -> None:
        """Remove a file for which no row was written."""
        (self._folder / stored_name).unlink(missing_ok=True)

    def sweep(self, known: frozenset[str]) -> int:
        """Remove what no row names and has lain for an hour, drafts too; return how many there were."""
        if not self._folder.is_dir():
            return 0
        before = time.time() - _ORPHAN_SECONDS
        orphans = [
            path
            for path in self._folder.iterdir()
            if _NAME.fullmatch(path.name.removesuffix(_DRAFT))
            and path.name not in known
            and path.lstat().st_mtime < before
        ]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)

    def _copy(self, content: BinaryIO, draft: Path) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        content.seek(0)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            while chunk := content.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > self._limit_mb * 2**20:
                    raise InvalidInputError({"file": f"文件超过 {self._limit_mb} MB，请压缩或拆成几个文件后再上传"})
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(descriptor)
        return size, digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """See that a new name in the folder outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
