"""Needs that say the same: shown while one is typed, joined instead of posted twice."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.models import Kind, Record
from matcher.policy import Action, may, sight, subject_of
from web import subjects
from web.access import Rule, own_organisation
from web.current import actor, counted_as, seen, service, viewer
from web.disclosing import Route


def routes(item: str) -> tuple[Route, ...]:
    """Return the routes of looking for needs alike, and of joining the one at `item`."""
    return (
        ("/similar", "similar", similar, ["POST"], Rule(Action.POST_NEED, own_organisation)),
        (f"{item}/join", "join", join, ["POST"], Rule(Action.JOIN_NEED, subjects.record)),
    )


def words(record: Record) -> dict[str, Any]:
    """Return what the page of a record says about who joined it: names only to its owner and to brokers."""
    if record.kind != "need":
        return {"joiners": {}}
    subject, own = subject_of(record), viewer().organisation_id
    joined = service().alike.joined(record.id)
    reads = may(viewer(), Action.READ, subject)
    is_open = record.status == "published" and own != record.organisation_id
    return {
        "joiners": joined,
        "names_joiners": reads and (may(viewer(), Action.EDIT, subject) or may(viewer(), Action.JUDGE)),
        "may_join": reads and own is not None and is_open and may(viewer(), Action.JOIN_NEED, subject),
        "has_joined": own in joined,
    }


def similar(kind: Kind) -> ResponseReturnValue:
    """The needs that say much of what is typed, of those that the viewer reads in full; nothing is stored."""
    service().throttle.check_search(counted_as())
    typed = "\n".join(request.form.get(name, "")[:5000] for name in ("title", "description"))
    found = service().alike.to_typed(typed, sight(viewer(), Action.READ))
    return render_template("postings/_similar.html", similar=[seen(each) for each in found], words=words)


def join(kind: Kind, item_id: int) -> ResponseReturnValue:
    """Join the need, or leave it. Raises: NotFoundError; IllegalTransitionError."""
    own = viewer().organisation_id or 0
    if request.form.get("joined") == "no":
        service().alike.leave(item_id, own, actor())
        flash("已退出，不再算作有同样需求的单位。")
    else:
        service().alike.join(item_id, own, actor())
        flash("已加入，不必再发布一条。需求单位和经纪人看得到本单位的名称。")
    return redirect(url_for("needs.detail", item_id=item_id), 303)
