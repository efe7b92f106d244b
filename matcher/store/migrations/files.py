"""Files that lie beside the database, and what is known of each."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations


@migrations()
def attachments(db: Database) -> None:
    """One row a file; the file itself lies in a folder under a random name. One taken away is only marked."""
    db.execute(
        """create table attachment (
            id integer primary key autoincrement, public_id text not null unique,
            about text not null check (about in ('cooperation', 'engagement', 'need', 'achievement')),
            about_id integer not null,
            name text not null, media_type text not null, size integer not null, sha256 text not null,
            stored_name text not null unique, note text not null default '',
            uploaded_by text not null, created_at text not null,
            removed_at text, removed_by text not null default '')"""
    )
    db.execute("create index attachment_about on attachment(about, about_id)")
