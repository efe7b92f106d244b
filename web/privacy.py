"""What the service keeps of people, and one's own part of it: to take along, and to leave."""

import json

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.policy import Action
from web import current
from web.access import rule
from web.current import account, service

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
@rule(Action.BROWSE)
def page() -> str:
    """What is kept of people, for what, and for how long: made from the settings in force."""
    return render_template("privacy/page.html", settings=service().settings, mails=service().mail.is_set)


@bp.get("/account/export")
@rule(Action.OWN_ACCOUNT)
def export() -> Response:
    """All that is held on the reader, as JSON."""
    text = json.dumps(service().personal_data.held_on(account()), ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return Response(text, mimetype="application/json", headers=headers)


@bp.route("/account/leave", methods=["GET", "POST"])
@rule(Action.OWN_ACCOUNT)
def leave() -> ResponseReturnValue:
    """Ask, then take the account away. Raises: IllegalTransitionError."""
    if request.method != "POST":
        return render_template("privacy/leave.html", account=account())
    service().personal_data.leave(account())
    current.forget()
    current.end_session()
    flash("账号已注销")
    return redirect(url_for("home.index"), 303)
