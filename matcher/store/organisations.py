"""Organisations."""

from collections.abc import Sequence

from sqlite_utils import Database

from matcher.models import Organisation

_COLUMNS = "id, external_id, name, kind, credit_code, region, contact, is_demo, is_pending"


def get(db: Database, organisation_id: int) -> Organisation | None:
    """Return the organisation with this id, if any."""
    return _first(db, f"select {_COLUMNS} from organisation where id = ?", organisation_id)


def find_by_name(db: Database, name: str) -> Organisation | None:
    """Return the organisation with exactly this name, if any."""
    return _first(db, f"select {_COLUMNS} from organisation where name = ?", name)


def find_by_credit_code(db: Database, code: str) -> Organisation | None:
    """Return the admitted organisation with this credit code, if exactly one has it."""
    where = "credit_code = ? and is_pending = 0"
    sql = f"select {_COLUMNS} from organisation where {where} and (select count(*) from organisation where {where}) = 1"
    return _first(db, sql, code, code)


def named(db: Database, wanted: Sequence[str]) -> list[Organisation]:
    """Return the organisations that bear one of these names."""
    found = (find_by_name(db, name) for name in dict.fromkeys(wanted))
    return [each for each in found if each is not None]


def names(db: Database, limit: int = 500) -> tuple[str, ...]:
    """Return up to `limit` names in order, for suggestions while typing."""
    sql = "select name from organisation where is_pending = 0 order by name limit ?"
    return tuple(row[0] for row in db.execute(sql, (limit,)))


def add(db: Database, organisation: Organisation) -> Organisation:
    """Store an organisation; return it with its id, or the one already stored under that name."""
    known = find_by_name(db, organisation.name)
    if known is not None:
        return known
    values = (
        organisation.external_id,
        organisation.name,
        organisation.kind,
        organisation.credit_code,
        organisation.region,
        organisation.contact,
        organisation.is_demo,
        organisation.is_pending,
    )
    db.execute(
        "insert into organisation (external_id, name, kind, credit_code, region, contact, is_demo, is_pending)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    )
    stored = find_by_name(db, organisation.name)
    assert stored is not None
    return stored


def confirm(db: Database, organisation_id: int) -> None:
    """Make an organisation that asked to be admitted one like all others."""
    db.execute("update organisation set is_pending = 0 where id = ?", (organisation_id,))


def forget_pending(db: Database, organisation_id: int) -> None:
    """Remove an organisation that was not admitted, unless people or records belong to it by now."""
    unused = " and ".join(
        f"not exists (select 1 from {table} where organisation_id = organisation.id)"
        for table in ("membership", "need", "achievement")
    )
    db.execute(f"delete from organisation where id = ? and is_pending = 1 and {unused}", (organisation_id,))


def count(db: Database) -> int:
    """Return how many organisations are stored."""
    total: int = db.execute("select count(*) from organisation where is_pending = 0").fetchone()[0]
    return total


def _first(db: Database, sql: str, *sought: object) -> Organisation | None:
    row = db.execute(sql, sought).fetchone()
    if row is None:
        return None
    names_of_columns = _COLUMNS.split(", ")
    values = dict(zip(names_of_columns, row, strict=True))
    return Organisation(**{**values, **{name: bool(values[name]) for name in ("is_demo", "is_pending")}})
