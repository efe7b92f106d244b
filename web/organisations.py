"""An organisation: its people, who waits, and its invitations."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from matcher.errors import InvalidInputError
from matcher.people import MEMBER_ROLES
from matcher.policy import Action, Subject, may
from web import subjects
from web.access import rule
from web.account_forms import InvitationForm
from web.addresses import outer
from web.current import actor, service, viewer

bp = Blueprint("organisations", __name__, url_prefix="/organisations")

_PERSON = "/<organisation:organisation_id>/people/<public_id>"


@bp.get("/<organisation:organisation_id>")
@rule(Action.SEE_PEOPLE, subjects.organisation)
def people(organisation_id: int) -> str:
    """Who belongs to the organisation, and for its owners what can be changed. Raises: NotFoundError."""
    return _page(organisation_id, InvitationForm())


@bp.post(_PERSON)
@rule(Action.MANAGE_PEOPLE, subjects.organisation)
def change(organisation_id: int, public_id: str) -> ResponseReturnValue:
    """Give a member another role, or make an owner of it. Raises: NotFoundError; IllegalTransitionError."""
    role = request.form.get("role", "")
    if service().joining.membership(public_id, organisation_id).role != role:
        _check_role(organisation_id, role)
    service().joining.change(public_id, organisation_id, role, "is_owner" in request.form, actor())
    flash("已保存")
    return _back(organisation_id)


@bp.post(f"{_PERSON}/remove")
@rule(Action.MANAGE_PEOPLE, subjects.organisation)
def remove(organisation_id: int, public_id: str) -> ResponseReturnValue:
    """Take a member out. Raises: NotFoundError; IllegalTransitionError."""
    service().joining.remove(public_id, organisation_id, actor())
    flash("已移出单位")
    return _back(organisation_id)


@bp.post(f"{_PERSON}/admit")
@rule(Action.MANAGE_PEOPLE, subjects.organisation)
def admit(organisation_id: int, public_id: str) -> ResponseReturnValue:
    """Let in somebody who waits. Raises: NotFoundError."""
    _check_role(organisation_id, service().joining.membership(public_id, organisation_id).role)
    found = service().joining.admit(public_id, organisation_id, actor())
    flash(f"已批准{found.account.name}加入{found.organisation}")
    return _back(organisation_id)


@bp.post(f"{_PERSON}/refuse")
@rule(Action.MANAGE_PEOPLE, subjects.organisation)
def refuse(organisation_id: int, public_id: str) -> ResponseReturnValue:
    """Turn away somebody who waits. Raises: NotFoundError; IllegalTransitionError."""
    service().joining.refuse(public_id, organisation_id, actor())
    flash("已拒绝")
    return _back(organisation_id)


@bp.post("/<organisation:organisation_id>/invitations")
@rule(Action.MANAGE_PEOPLE, subjects.organisation)
def invite(organisation_id: int) -> ResponseReturnValue:
    """Make an invitation and show its link, the only time. Raises: NotFoundError."""
    form = InvitationForm()
    role, is_owner = form.role.data or "", bool(form.is_owner.data)
    try:
        _check_role(organisation_id, role)
        token = service().joining.invite(organisation_id, role, is_owner, actor())
    except InvalidInputError as error:
        form.show(error.problems)
        return _page(organisation_id, form), 400
    link = outer(url_for("signing.invitation", token=token))
    return _page(organisation_id, InvitationForm(formdata=None), link)


@bp.post("/<organisation:organisation_id>/invitations/<public_id>/withdraw")
@rule(Action.MANAGE_PEOPLE, subjects.organisation)
def withdraw(organisation_id: int, public_id: str) -> ResponseReturnValue:
    """Make an invitation worthless."""
    service().joining.withdraw(organisation_id, public_id, actor())
    flash("邀请已撤回")
    return _back(organisation_id)


def _check_role(organisation_id: int, role: str) -> None:
    """Refuse to make somebody a broker to whom the policy does not leave that: brokers see other organisations."""
    if role == "broker" and not may(viewer(), Action.MAKE_BROKER, Subject(frozenset({organisation_id}))):
        abort(403, description="技术经纪人身份由管理员给予。请联系管理员")


def _page(organisation_id: int, form: InvitationForm, link: str = "") -> str:
    found = service().joining.people(organisation_id)
    return render_template(
        "organisations/people.html",
        organisation=service().joining.known(organisation_id),
        form=form,
        link=link,
        members=[each for each in found if each.state == "active"],
        waiting=[each for each in found if each.state == "pending"],
        invitations=service().joining.invitations(organisation_id),
        roles=MEMBER_ROLES,
    )


def _back(organisation_id: int) -> Response:
    """Lead back to the queue when that was where the button stood, or to the organisation."""
    if request.form.get("back") == "queue":
        return redirect(url_for("administration.queue"), 303)
    return redirect(url_for(".people", organisation_id=organisation_id), 303)
