"""What becomes of a record at the moment of writing, inside its transaction."""

from dataclasses import replace

from matcher.disclosure import DISCLOSING
from matcher.errors import InvalidInputError
from matcher.models import Organisation, Record
from matcher.store import Database, memberships, notices, organisations, postings


def settled(db: Database, record: Record) -> Record:
    """Return the record with the id and status that its outside id has now: encoding took time.

    Files say nothing of who may read: that stays as its owner set it.
    """
    if not record.external_id:
        return record
    current = postings.find_external(db, record.kind, record.external_id)
    if current is None:
        return replace(record, id=0)
    kept = {
        name: getattr(current, name)
        for name in ("id", "status", "valid_until", "close_reason", "on_behalf_by", *DISCLOSING)
    }
    return replace(record, **kept)


def check_outside_id(db: Database, record: Record) -> None:
    """Raises: InvalidInputError when the outside id of a record is another one's."""
    holder = postings.find_external(db, record.kind, record.external_id) if record.external_id else None
    if holder is not None and holder.id != record.id:
        raise InvalidInputError({"external_id": f"编号“{record.external_id}”已属于“{holder.title}”，请换一个编号"})


def organisation_id_of(db: Database, record: Record) -> int | None:
    """Return the id for the organisation's name, stored anew when it is unknown; None without a name."""
    name = record.organisation.strip()
    if not name:
        return None
    kind = "enterprise" if record.kind == "need" else record.organisation_kind
    return organisations.add(db, Organisation(name=name, kind=kind, region=record.region, is_demo=record.is_demo)).id


def unconfirmed(db: Database, record: Record) -> Record:
    """Return what was posted for another organisation as it may stand: a draft where that has people to confirm it."""
    people = memberships.of_organisation(db, record.organisation_id or 0)
    return replace(record, status="draft" if any(each.state == "active" for each in people) else record.status)


def tell_owner(db: Database, record: Record) -> None:
    """Tell the organisation that somebody posted a record for it."""
    if record.organisation_id is not None:
        wanted = "请核对后发布或修改" if record.status == "draft" else "请核对，可以接管或撤回"
        words = f"{record.on_behalf_by}代本单位填写了“{record.title}”，{wanted}"
        notices.add(db, "posted_on_behalf", words, (record.kind, record.id), organisation_id=record.organisation_id)
