"""Beginning and ending one's own second factor."""

import segno
from flask import Blueprint, flash, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from wtforms import PasswordField

from matcher.errors import InvalidInputError
from matcher.policy import Action
from matcher.second_factor import address_of, new_secret
from web.access import rule
from web.current import account, actor, address, forget, service
from web.forms import Form, LineField

bp = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")

_OFFERED = "offered_secret"


class CodeForm(Form):
    """The six digits that a phone shows."""

    code = LineField(
        "动态验证码",
        description="手机应用里这个账号现在的六位数字。",
        render_kw={"required": True, "inputmode": "numeric", "autocomplete": "one-time-code"},
    )


class EndForm(CodeForm):
    """Code and password, so that an unattended browser is not enough."""

    password = PasswordField("现在的密码", render_kw={"required": True, "autocomplete": "current-password"})


@bp.route("", methods=["GET", "POST"])
@rule(Action.OWN_ACCOUNT)
def page() -> ResponseReturnValue:
    """A new secret to take into the phone and the first code from it; or, with a factor, the way to end it."""
    return _end() if account().has_second_factor else _begin()


def _begin() -> ResponseReturnValue:
    form = CodeForm()
    secret = cookie.setdefault(_OFFERED, new_secret())
    if form.is_submitted():
        try:
            service().throttle.check_sign_in(address(), account().login)
            service().accounts.begin_second_factor(account(), secret, form.code.data or "")
            cookie.pop(_OFFERED)
            forget()
            flash("两步验证已开启。以后登录时还要填写手机上的动态验证码。")
            return redirect(url_for("account.page"), 303)
        except InvalidInputError as error:
            form.show(error.problems)
    otpauth = address_of(secret, account().login)
    picture = segno.make(otpauth).svg_data_uri(scale=5)
    words = {"secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), "picture": picture}
    return render_template("account/second_factor.html", form=form, **words), 400 if form.errors else 200


def _end() -> ResponseReturnValue:
    form = EndForm()
    if form.is_submitted():
        service().throttle.check_sign_in(address(), account().login)
        fits = service().accounts.knows_password(account(), form.password.data or "")
        if fits and service().signing_in.use_code(account(), form.code.data or ""):
            service().accounts.end_second_factor(account(), actor())
            flash("两步验证已关闭")
            return redirect(url_for("account.page"), 303)
        form.show({"code": "密码或动态验证码不对。请核对后再试"})
    return render_template("account/second_factor.html", form=form), 400 if form.errors else 200
