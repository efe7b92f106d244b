"""Meetings of engagements. One that was cancelled stays, so that calendars can be told."""

from typing import Any

from sqlite_utils import Database

from matcher.engagement import Meeting
from matcher.store.rows import now_text, time_text, to_time
from matcher.tokens import new_public_id

_COLUMNS = "id, public_id, engagement_id, title, starts_at, ends_at, place, attendees, sequence, cancelled_at"


def get(db: Database, public_id: str) -> Meeting | None:
    """Return the meeting with this public id, if any."""
    row = db.execute(f"select {_COLUMNS} from engagement_meeting where public_id = ?", (public_id,)).fetchone()
    return None if row is None else _meeting(row)


def of_engagement(db: Database, engagement_id: int) -> tuple[Meeting, ...]:
    """Return the meetings of an engagement, the latest first."""
    sql = f"select {_COLUMNS} from engagement_meeting where engagement_id = ? order by starts_at desc, id desc"
    return tuple(_meeting(row) for row in db.execute(sql, (engagement_id,)))


def add(db: Database, meeting: Meeting) -> str:
    """Keep a new meeting; return its public id."""
    public_id = new_public_id()
    values = (meeting.engagement_id, meeting.title, *_times(meeting), meeting.place, meeting.attendees)
    db.execute(
        "insert into engagement_meeting"
        " (public_id, engagement_id, title, starts_at, ends_at, place, attendees, sequence)"
        " values (?, ?, ?, ?, ?, ?, ?, 0)",
        (public_id, *values),
    )
    return public_id


def change(db: Database, meeting: Meeting) -> None:
    """Overwrite the meeting with the same id; its sequence goes up."""
    db.execute(
        "update engagement_meeting set title = ?, starts_at = ?, ends_at = ?, place = ?, attendees = ?,"
        " sequence = sequence + 1 where id = ?",
        (meeting.title, *_times(meeting), meeting.place, meeting.attendees, meeting.id),
    )


def cancel(db: Database, meeting_id: int) -> None:
    """Note that a meeting does not take place."""
    db.execute(
        "update engagement_meeting set cancelled_at = ?, sequence = sequence + 1 where id = ?", (now_text(), meeting_id)
    )


def _times(meeting: Meeting) -> tuple[str, str]:
    return time_text(meeting.starts_at), time_text(meeting.ends_at)


def _meeting(row: tuple[Any, ...]) -> Meeting:
    number, public_id, engagement_id, title, starts_at, ends_at, place, attendees, sequence, cancelled_at = row
    return Meeting(
        id=number,
        public_id=public_id,
        engagement_id=engagement_id,
        title=title,
        starts_at=to_time(starts_at),
        ends_at=to_time(ends_at),
        place=place,
        attendees=attendees,
        sequence=sequence,
        cancelled_at=to_time(cancelled_at) if cancelled_at else None,
    )
