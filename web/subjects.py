"""What a route acts upon: from its arguments to subjects of the policy."""

from dataclasses import replace
from typing import Any

from flask import request

from matcher.cooperation import Cooperation
from matcher.engagement import UNTOLD, Engagement
from matcher.errors import NotFoundError
from matcher.interest import Interest
from matcher.models import Kind, Record
from matcher.policy import NOTHING, Action, Subject, may, subject_of
from matcher.rewrite import Rewrite
from web.addresses import asked_id
from web.current import seen, service, viewer

Subjects = tuple[Subject, ...]


def record(arguments: dict[str, Any]) -> Subjects:
    """Return the need or achievement that the address names. Raises: NotFoundError."""
    return (subject_of(service().postings.get(arguments["kind"], arguments["item_id"])),)


def annex(arguments: dict[str, Any]) -> Subjects:
    """Return the annex of the record that the address names. Raises: NotFoundError."""
    return (annexed(service().postings.get(arguments["kind"], arguments["item_id"])),)


def annexed(found: Record) -> Subject:
    """Return the record as its annex: opened to the organisations that were admitted."""
    admissions = service().annexes.admissions(found.kind, found.id)
    admitted = frozenset(each.organisation_id for each in admissions if each.admitted_at)
    return replace(subject_of(found), granted_ids=admitted)


def interest(arguments: dict[str, Any]) -> Subjects:
    """Return the interest that the address names: its asker's, once passed on its owner's too.

    Raises: NotFoundError.
    """
    found = service().interests.get(arguments["public_id"])
    return (Subject(frozenset({found.organisation_id, *([found.owner_id] if found.is_passed_on else [])})),)


def interest_asker(arguments: dict[str, Any]) -> Subjects:
    """Return the interest that the address names as who asked has it. Raises: NotFoundError."""
    return (asker_of(service().interests.get(arguments["public_id"])),)


def interest_owner(arguments: dict[str, Any]) -> Subjects:
    """Return the interest that the address names as the owner of the record has it. Raises: NotFoundError."""
    return (owner_of(service().interests.get(arguments["public_id"])),)


def asker_of(found: Interest) -> Subject:
    """Return the interest as belonging to who asked."""
    return Subject(frozenset({found.organisation_id}))


def owner_of(found: Interest) -> Subject:
    """Return the interest as belonging to the owner of the record."""
    return Subject(frozenset({found.owner_id}))


def contact_of(found: Interest) -> Subject:
    """Return how to reach both sides: opened to them and the broker between them once both agreed."""
    parties = {found.organisation_id, found.owner_id, found.broker_id} - {None}
    return Subject(
        granted_ids=frozenset(each for each in parties if each) if found.state == "accepted" else frozenset()
    )


def rewrite(arguments: dict[str, Any]) -> Subjects:
    """Return the proposal that the address names: of who made it and of whose need it is. Raises: NotFoundError."""
    return (parties_of(service().rewrites.get(arguments["public_id"])),)


def parties_of(found: Rewrite) -> Subject:
    """Return a proposal as belonging to both sides."""
    owner = service().postings.get("need", found.need_id).organisation_id
    return Subject(frozenset({found.broker_id, *([owner] if owner else [])}))


def rewrite_owner(arguments: dict[str, Any]) -> Subjects:
    """Return the proposal that the address names as the owner of the need has it. Raises: NotFoundError."""
    owner = service().postings.get("need", service().rewrites.get(arguments["public_id"]).need_id).organisation_id
    return (Subject(frozenset({owner} if owner else ())),)


def engagement(arguments: dict[str, Any]) -> Subjects:
    """Return the engagement that the address names. Raises: NotFoundError."""
    return (engagement_of(service().engagements.get(arguments["public_id"])),)


def engagement_numbered(engagement_id: int) -> Subject:
    """Return the engagement with this row id. Raises: NotFoundError."""
    found = service().engagements.by_number(engagement_id)
    if found is None:
        raise NotFoundError("没有这条对接，或者您不能查看它")
    return engagement_of(found)


