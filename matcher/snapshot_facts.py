"""Of which store a snapshot is, up to which revision; and files for what is on its way into one."""

import logging
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from matcher.store import Database, revisions, search_state

_log = logging.getLogger(__name__)


def facts_of(db: Database, revision: int) -> dict[str, Any]:
    """Return what is noted in a snapshot of this store as it stood at `revision`."""
    return {"revision": revision, "store_id": search_state.get(db, "store_id")}


def fits(db: Database, facts: Mapping[str, Any]) -> bool:
    """Return whether a snapshot is of this store, and not of a state that it has not reached."""
    reached: int = facts["revision"]
    return facts["store_id"] == search_state.get(db, "store_id") and reached <= revisions.latest(db)


def unnamed_file(folder: Path) -> IO[bytes]:
    """Return a file in `folder`, or elsewhere if that cannot be, that goes when nobody holds it any more."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=folder)
    except OSError as error:
        _log.warning("cannot write into %s: %s", folder, error)
        return tempfile.TemporaryFile()
