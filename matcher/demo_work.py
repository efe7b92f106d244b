"""Loading demo work: what the demo broker did with records of the demo catalogue, kept through the use cases.

Days in the data count from today, so that what is due stays near. Loaded once: a pair that is carried or recorded, an
interest or a proposal that is there already, is left as it is.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, cast

from matcher.clock import ZONE, today
from matcher.cooperation import PARTS, Cooperation
from matcher.demo_people import DEMO_BROKER
from matcher.engagement import Engagement, Meeting, Progress
from matcher.errors import NotFoundError
from matcher.interest import Questions
from matcher.models import Kind, Organisation, Record
from matcher.paper import Paper, wide
from matcher.people import viewer_of
from matcher.policy import Viewer
from matcher.rewrite import rewritten
from matcher.seeding import demo_rows
from matcher.store import postings
from matcher.word_paper import word_file

if TYPE_CHECKING:
    from matcher.service import Service

_BUREAU = "演示主管部门"
_GRID_MM = (20, 20, 26, 26, 78)


def seed_work(service: "Service") -> dict[str, int]:
    """Load the demo work that is missing; return how many of each kind were gained, none without the demo broker."""
    broker = _broker(service)
    loaders: dict[str, Callable[[Service, Viewer, dict[str, Any]], bool]] = {
        "interest": _ask,
        "engagement": _carry,
        "cooperation": _record,
        "rewrite": _propose,
    }
    return {
        kind: sum(load(service, broker, row) for row in demo_rows(f"{kind}s.jsonl")) if broker else 0
        for kind, load in loaders.items()
    }


def _broker(service: "Service") -> Viewer | None:
    try:
        account = service.accounts.by_login(DEMO_BROKER.login)
    except NotFoundError:
        return None
    places = service.signing_in.memberships(account.id)
    return viewer_of(account, places[0]) if places else None


def _carry(service: "Service", broker: Viewer, row: dict[str, Any]) -> bool:
    """Begin an engagement and bring it on, unless its pair is or was carried."""
    need, achievement = _published(service, "need", row["need"]), _published(service, "achievement", row["achievement"])
    if need is None or achievement is None or service.engagements.of_pair(need.id, achievement.id):
        return False
    interest = service.interests.standing("need", need.id, achievement.organisation_id)
    if interest and interest.state == "accepted":
        made = service.engagements.start_from(interest, achievement.id, broker)
    else:
        made = service.engagements.start(need.id, achievement.id, broker, row.get("start", "contacting"))
    by = broker.signature
    for number, step in enumerate(row.get("steps", ()), made.version):
        progress = Progress(**_dated({name: value for name, value in step.items() if name != "told"}))
        service.engagements.bring_on(made.public_id, number, progress, step.get("told", ""), by)
    for note in row.get("notes", ()):
        service.engagements.note(made.public_id, note["text"], note["shared"], by)
    if "meeting" in row:
        service.meetings.add(made, _meeting(made, **row["meeting"]), by)
    if "file" in row:
        _attach(service, ("engagement", made.id), row["file"], by)
    if row.get("free"):
        service.engagements.hand_over(made.public_id, service.engagements.get(made.public_id).version, "", by)
    return True


def _record(service: "Service", broker: Viewer, row: dict[str, Any]) -> bool:
    """Record a cooperation and bring it into its state, unless there is one of its pair."""
    need, achievement = _found(service, "need", row["need"]), _found(service, "achievement", row["achievement"])
    if need is None or achievement is None:
        return False
    if any(each.achievement_id == achievement.id for each in service.cooperations.of_record("need", need.id)):
        return False
    engagement = service.engagements.of_pair(need.id, achievement.id)
    signed = Cooperation(
        need_id=need.id,
        achievement_id=achievement.id,
        engagement_id=engagement.id if engagement else None,
        **_parts(row["cooperation"]),
    )
    made = service.cooperations.record(signed, broker.signature)
    if "file" in row:
        _attach(service, ("cooperation", made.id), row["file"], broker.signature)
    _bring_to(service, made, row["state"], broker.signature)
    if "report" in row:
        reported = replace(service.cooperations.get(made.id), **_parts(row["report"]))
        service.cooperations.report(reported, broker.signature)
    return True


def _bring_to(service: "Service", made: Cooperation, wanted: str, by: str) -> None:
    way = ("draft", "submitted", "filed", "performing")
    for state in way[1 : way.index(wanted) + 1]:
        if state == "filed":
            service.cooperations.decide(made.id, state, service.cooperations.get(made.id).version, _BUREAU)
        else:
            service.cooperations.move(made.id, state, by)


def _ask(service: "Service", broker: Viewer, row: dict[str, Any]) -> bool:
    """Express an interest, pass it on and answer it, unless the organisation asked about the record before."""
    record = _published(service, row["kind"], row["record"])
    asker = service.joining.organisation(Organisation(name=row["organisation"])).id
    known = service.interests.listing(asker, size=10_000).items
    if record is None or any((each.kind, each.item_id) == (record.kind, record.id) for each in known):
        return False
    made = service.interests.express(record.kind, record.id, asker, Questions(**row["questions"]), row["organisation"])
    if row["broker"]:
        service.interests.forward(made, broker.organisation_id, broker.signature)
    answer = row.get("answer", {})
    if answer.get("state") == "accepted":
        service.interests.accept(made, answer["contact"], record.organisation)
    elif answer:
        service.interests.decline(made, answer["reason"], answer["note"], record.organisation)
    return True


def _propose(service: "Service", broker: Viewer, row: dict[str, Any]) -> bool:
    """Propose other words for a need, unless there is a proposal for it."""
    need = _published(service, "need", row["need"])
    if need is None or service.rewrites.of_need(need.id):
        return False
    changes = {name: tuple(value) if isinstance(value, list) else value for name, value in row["changes"].items()}
    proposed = rewritten(service.rewrites.need(need.id), changes)
    version = service.postings.version("need", need.id)
    assert broker.organisation_id is not None
    service.rewrites.propose(proposed, version, row["explanation"], (broker.organisation_id, broker.signature))
    return True


def _found(service: "Service", kind: Kind, demo_id: str) -> Record | None:
    return postings.find_external(service.store.db, kind, demo_id)


def _published(service: "Service", kind: Kind, demo_id: str) -> Record | None:
    record = _found(service, kind, demo_id)
    return record if record is not None and record.status == "published" else None


def _parts(row: dict[str, Any]) -> dict[str, Any]:
    """Return values of a cooperation with its parts as what they are."""
    made = {name: tuple(PARTS[name](**_dated(each)) for each in row[name]) for name in PARTS if name in row}
    return _dated(row) | made


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with days from today as dates."""
    return {
        name: today() + timedelta(days=cast(int, value)) if name.endswith("_on") else value
        for name, value in row.items()
    }


def _meeting(
    engagement: Engagement, title: str, in_days: int, hour: int, minutes: int, place: str, attendees: str
) -> Meeting:
    begins = datetime.combine(today() + timedelta(days=in_days), time(hour), ZONE).astimezone(UTC)
    ends = begins + timedelta(minutes=minutes)
    return Meeting(
        engagement_id=engagement.id, title=title, starts_at=begins, ends_at=ends, place=place, attendees=attendees
    )


def _attach(service: "Service", about: tuple[Any, int], file: dict[str, Any], by: str) -> None:
    """Attach a Word file that is made here from its lines."""
    rows = tuple(wide(name, text, len(_GRID_MM)) for name, text in file["rows"])
    paper = Paper(title=file["title"], columns_mm=_GRID_MM, rows=rows)
    service.attachments.add(about, file["name"], word_file(paper), file["note"], by)