def engagement_of(found: Engagement) -> Subject:
    """Return an engagement as carried by its broker and, once they know of it, as belonging to both sides."""
    carried_by = frozenset() if found.broker_id is None else frozenset({found.broker_id})
    return Subject(frozenset() if found.state == UNTOLD else found.owner_ids, assigned_ids=carried_by)


def meeting(arguments: dict[str, Any]) -> Subjects:
    """Return the engagement of the meeting that the address names. Raises: NotFoundError."""
    meetings = service().meetings
    return (engagement_of(meetings.engagement(meetings.get(arguments["public_id"]))),)


def need(arguments: dict[str, Any]) -> Subjects:
    """Return the need that the address names. Raises: NotFoundError."""
    return (subject_of(service().postings.get("need", arguments["need_id"])),)


def pair(arguments: dict[str, Any]) -> Subjects:
    """Return both sides of the match that the address names. Raises: NotFoundError."""
    return _sides(arguments["need_id"], arguments["achievement_id"])


def suggestion(arguments: dict[str, Any]) -> Subjects:
    """Return both sides of the pair that the suggestion in the address is of. Raises: NotFoundError."""
    found = service().desk.get(arguments["public_id"])
    return _sides(found.need_id, found.achievement_id)


def verdict(arguments: dict[str, Any]) -> Subjects:
    """Return both sides of the match that the verdict is on. Raises: NotFoundError."""
    found = service().judging.get(arguments["verdict_id"])
    return _sides(found.need_id, found.achievement_id)


def cooperation(arguments: dict[str, Any]) -> Subjects:
    """Return the cooperation that the address names; it belongs to all its parties. Raises: NotFoundError."""
    return (cooperation_of(arguments["cooperation_id"]),)


def cooperation_of(cooperation_id: int) -> Subject:
    """Return the cooperation with this id; it belongs to all its parties. Raises: NotFoundError."""
    return _parties(service().cooperations.get(cooperation_id))


def readable_cooperations(kind: Kind, item_id: int) -> tuple[Cooperation, ...]:
    """Return those cooperations of a record that the viewer may read."""
    found = service().cooperations.of_record(kind, item_id)
    return tuple(each for each in found if may(viewer(), Action.READ_COOPERATION, _parties(each)))


def linked_records(found: Cooperation) -> list[Record]:
    """Return the need and the achievement that a cooperation is about, as the viewer may see them."""
    sides: tuple[tuple[Kind, int | None], ...] = (("need", found.need_id), ("achievement", found.achievement_id))
    return [seen(service().postings.get(kind, item_id)) for kind, item_id in sides if item_id]


def _parties(found: Cooperation) -> Subject:
    return Subject(found.party_ids)


def organisation(arguments: dict[str, Any]) -> Subjects:
    """Return the organisation that the address names."""
    return (Subject(frozenset({arguments["organisation_id"]})),)


def asked_pair(_: dict[str, Any]) -> Subjects:
    """Return the records that the query string names, or nothing in particular. Raises: NotFoundError."""
    return _sides(asked_id(request.args, "need"), asked_id(request.args, "achievement")) or (NOTHING,)


def asked_engagement_id(pair: Cooperation) -> int | None:
    """Return the engagement that the query string names, if any: one of this pair that the viewer works on.

    Raises: NotFoundError.
    """
    public_id = request.args.get("engagement", "")
    if not public_id:
        return None
    found = service().engagements.get(public_id)
    is_of_pair = (found.need_id, found.achievement_id) == (pair.need_id, pair.achievement_id)
    if not is_of_pair or not may(viewer(), Action.WORK_ENGAGEMENT, engagement_of(found)):
        raise NotFoundError("没有这条对接，或者您不能由它记录合作")
    return found.id


def _sides(need_id: int | None, achievement_id: int | None) -> Subjects:
    sides: tuple[tuple[Kind, int | None], ...] = (("need", need_id), ("achievement", achievement_id))
    return tuple(subject_of(service().postings.get(kind, item_id)) for kind, item_id in sides if item_id)
