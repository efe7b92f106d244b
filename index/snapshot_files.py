"""Files of a snapshot: written beside, named by a description that is put in their place last, checked when opened.

`need.json` names the files it belongs to (`need-3f….matrix`), with their sizes and a checksum of every block. Files are
never changed once named, so processes may map them; those of an older description are removed after the new one
is in place. Opening reads all of them once: CRC-32 runs at gigabytes a second, so that a million vectors take
about as long as reading them from the disk.
"""

import json
import os
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from secrets import token_hex
from typing import Any

from index.errors import SnapshotError

_BLOCK = 4 * 2**20
_CHECKERS = 2

Facts = dict[str, Any]
Writer = Callable[[Path], None]


def write_files(description: Path, facts: Facts, writers: dict[str, Writer]) -> None:
    """Write one file for each of `writers`, then the description; a crash at any point leaves the old or the new.

    One writer at a time. Raises: OSError; what was written by then is removed, or a full disk would stay full.
    """
    description.parent.mkdir(parents=True, exist_ok=True)
    stem = f"{description.stem}-{token_hex(8)}"
    beside = description.with_name(f"{description.name}.tmp")
    try:
        files = {name: _written(description.with_name(f"{stem}.{name}"), write) for name, write in writers.items()}
        content = json.dumps({**facts, "files": files})
        beside.write_text(json.dumps({"content": content, "sum": zlib.crc32(content.encode())}), encoding="utf-8")
        _flush(beside)
    except BaseException:
        for path in (*description.parent.glob(f"{stem}.*"), beside):
            path.unlink(missing_ok=True)
        raise
    beside.replace(description)
    _flush(description.parent)
    _remove_others(description, stem)


def _written(path: Path, write: Writer) -> Facts:
    write(path)
    _flush(path)
    return {"file": path.name, "size": path.stat().st_size, "sums": [zlib.crc32(block) for block in _blocks(path)]}


def open_files(description: Path) -> tuple[Facts, dict[str, Path]]:
    """Return the facts of a snapshot and the path of each of its files, all found whole.

    Raises: SnapshotError when it is missing or damaged.
    """
    while True:
        facts = _described(description)
        files = facts.pop("files")
        try:
            _check(description.parent, files)
            return facts, {name: description.parent / entry["file"] for name, entry in files.items()}
        except FileNotFoundError as error:
            # Another process may have put a newer snapshot in its place since the description was read.
            if _described(description)["files"] == files:
                raise _damaged(description, error) from error
        except OSError as error:
            raise _damaged(description, error) from error


def _described(description: Path) -> Facts:
    try:
        outer = json.loads(description.read_bytes())
        if zlib.crc32(outer["content"].encode()) != outer["sum"]:
            raise ValueError("its checksum differs")
        facts: Facts = json.loads(outer["content"])
        return facts
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _damaged(description, error) from error


def _check(folder: Path, files: dict[str, Any]) -> None:
    """Raises: OSError when a file is missing or not what was written."""
    with ThreadPoolExecutor(_CHECKERS) as pool:
        for entry in files.values():
            path = folder / entry["file"]
            if path.stat().st_size != entry["size"]:
                raise OSError(f"{path.name} has {path.stat().st_size} bytes, not {entry['size']}")
            checks = pool.map(_block_sum, [(path, number) for number in range(len(entry["sums"]))])
            if list(checks) != entry["sums"]:
                raise OSError(f"the checksum of {path.name} differs")


def _block_sum(place: tuple[Path, int]) -> int:
    path, number = place
    with path.open("rb") as file:
        file.seek(number * _BLOCK)
        return zlib.crc32(file.read(_BLOCK))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _flush(path: Path) -> None:
    """Wait until the disk has a file, or a folder's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_others(description: Path, stem: str) -> None:
    """Remove the files of other snapshots, those of interrupted writers too."""
    for path in description.parent.glob(f"{description.stem}-*.*"):
        if path.stem != stem:
            path.unlink(missing_ok=True)


def _damaged(description: Path, error: Exception) -> SnapshotError:
    return SnapshotError(f"no sound snapshot at {description}: {error}; rebuild from the store")
