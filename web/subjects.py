"""What a route acts upon: from its arguments to subjects of the policy."""

from dataclasses import replace
from typing import Any

from flask import request

from matcher.interest import Interest
from matcher.models import Cooperation, Kind, Record
from matcher.policy import NOTHING, Action, Subject, may, subject_of
from web.addresses import asked_id
from web.current import service, viewer

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


def need(arguments: dict[str, Any]) -> Subjects:
    """Return the need that the address names. Raises: NotFoundError."""
    return (subject_of(service().postings.get("need", arguments["need_id"])),)


def pair(arguments: dict[str, Any]) -> Subjects:
    """Return both sides of the match that the address names. Raises: NotFoundError."""
    return _sides(arguments["need_id"], arguments["achievement_id"])


def verdict(arguments: dict[str, Any]) -> Subjects:
    """Return both sides of the match that the verdict is on. Raises: NotFoundError."""
    found = service().judging.get(arguments["verdict_id"])
    return _sides(found.need_id, found.achievement_id)


def cooperation(arguments: dict[str, Any]) -> Subjects:
    """Return the cooperation that the address names; it belongs to both parties. Raises: NotFoundError."""
    return (_both_parties(service().cooperations.get(arguments["cooperation_id"])),)


def readable_cooperations(kind: Kind, item_id: int) -> tuple[Cooperation, ...]:
    """Return those cooperations of a record that the viewer may read."""
    found = service().cooperations.of_record(kind, item_id)
    return tuple(each for each in found if may(viewer(), Action.READ_COOPERATION, _both_parties(each)))


def _both_parties(found: Cooperation) -> Subject:
    return Subject(frozenset(each for each in (found.party_a_id, found.party_b_id) if each is not None))


def organisation(arguments: dict[str, Any]) -> Subjects:
    """Return the organisation that the address names."""
    return (Subject(frozenset({arguments["organisation_id"]})),)


def asked_pair(_: dict[str, Any]) -> Subjects:
    """Return the records that the query string names, or nothing in particular. Raises: NotFoundError."""
    return _sides(asked_id(request.args, "need"), asked_id(request.args, "achievement")) or (NOTHING,)


def _sides(need_id: int | None, achievement_id: int | None) -> Subjects:
    sides: tuple[tuple[Kind, int | None], ...] = (("need", need_id), ("achievement", achievement_id))
    return tuple(subject_of(service().postings.get(kind, item_id)) for kind, item_id in sides if item_id)
