"""My account: whom I act for, my password, my sessions."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.errors import InvalidInputError
from matcher.people import MEMBER_ROLES
from matcher.policy import Action
from web import current
from web.access import rule
from web.account_forms import PasswordForm
from web.current import account, service

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
@rule(Action.OWN_ACCOUNT)
def page() -> str:
    """Everything about one's own account."""
    return _page(PasswordForm())


@bp.post("/password")
@rule(Action.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    """Keep another password; the other sessions end."""
    form, session = PasswordForm(), current.session()
    assert session is not None
    if not form.is_typed_twice():
        return _page(form), 400
    try:
        service().throttle.check_sign_in(current.address(), account().login)
        old, new = form.old.data or "", form.password.data or ""
        service().accounts.change_password(account(), old, new, session.public_id)
    except InvalidInputError as error:
        form.show(error.problems)
        return _page(form), 400
    service().throttle.note_signed_in(current.address(), account().login)
    flash("密码已更改，其他设备上的登录都已退出")
    return redirect(url_for(".page"), 303)


@bp.post("/organisation")
@rule(Action.OWN_ACCOUNT)
def act_for() -> ResponseReturnValue:
    """Act for another organisation that one belongs to. Raises: NotFoundError."""
    session = current.session()
    assert session is not None
    service().signing_in.act_for(session, request.form.get("organisation", 0, type=int))
    current.forget()
    flash(f"现在代表{current.viewer().organisation}")
    return redirect(url_for(".page"), 303)


@bp.post("/sessions/<public_id>/end")
@rule(Action.OWN_ACCOUNT)
def end(public_id: str) -> ResponseReturnValue:
    """End one of one's own sessions."""
    service().signing_in.end(account().id, public_id)
    flash("那次登录已退出")
    return redirect(url_for(".page"), 303)


@bp.post("/sessions/end-others")
@rule(Action.OWN_ACCOUNT)
def end_others() -> ResponseReturnValue:
    """End all of one's own sessions but this one."""
    session = current.session()
    assert session is not None
    service().signing_in.end_others(account().id, session.public_id)
    flash("其他设备上的登录都已退出")
    return redirect(url_for(".page"), 303)


def _page(form: PasswordForm) -> str:
    return render_template(
        "account/page.html",
        form=form,
        account=account(),
        present=current.session(),
        memberships=service().signing_in.memberships(account().id),
        sessions=service().signing_in.sessions(account().id),
        roles=MEMBER_ROLES,
    )
