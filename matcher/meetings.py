"""Use cases of meetings: agree on, move, call off; and their entry for a calendar."""

from datetime import UTC, datetime

from icalendar import Calendar, Event

from matcher.clock import ZONE
from matcher.engagement import UNTOLD, Engagement, Meeting
from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError, StaleEditError
from matcher.store import Database, Store, audit, engagements, meetings, notices
from matcher.validation import text_problem

STALE = "这次会议在您填写期间已被他人改动。您填写的内容仍在下方，请对照后再保存"
_LONGEST = {"title": 100, "place": 200, "attendees": 500}
_NAMES = {"title": "主题", "place": "地点", "attendees": "参加人"}


class Meetings:
    """When and where the sides of an engagement meet."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, public_id: str) -> Meeting:
        """Return the meeting. Raises: NotFoundError."""
        found = meetings.get(self._store.db, public_id)
        if found is None:
            raise NotFoundError("没有这次会议，或者您不能查看它")
        return found

    def engagement(self, meeting: Meeting) -> Engagement:
        """Return the engagement that a meeting belongs to. Raises: NotFoundError."""
        found = engagements.by_number(self._store.db, meeting.engagement_id)
        if found is None:
            raise NotFoundError("没有这次会议，或者您不能查看它")
        return found

    def of_engagement(self, engagement: Engagement) -> tuple[Meeting, ...]:
        """Return the meetings of an engagement, the latest first."""
        return meetings.of_engagement(self._store.db, engagement.id)

    def add(self, engagement: Engagement, meeting: Meeting, actor: str) -> str:
        """Keep a new meeting and tell both sides; return its public id. Raises: InvalidInputError."""
        _check(meeting)
        with self._store.transaction() as db:
            public_id = meetings.add(db, meeting)
            self._log(db, engagement, actor, "meeting added", ("", _when(meeting)), meeting.title)
            _tell(db, engagement, f"有新的会议：{meeting.title}，{_when(meeting)}")
        return public_id

    def change(self, meeting: Meeting, sequence: int, actor: str) -> None:
        """Overwrite a meeting and tell both sides.

        Raises: InvalidInputError; NotFoundError; IllegalTransitionError when it was called off; StaleEditError when it
        was changed since.
        """
        _check(meeting)
        with self._store.transaction() as db:
            current = self._alive(meeting.public_id, sequence)
            engagement = self.engagement(current)
            meetings.change(db, meeting)
            self._log(db, engagement, actor, "meeting changed", (_when(current), _when(meeting)), meeting.title)
            _tell(db, engagement, f"会议有变动：{meeting.title}，{_when(meeting)}")

    def cancel(self, public_id: str, actor: str) -> None:
        """Call a meeting off and tell both sides. Raises: NotFoundError; IllegalTransitionError."""
        with self._store.transaction() as db:
            current = self._alive(public_id)
            engagement = self.engagement(current)
            meetings.cancel(db, current.id)
            self._log(db, engagement, actor, "meeting cancelled", (_when(current), ""), current.title)
            _tell(db, engagement, f"会议已取消：{current.title}，{_when(current)}")

    def _alive(self, public_id: str, sequence: int | None = None) -> Meeting:
        current = self.get(public_id)
        if current.cancelled_at is not None:
            raise IllegalTransitionError("这次会议已取消，请另约一次")
        if sequence is not None and current.sequence != sequence:
            raise StaleEditError(STALE)
        return current

    @staticmethod
    def _log(db: Database, engagement: Engagement, actor: str, action: str, times: tuple[str, str], title: str) -> None:
        engagements.add_event(db, engagement.id, actor, action, {"meeting": times}, title, is_shared=True)
        audit.add(db, actor, action, "engagement", engagement.id, {"at": times[0]}, {"at": times[1], "title": title})


def calendar_entry(meeting: Meeting, address: str) -> bytes:
    """Return a meeting as an iCalendar file (RFC 5545) that updates or removes the entry it made before."""
    event = Event()
    event.add("uid", f"{meeting.public_id}@tech-matcher")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", datetime.now(UTC))
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", meeting.ends_at.astimezone(UTC))
    event.add("summary", meeting.title)
    event.add("location", meeting.place)
    event.add("description", "\n".join(part for part in (meeting.attendees, address) if part))
    event.add("status", "CANCELLED" if meeting.cancelled_at else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//tech-matcher//engagements//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if meeting.cancelled_at else "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _check(meeting: Meeting) -> None:
    problems = {"title": "请填写会议主题"} if not meeting.title.strip() else {}
    for name, longest in _LONGEST.items():
        if problem := text_problem(getattr(meeting, name), longest):
            problems[name] = f"“{_NAMES[name]}”{problem}"
    if meeting.ends_at <= meeting.starts_at:
        problems["ends_at"] = "结束时间须晚于开始时间"
    if problems:
        raise InvalidInputError(problems)


def shown_values(meeting: Meeting) -> dict[str, str]:
    """Return what stands in a meeting as texts, by what pages call it."""
    texts = {words: getattr(meeting, name) for name, words in _NAMES.items()}
    return {"时间": _when(meeting), **texts}


def _when(meeting: Meeting) -> str:
    start, end = (time.astimezone(ZONE) for time in (meeting.starts_at, meeting.ends_at))
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    return f"{start:%Y-%m-%d %H:%M} 至 {last}"


def _tell(db: Database, engagement: Engagement, words: str) -> None:
    for owner_id in sorted(engagement.owner_ids) if engagement.state != UNTOLD else ():
        notices.add(db, "meeting", words, ("engagement", engagement.id), organisation_id=owner_id)
