"""Pages of the administrator: who waits to be admitted, accounts, organisations."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.people import MEMBER_ROLES
from matcher.policy import Action
from web.access import rule
from web.addresses import outer
from web.cooperation_lists import read
from web.current import account, actor, service

bp = Blueprint("administration", __name__, url_prefix="/administration")


@bp.get("")
@rule(Action.ADMINISTER)
def queue() -> str:
    """Who waits to be admitted."""
    return render_template("administration/queue.html", waiting=service().joining.waiting(), roles=MEMBER_ROLES)


@bp.get("/accounts")
@rule(Action.ADMINISTER)
def accounts() -> str:
    """All accounts, searched and paged."""
    return _accounts_page()


@bp.get("/organisations")
@rule(Action.ADMINISTER)
def organisations() -> str:
    """All organisations with how many people they have."""
    return render_template("administration/organisations.html", organisations=service().joining.organisations())


@bp.post("/accounts/<public_id>/lock")
@rule(Action.ADMINISTER)
def lock(public_id: str) -> ResponseReturnValue:
    """Lock an account or let it in again. Raises: NotFoundError."""
    found = service().accounts.get(public_id)
    locked = request.form.get("locked") == "yes"
    if locked and found.id == account().id:
        flash("不能停用自己的账号", "warning")
    else:
        service().accounts.set_locked(found, locked, actor())
        flash(f"{'已停用' if locked else '已恢复'}{found.name}的账号")
    return redirect(url_for(".accounts"), 303)


@bp.post("/accounts/<public_id>/reset")
@rule(Action.ADMINISTER)
def reset(public_id: str) -> ResponseReturnValue:
    """Make a link for a new password and show it, the only time. Raises: NotFoundError."""
    found = service().accounts.get(public_id)
    token = service().accounts.reset_link(found, actor())
    return _accounts_page(found.name, outer(url_for("signing.reset", token=token)))


def _accounts_page(name: str = "", link: str = "") -> str:
    asked = read(request.args, service().settings.page_size)
    page = service().accounts.listing(asked.q, asked.page, asked.size)
    return render_template(
        "administration/accounts.html",
        page=page,
        q=asked.q,
        memberships={each.id: service().signing_in.memberships(each.id) for each in page.items},
        roles=MEMBER_ROLES,
        name=name,
        link=link,
        hours=service().settings.link_hours,
        address_of=lambda number: url_for(".accounts", q=asked.q or None, page=number),
    )
