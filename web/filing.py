"""What brings a cooperation record on: steps of brokers and of the bureau, amendments, reports, old versions."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for

from matcher.cooperation import Amendment
from matcher.errors import IllegalTransitionError, InvalidInputError, NotFoundError, StaleEditError
from matcher.policy import Action
from matcher.workflow import AMENDED_STATES, COOPERATION_STATES
from web import histories, subjects
from web.access import rule
from web.cooperation_forms import CooperationForm, ReportForm
from web.cooperations import Page, change_page, detail_page
from web.current import actor, service

bp = Blueprint("filing", __name__, url_prefix="/cooperations/<cooperation:cooperation_id>")


@bp.post("/state")
@rule(Action.RECORD, subjects.cooperation)
def move(cooperation_id: int) -> Page:
    """Bring the record into its next state, short of what is for the bureau to do.

    Raises: NotFoundError; InvalidInputError for a state that there is not.
    """
    state = _asked_state()

    def take(reason: str) -> str:
        service().cooperations.move(cooperation_id, state, actor(), reason, _seen_version())
        return f"状态已改为“{COOPERATION_STATES[state]}”"

    return _taken(cooperation_id, take)


@bp.post("/decision")
@rule(Action.FILE, subjects.cooperation)
def decide(cooperation_id: int) -> Page:
    """File, give back or revoke the record.

    Raises: NotFoundError; InvalidInputError for a state that there is not.
    """
    state = _asked_state()

    def take(reason: str) -> str:
        stored = service().cooperations.decide(cooperation_id, state, _seen_version() or 0, actor(), reason)
        words = {"filed": f"已备案，编号 {stored.filing_number}", "draft": "已退回，各方会收到通知"}
        return words.get(state, "备案已撤销，各方会收到通知")

    return _taken(cooperation_id, take)


@bp.route("/amend", methods=["GET", "POST"])
@rule(Action.RECORD, subjects.cooperation)
def amend(cooperation_id: int) -> Page:
    """Show the form or amend the filed record with what it posts.

    Raises: NotFoundError; IllegalTransitionError when no form can be shown.
    """
    current = service().cooperations.get(cooperation_id)
    form = CooperationForm(current)
    return change_page(
        "cooperations/amend.html",
        form,
        current,
        AMENDED_STATES,
        lambda wanted: service().cooperations.amend(wanted, form.reason.data, actor()),
        "变更已保存，原来的内容保留在“变更记录”里",
    )


@bp.route("/report", methods=["GET", "POST"])
@rule(Action.RECORD, subjects.cooperation)
def report(cooperation_id: int) -> Page:
    """Show the form or keep what it reports.

    Raises: NotFoundError; IllegalTransitionError when no form can be shown.
    """
    current = service().cooperations.get(cooperation_id)
    return change_page(
        "cooperations/report.html",
        ReportForm(current),
        current,
        AMENDED_STATES,
        lambda wanted: service().cooperations.report(wanted, actor()),
        "进展已保存",
    )


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


def _taken(cooperation_id: int, take: Callable[[str], str]) -> Page:
    """Take a step with the reason that was typed and tell what came of it; what kept it from being taken is shown."""
    try:
        told = take(request.form.get("reason", ""))
    except InvalidInputError as error:
        return detail_page(service().cooperations.get(cooperation_id), error.problems), 400
    except (StaleEditError, IllegalTransitionError) as error:
        return detail_page(service().cooperations.get(cooperation_id), {"": str(error)}), 409
    flash(told)
    return redirect(url_for("cooperations.detail", cooperation_id=cooperation_id), 303)
