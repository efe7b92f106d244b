"""Signing in and out, signing up, invitations and links for a new password."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.errors import InvalidInputError, LinkError, SignInError, ThrottledError
from matcher.people import MEMBER_ROLES
from matcher.policy import Action, Role
from web import current
from web.access import rule
from web.account_forms import ChosenPasswordForm, ForgottenForm, PersonForm, SignInForm, SignUpForm
from web.addresses import outer
from web.current import address, agent, service
from web.errors import status_of

bp = Blueprint("signing", __name__)


@bp.route("/sign-in", methods=["GET", "POST"])
@rule(Action.SIGN_IN)
def sign_in() -> ResponseReturnValue:
    """The form, or a new session and the way to where one wanted to go."""
    form = SignInForm()
    if not form.is_submitted():
        form.next.data = safe_next(request.args.get("next", ""))
        return render_template("signing/sign_in.html", form=form, problem="")
    try:
        login, password = form.login.data or "", form.password.data or ""
        token = service().signing_in.sign_in(login, password, address(), agent(), form.code.data or "")
    except (SignInError, ThrottledError) as error:
        return render_template("signing/sign_in.html", form=form, problem=str(error)), status_of(error)
    current.begin_session(token)
    flash(f"已登录：{current.actor()}")
    return redirect(safe_next(form.next.data or "") or _first_page(), 303)


@bp.post("/sign-out")
@rule(Action.OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    current.end_session()
    flash("已退出登录")
    return redirect(url_for("home.index"), 303)


@bp.route("/sign-up", methods=["GET", "POST"])
@rule(Action.SIGN_IN)
def sign_up() -> ResponseReturnValue:
    """The form, or a new account that waits to be admitted."""
    form = SignUpForm()
    if not form.is_submitted():
        return _sign_up_page(form)
    try:
        service().throttle.check_sign_up(address())
        if not form.is_typed_twice():
            return _sign_up_page(form), 400
        joining = service().joining
        made = joining.sign_up(form.new_account(), form.organisation.data or "", form.role.data or "")
    except InvalidInputError as error:
        form.show(error.problems)
        return _sign_up_page(form), 400
    current.begin_session(service().signing_in.begin(made, address(), agent()))
    flash("注册已提交。管理员审核通过后，您就可以代表单位发布和管理内容。")
    return redirect(url_for("account.page"), 303)


@bp.route("/invitation/<token>", methods=["GET", "POST"])
@rule(Action.SIGN_IN)
def invitation(token: str) -> ResponseReturnValue:
    """What one is invited to, or the joining: with a new account, or with the one that is signed in.

    Raises: LinkError; ThrottledError.
    """
    link, organisation = _checked(lambda: service().joining.invitation(token))
    form, session = PersonForm(), current.session()
    words = {"link": link, "organisation": organisation, "role": MEMBER_ROLES[link.role], "session": session}
    if not form.is_submitted():
        return render_template("signing/invitation.html", form=form, **words)
    if session is not None:
        service().joining.accept_as(token, session.account)
        service().signing_in.act_for(session, organisation.id)
    elif not form.is_typed_twice():
        return render_template("signing/invitation.html", form=form, **words), 400
    else:
        service().throttle.check_sign_up(address())
        try:
            made = service().joining.accept(token, form.new_account())
        except InvalidInputError as error:
            form.show(error.problems)
            return render_template("signing/invitation.html", form=form, **words), 400
        current.begin_session(service().signing_in.begin(made, address(), agent()))
    flash(f"您已加入{organisation.name}")
    return redirect(url_for("account.page"), 303)


@bp.route("/forgotten", methods=["GET", "POST"])
@rule(Action.SIGN_IN)
def forgotten() -> ResponseReturnValue:
    """What to do about a forgotten password; with a mail server, a link by mail. The answer tells nothing of accounts.

    Raises: ThrottledError.
    """
    form, mails = ForgottenForm(), service().mail.is_set
    sent = form.is_submitted() and mails
    if sent:
        service().throttle.check_link(address())
        token_here = outer(url_for("signing.reset", token="TOKEN")).replace("TOKEN", "{token}")
        service().accounts.mail_reset_link(form.login.data or "", token_here)
    return render_template("signing/forgotten.html", form=form, mails=mails, sent=sent)


@bp.route("/reset/<token>", methods=["GET", "POST"])
@rule(Action.SIGN_IN)
def reset(token: str) -> ResponseReturnValue:
    """The form for a new password, or its keeping. Raises: LinkError."""
    found = _checked(lambda: service().accounts.of_reset(token))
    form = ChosenPasswordForm()
    if not form.is_submitted():
        return render_template("signing/reset.html", form=form, account=found)
    try:
        if not form.is_typed_twice():
            return render_template("signing/reset.html", form=form, account=found), 400
        service().accounts.reset(token, form.password.data or "")
    except InvalidInputError as error:
        form.show(error.problems)
        return render_template("signing/reset.html", form=form, account=found), 400
    flash("新密码已保存，请用它登录")
    return redirect(url_for("signing.sign_in"), 303)


def _first_page() -> str:
    """Return where somebody begins who wanted to go nowhere in particular: a broker at the desk."""
    return url_for("desk.queue" if Role.BROKER in current.viewer().roles else "home.index")


def safe_next(text: str) -> str:
    """Return an address of this service to go on to; empty for anything that may lead elsewhere."""
    if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return ""
    parts = urlsplit(text)
    return "" if parts.scheme or parts.netloc else text


def _sign_up_page(form: SignUpForm) -> str:
    return render_template("signing/sign_up.html", form=form, organisations=service().postings.organisation_names())


def _checked(find):  # type: ignore[no-untyped-def]
    """Return what a link is for; links that do not hold are counted, so that they cannot be guessed."""
    try:
        return find()
    except LinkError:
        service().throttle.check_link(address())
        raise
