"""What brings a cooperation record on: steps of brokers and of the bureau, amendments, reports, old versions."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.cooperation import Amendment
from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError, StaleEditError
from matcher.policy import Action
from matcher.workflow import AMENDED_STATES, COOPERATION_STATES
from web import histories, subjects
from web.access import rule
from web.cooperation_forms import CooperationForm, ReportForm
from web.cooperations import Page, detail_page, form_page, only_in, refused_page, stale_page
from web.current import actor, service

bp = Blueprint("filing", __name__, url_prefix="/cooperations/<cooperation:cooperation_id>")


@bp.post("/state")
@rule(Action.RECORD, subjects.cooperation)
def move(cooperation_id: int) -> Page:
    """Bring the record into its next state, short of what is for the bureau to do.

    Raises: NotFoundError; InvalidInputError for a state that there is not.
    """
    state = _asked_state()
    try:
        service().cooperations.move(cooperation_id, state, actor(), request.form.get("reason", ""), _seen_version())
    except InvalidInputError as error:
        return detail_page(service().cooperations.get(cooperation_id), error.problems), 400
    except (StaleEditError, IllegalTransitionError) as error:
        return detail_page(service().cooperations.get(cooperation_id), {"": str(error)}), 409
    flash(f"状态已改为“{COOPERATION_STATES[state]}”")
    return _to_record(cooperation_id)


@bp.post("/decision")
@rule(Action.FILE, subjects.cooperation)
def decide(cooperation_id: int) -> Page:
    """File, give back or revoke the record.

    Raises: NotFoundError; InvalidInputError for a state that there is not.
    """
    state = _asked_state()
    reason, version = request.form.get("reason", ""), _seen_version() or 0
    try:
        stored = service().cooperations.decide(cooperation_id, state, version, actor(), reason)
    except InvalidInputError as error:
        return detail_page(service().cooperations.get(cooperation_id), error.problems), 400
    except (StaleEditError, IllegalTransitionError) as error:
        return detail_page(service().cooperations.get(cooperation_id), {"": str(error)}), 409
    words = {"filed": f"已备案，编号 {stored.filing_number}", "draft": "已退回，各方会收到通知"}
    flash(words.get(state, "备案已撤销，各方会收到通知"))
    return _to_record(cooperation_id)


@bp.route("/amend", methods=["GET", "POST"])
@rule(Action.RECORD, subjects.cooperation)
def amend(cooperation_id: int) -> Page:
    """Show the form or amend the filed record with what it posts.

    Raises: NotFoundError; IllegalTransitionError when no form can be shown.
    """
    current = service().cooperations.get(cooperation_id)
    form = CooperationForm(current)
    if not form.is_submitted() or form.changes_rows():
        return form_page("cooperations/amend.html", form, only_in(AMENDED_STATES, current))
    wanted = form.filled(current)
    if not form.accepts(wanted):
        return form_page("cooperations/amend.html", form, current), 400
    try:
        service().cooperations.amend(wanted, form.reason.data, actor())
    except InvalidInputError as error:
        form.show(error.problems)
        return form_page("cooperations/amend.html", form, current), 400
    except StaleEditError as error:
        return stale_page("cooperations/amend.html", form, wanted, error), 409
    except IllegalTransitionError as error:
        return refused_page("cooperations/amend.html", form, current, error), 409
    flash("变更已保存，原来的内容保留在“变更记录”里")
    return _to_record(cooperation_id)


@bp.route("/report", methods=["GET", "POST"])
@rule(Action.RECORD, subjects.cooperation)
def report(cooperation_id: int) -> Page:
    """Show the form or keep what it reports.

    Raises: NotFoundError; IllegalTransitionError when no form can be shown.
    """
    current = service().cooperations.get(cooperation_id)
    form = ReportForm(current)
    if not form.is_submitted() or form.changes_rows():
        return form_page("cooperations/report.html", form, only_in(AMENDED_STATES, current))
    wanted = form.filled(current)
    if not form.accepts(wanted):
        return form_page("cooperations/report.html", form, current), 400
    try:
        service().cooperations.report(wanted, actor())
    except StaleEditError as error:
        return stale_page("cooperations/report.html", form, wanted, error), 409
    except IllegalTransitionError as error:
        return refused_page("cooperations/report.html", form, current, error), 409
    flash("进展已保存")
    return _to_record(cooperation_id)


@bp.get("/amendments/<int:number>")
@rule(Action.READ_COOPERATION, subjects.cooperation)
def version(cooperation_id: int, number: int) -> str:
    """Return what the record was before an amendment, and what that changed. Raises: NotFoundError."""
    current = service().cooperations.get(cooperation_id)
    by_number = {each.number: each for each in service().cooperations.amendments(cooperation_id)}
    if number not in by_number:
        raise NotFoundError(f"这条备案没有第 {number} 次变更")
    amendment: Amendment = by_number[number]
    after = by_number[number + 1].old if number + 1 in by_number else current
    return render_template(
        "cooperations/version.html",
        current=current,
        cooperation=amendment.old,
        amendment=amendment,
        differences=histories.differences(amendment.old, after),
    )


def _seen_version() -> int | None:
    """Return the version that the page with the button showed; None when it names none."""
    return request.form.get("version", type=int)


def _asked_state() -> str:
    """Return the state that the form asks for. Raises: InvalidInputError for one that there is not."""
    state = request.form.get("state", "")
    if state not in COOPERATION_STATES:
        raise InvalidInputError(
            {"state": f"“{state[:30]}”不是合作状态，可选：{'、'.join(COOPERATION_STATES.values())}"}
        )
    return state


def _to_record(cooperation_id: int) -> Response:
    return redirect(url_for("cooperations.detail", cooperation_id=cooperation_id), 303)
