"""What keeps its time with a million records: counts that are kept instead of counted, and indexes of listings."""

from sqlite_utils import Database

from matcher.store.migrations.registry import migrations


@migrations()
def kept_frequencies(db: Database) -> None:
    """In how many findable records each term stands, and how many records and terms there are in all."""
    db.execute(
        """create table findable (
            kind text primary key, records integer not null, terms integer not null) without rowid"""
    )
    for kind in ("need", "achievement"):
        db.execute(f"create table {kind}_frequency (term text primary key, records integer not null) without rowid")
        db.execute(f"insert into {kind}_frequency select term, doc from {kind}_vocabulary order by term")
        db.execute(
            f"insert into findable select '{kind}', (select count(*) from {kind}_terms_docsize),"
            f" (select coalesce(sum(cnt), 0) from {kind}_vocabulary)"
        )


@migrations()
def vector_sums(db: Database) -> None:
    """The sum of the findable vectors of a model; taken when it is first needed."""
    db.execute(
        """create table vector_sum (
            kind text not null, model_id text not null, records integer not null, total blob not null,
            primary key (kind, model_id)) without rowid"""
    )


@migrations()
def overview_indexes(db: Database) -> None:
    """Whatever `matcher.store.overview_rows` reads, without the texts; and the order of titles."""
    shared = "status, visibility, organisation_id, named_ids, field, region, maturity, modes, updated_at"
    own = {"need": ", need_kind, is_chokepoint, is_common_key, deadline", "achievement": ""}
    for kind in ("need", "achievement"):
        db.execute(f"create index {kind}_overview on {kind}(id, {shared}{own[kind]})")
        db.execute(f"create index {kind}_title on {kind}(title)")
