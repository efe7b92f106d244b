"""Use cases of attached files: add, read, remove, restore, sweep. Each but the last stands in the audit."""

from typing import BinaryIO

from matcher.attachment import About, Attachment
from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError
from matcher.file_names import clean_name
from matcher.file_store import FileStore, StoredFile
from matcher.file_types import media_type
from matcher.settings import Settings
from matcher.store import Database, Store, attachments, audit, cooperation_histories
from matcher.tokens import new_public_id
from matcher.validation import text_problem

MOST_FILES = 50
_LONGEST_NOTE = 200


class Attachments:
    """Files of records. Who may read or change them is asked before: they go with the record they are about."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._files = FileStore(settings.files_dir, settings.file_limit_mb)

    def of(self, about: About, about_id: int) -> tuple[Attachment, ...]:
        """Return the files of a record, removed ones too, the oldest first."""
        return attachments.of(self._store.db, about, about_id)

    def get(self, public_id: str) -> Attachment:
        """Return what is known of a file, of a removed one too. Raises: NotFoundError."""
        found = attachments.get(self._store.db, public_id)
        if found is None:
            raise NotFoundError("没有这个文件")
        return found

    def add(self, about: tuple[About, int], name: str, content: BinaryIO, note: str, actor: str) -> Attachment:
        """Keep a file of a record; `content` can be sought in. The same file again is the one that is there.

        Raises: InvalidInputError for a kind that is not taken, a file too large or one too many; StoreError.
        """
        name, note = clean_name(name), note.strip()
        if problem := text_problem(note, _LONGEST_NOTE):
            raise InvalidInputError({"note": problem})
        kind = media_type(name, content)
        stored = self._files.keep(content)
        made = _attachment(about, name, kind, stored, note, actor)
        # The file is in place before its row: a row never names a file that is not there.
        try:
            with self._store.transaction() as db:
                kept = self._added(db, made)
        except BaseException:
            self._files.discard(stored.stored_name)
            raise
        if kept.stored_name != stored.stored_name:
            self._files.discard(stored.stored_name)
        return kept

    def read(self, public_id: str, actor: str) -> tuple[Attachment, BinaryIO]:
        """Return a file opened for reading, and put the reading on record.

        Raises: NotFoundError when there is none, it was removed, or is not as it was kept.
        """
        found = self.get(public_id)
        if found.removed_at:
            raise NotFoundError("这个文件已被移除")
        content = self._files.open(found.stored_name, found.size)
        with self._store.transaction() as db:
            audit.add(db, actor, "downloaded file", found.about, found.about_id, {}, {"file": found.name})
        return found, content

    def remove(self, public_id: str, actor: str) -> Attachment:
        """Take a file off its record; it can be restored. Raises: NotFoundError."""
        with self._store.transaction() as db:
            found = self.get(public_id)
            if not found.removed_at:
                attachments.set_removed(db, public_id, actor)
                audit.add(db, actor, "removed file", found.about, found.about_id, {"file": found.name}, {})
                _note(db, found, actor, "file removed")
        return found

    def restore(self, public_id: str, actor: str) -> Attachment:
        """Put a removed file back. Raises: NotFoundError; IllegalTransitionError when the record is full."""
        with self._store.transaction() as db:
            found = self.get(public_id)
            if found.removed_at:
                if len(self._present(found.about, found.about_id)) >= MOST_FILES:
                    raise IllegalTransitionError(f"这条记录已有 {MOST_FILES} 个文件，请先移除一个再恢复")
                attachments.set_removed(db, public_id, "")
                audit.add(db, actor, "restored file", found.about, found.about_id, {}, {"file": found.name})
                _note(db, found, actor, "file restored")
        return found

    def sweep(self) -> int:
        """Remove files that no row names, left by uploads that were cut off; return how many there were."""
        return self._files.sweep(attachments.stored_names(self._store.db))

    def _added(self, db: Database, made: Attachment) -> Attachment:
        present = self._present(made.about, made.about_id)
        same = [each for each in present if (each.name, each.sha256) == (made.name, made.sha256)]
        if same:
            return same[0]
        if len(present) >= MOST_FILES:
            raise InvalidInputError({"file": f"这条记录已有 {MOST_FILES} 个文件，不能再加。请先移除不需要的文件"})
        attachments.add(db, made)
        told = {"file": made.name, "bytes": made.size, "sha256": made.sha256}
        audit.add(db, made.uploaded_by, "added file", made.about, made.about_id, {}, told)
        _note(db, made, made.uploaded_by, "file added")
        return made

    def _present(self, about: About, about_id: int) -> list[Attachment]:
        return [each for each in self.of(about, about_id) if not each.removed_at]


def _note(db: Database, file: Attachment, actor: str, action: str) -> None:
    """Write a line into the history of a cooperation record: its papers are part of what was filed."""
    if file.about == "cooperation":
        change = (file.name, "") if action == "file removed" else ("", file.name)
        cooperation_histories.add_event(db, file.about_id, actor, action, {"file": change})


def _attachment(
    about: tuple[About, int], name: str, kind: str, stored: StoredFile, note: str, actor: str
) -> Attachment:
    return Attachment(
        public_id=new_public_id(),
        about=about[0],
        about_id=about[1],
        name=name,
        media_type=kind,
        size=stored.size,
        sha256=stored.sha256,
        stored_name=stored.stored_name,
        note=note,
        uploaded_by=actor,
    )
