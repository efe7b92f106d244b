"""Pages of the inbox: what somebody was told, marks on it, and what is told and mailed of each kind."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.digest import mail_address
from matcher.errors import InvalidInputError
from matcher.models import Page
from matcher.notices import KINDS, MAIL_MODES, Notice
from matcher.policy import Action, Role
from web.access import rule
from web.current import account, service, viewer
from web.filters import read
from web.notice_targets import address_of

bp = Blueprint("inbox", __name__, url_prefix="/inbox")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list asks for; a kind of "" means any."""

    unread: bool
    kind: str
    page: int
    size: int

    def written(self, **changes: Any) -> dict[str, Any]:
        """Return the query string, with some of it changed; what is at its default is left out."""
        given = {"unread": "yes" if self.unread else None, "kind": self.kind or None, "page": self.page} | changes
        return {name: value for name, value in given.items() if value and (name, value) != ("page", 1)}


@bp.get("")
@rule(Action.OWN_INBOX)
def listing() -> str:
    """One page of the viewer's notices, newest first; a page past the end is the last one."""
    asked = _asked()
    page = _page(asked, asked.page)
    if page.number > page.pages:
        page = _page(asked, page.pages)
    counts = service().inbox.kind_counts(viewer(), asked.unread)
    return render_template(
        "inbox/listing.html",
        page=page,
        asked=asked,
        kinds=[(kind, KINDS[kind].name, counts[kind]) for kind in KINDS if kind in counts],
        total=sum(counts.values()),
    )


@bp.get("/<public_id>")
@rule(Action.OWN_INBOX)
def follow(public_id: str) -> ResponseReturnValue:
    """Lead to what a notice is about, which has been read with that. Raises: NotFoundError."""
    found = service().inbox.read(viewer(), public_id)
    return redirect(address_of(found.about, found.about_id), 303)


@bp.post("/<public_id>/mark")
@rule(Action.OWN_INBOX)
def mark(public_id: str) -> ResponseReturnValue:
    """Mark a notice as read or unread. Raises: NotFoundError."""
    is_read = request.form.get("read") == "yes"
    service().inbox.mark(viewer(), public_id, is_read)
    flash("已标为已读" if is_read else "已标为未读")
    return _back()


@bp.post("/mark-all")
@rule(Action.OWN_INBOX)
def mark_all() -> ResponseReturnValue:
    """Mark all notices as read, or those of the kind that is shown."""
    service().inbox.mark_all_read(viewer(), _asked().kind)
    flash("已全部标为已读")
    return _back()


@bp.route("/preferences", methods=["GET", "POST"])
@rule(Action.OWN_INBOX)
def preferences() -> ResponseReturnValue:
    """What stands in the inbox and what is mailed, kind by kind."""
    if request.method != "POST":
        return _preferences_page({})
    try:
        service().inbox.prefer(account(), _wanted())
    except InvalidInputError as error:
        return _preferences_page(error.problems), 400
    flash("通知设置已保存")
    return redirect(url_for(".preferences"), 303)


def _asked() -> Asked:
    asked, kind = read(request.args, service().settings.page_size), request.args.get("kind", "")
    is_unread = request.args.get("unread") == "yes"
    return Asked(is_unread, kind if kind in KINDS else "", asked.page, asked.size)


def _page(asked: Asked, number: int) -> Page[Notice]:
    return service().inbox.listing(viewer(), asked.unread, asked.kind, number, asked.size)


def _back() -> ResponseReturnValue:
    return redirect(url_for(".listing", **_asked().written()), 303)


def _wanted() -> dict[str, tuple[bool, str]]:
    """Return what the form chose; where nothing is mailed, it has no choice of that, and what was chosen stays."""
    kept = service().inbox.preferences(account().id)
    return {
        kind: (f"in-app-{kind}" in request.form, request.form.get(f"mail-{kind}", kept[kind].mail))
        for kind in _kinds_shown()
    }


def _kinds_shown() -> list[str]:
    return [kind for kind, each in KINDS.items() if not each.brokers_only or Role.BROKER in viewer().roles]


def _preferences_page(problems: dict[str, str]) -> str:
    kept = service().inbox.preferences(account().id)
    return render_template(
        "inbox/preferences.html",
        problems=problems,
        rows=[(kind, KINDS[kind].name, kept[kind]) for kind in _kinds_shown()],
        modes=MAIL_MODES,
        mails=service().mail.is_set,
        address=mail_address(account().login),
    )
