"""What a route acts upon: from its arguments to subjects of the policy."""

from typing import Any

from flask import request

from matcher.models import Cooperation, Kind
from matcher.policy import NOTHING, Action, Subject, may, subject_of
from web.addresses import asked_id
from web.current import service, viewer

Subjects = tuple[Subject, ...]


def record(arguments: dict[str, Any]) -> Subjects:
    """Return the need or achievement that the address names. Raises: NotFoundError."""
    return (subject_of(service().postings.get(arguments["kind"], arguments["item_id"])),)


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
