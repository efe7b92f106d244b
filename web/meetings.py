"""Pages of meetings, and their files for calendars."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from matcher.engagement import Engagement, Meeting
from matcher.errors import InvalidInputError, StaleEditError
from matcher.meetings import calendar_entry, shown_values
from matcher.policy import Action
from web import subjects
from web.access import rule
from web.addresses import outer
from web.current import actor, service
from web.engagement_forms import MeetingForm, number_in

bp = Blueprint("meetings", __name__)


@bp.route("/engagements/<public_id>/meetings/new", methods=["GET", "POST"])
@rule(Action.WORK_ENGAGEMENT, subjects.engagement)
def new(public_id: str) -> ResponseReturnValue:
    """Agree on a meeting. Raises: NotFoundError."""
    engagement, form = service().engagements.get(public_id), MeetingForm()
    if not form.is_submitted():
        return _page(engagement, form, None)
    try:
        readable = form.validate()
        wanted = form.meeting(engagement_id=engagement.id)
        if not readable:
            raise InvalidInputError({})
        service().meetings.add(engagement, wanted, actor())
    except InvalidInputError as error:
        form.show_error(error)
        return _page(engagement, form, None), 400
    return _back(engagement, "会议已约定，双方单位会收到消息")


@bp.route("/meetings/<public_id>/edit", methods=["GET", "POST"])
@rule(Action.WORK_ENGAGEMENT, subjects.meeting)
def edit(public_id: str) -> ResponseReturnValue:
    """Move a meeting or change what stands in it. Raises: NotFoundError; IllegalTransitionError."""
    meeting = service().meetings.get(public_id)
    engagement, form = service().meetings.engagement(meeting), MeetingForm(meeting)
    if not form.is_submitted():
        return _page(engagement, form, meeting)
    try:
        readable = form.validate()
        wanted = form.meeting(public_id, meeting.id, engagement.id)
        if not readable:
            raise InvalidInputError({})
        service().meetings.change(wanted, number_in(form.sequence.data), actor())
    except InvalidInputError as error:
        form.show_error(error)
        return _page(engagement, form, meeting), 400
    except StaleEditError as error:
        return _stale_page(engagement, form, wanted, str(error)), 409
    return _back(engagement, "会议已改动，双方单位会收到消息")


@bp.post("/meetings/<public_id>/cancel")
@rule(Action.WORK_ENGAGEMENT, subjects.meeting)
def cancel(public_id: str) -> ResponseReturnValue:
    """Call a meeting off. Raises: NotFoundError; IllegalTransitionError."""
    engagement = service().meetings.engagement(service().meetings.get(public_id))
    service().meetings.cancel(public_id, actor())
    return _back(engagement, "会议已取消，双方单位会收到消息")


@bp.get("/meetings/<public_id>.ics")
@rule(Action.READ_ENGAGEMENT, subjects.meeting)
def calendar(public_id: str) -> Response:
    """The meeting for a calendar program. Raises: NotFoundError."""
    meeting = service().meetings.get(public_id)
    address = outer(url_for("engagements.detail", public_id=service().meetings.engagement(meeting).public_id))
    answer = Response(calendar_entry(meeting, address), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = "attachment; filename=meeting.ics"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _page(engagement: Engagement, form: MeetingForm, meeting: Meeting | None, **more: Any) -> str:
    words = {"stale": "", "differences": [], **more}
    return render_template("engagements/meeting.html", engagement=engagement, form=form, meeting=meeting, **words)


def _stale_page(engagement: Engagement, form: MeetingForm, wanted: Meeting, told: str) -> str:
    """Return the form as typed beside what others saved; saving again overwrites theirs knowingly."""
    latest = service().meetings.get(wanted.public_id)
    theirs, typed = shown_values(latest), shown_values(wanted)
    differences = [(label, theirs[label], typed[label]) for label in theirs if theirs[label] != typed[label]]
    form.sequence.data = str(latest.sequence)
    return _page(engagement, form, latest, stale=told, differences=differences)


def _back(engagement: Engagement, told: str) -> ResponseReturnValue:
    flash(told)
    return redirect(url_for("engagements.detail", public_id=engagement.public_id, _anchor="meetings"), 303)
