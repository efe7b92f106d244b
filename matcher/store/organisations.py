"""Organisations."""

from sqlite_utils import Database

from matcher.models import Organisation

_COLUMNS = "id, external_id, name, kind, credit_code, region, contact, is_demo"


def get(db: Database, organisation_id: int) -> Organisation | None:
    """Return the organisation with this id, if any."""
    return _first(db, f"select {_COLUMNS} from organisation where id = ?", organisation_id)


def find_by_name(db: Database, name: str) -> Organisation | None:
    """Return the organisation with exactly this name, if any."""
    return _first(db, f"select {_COLUMNS} from organisation where name = ?", name)


def names(db: Database, limit: int = 500) -> tuple[str, ...]:
    """Return up to `limit` names in order, for suggestions while typing."""
    return tuple(row[0] for row in db.execute("select name from organisation order by name limit ?", (limit,)))


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
    )
    db.execute(
        "insert into organisation (external_id, name, kind, credit_code, region, contact, is_demo)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        values,
    )
    stored = find_by_name(db, organisation.name)
    assert stored is not None
    return stored


def count(db: Database) -> int:
    """Return how many organisations are stored."""
    total: int = db.execute("select count(*) from organisation").fetchone()[0]
    return total


def _first(db: Database, sql: str, value: object) -> Organisation | None:
    row = db.execute(sql, (value,)).fetchone()
    if row is None:
        return None
    names_of_columns = _COLUMNS.split(", ")
    values = dict(zip(names_of_columns, row, strict=True))
    return Organisation(**{**values, "is_demo": bool(values["is_demo"])})
