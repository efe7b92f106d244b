"""Background jobs: how far each is, and for an administrator stopping and going on."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.job import KINDS, STATES
from matcher.policy import Action
from web.access import rule
from web.current import actor, service
from web.filters import read as read_list
from web.matches import asked_by_htmx

bp = Blueprint("jobs", __name__, url_prefix="/jobs")


@bp.get("")
@rule(Action.SEE_JOBS)
def listing() -> str:
    """All jobs, newest first."""
    asked = read_list(request.args, service().settings.page_size)
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    page = service().jobs.listing(state, asked.page, asked.size)
    if page.number > page.pages:
        page = service().jobs.listing(state, page.pages, asked.size)
    return render_template(
        "jobs/listing.html",
        page=page,
        state=state,
        states=STATES,
        kinds=KINDS,
        is_busy=service().jobs.has_open(),
    )


@bp.get("/<public_id>")
@rule(Action.SEE_JOBS)
def progress(public_id: str) -> ResponseReturnValue:
    """How far one job is: a piece of the list, for htmx. Raises: NotFoundError."""
    job = service().jobs.get(public_id)
    if not asked_by_htmx():
        return redirect(url_for(".listing"), 303)
    return render_template("jobs/_job.html", job=job, states=STATES, kinds=KINDS)


@bp.post("/suggest")
@rule(Action.RUN_JOBS)
def suggest() -> ResponseReturnValue:
    """Begin to suggest matches: of what changed, or of all records again."""
    service().suggesting.begin(actor(), anew="anew" in request.form)
    return _back("已加入后台任务")


@bp.post("/<public_id>/stop")
@rule(Action.RUN_JOBS)
def stop(public_id: str) -> ResponseReturnValue:
    """Stop a job. Raises: NotFoundError; IllegalTransitionError."""
    service().jobs.stop(public_id, actor())
    return _back("已停止，完成的部分都已保存")


@bp.post("/<public_id>/restart")
@rule(Action.RUN_JOBS)
def restart(public_id: str) -> ResponseReturnValue:
    """Let a job go on where it stood. Raises: NotFoundError; IllegalTransitionError."""
    service().jobs.restart(public_id, actor())
    return _back("已重新开始，从停下的地方继续")


def _back(told: str) -> ResponseReturnValue:
    flash(told)
    return redirect(url_for(".listing"), 303)
