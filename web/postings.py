"""Pages of needs and of achievements, which are alike: one factory makes the blueprint of either."""

from dataclasses import replace
from functools import partial, update_wrapper

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.completeness import gaps
from matcher.errors import InUseError, MatcherError
from matcher.models import Filters, Kind, Record, Status, counterpart
from matcher.policy import Action, may, subject_of
from matcher.workflow import next_posting_statuses
from web import disclosing, filters, interests, listings, subjects
from web.access import Rule, own_organisation, rule
from web.current import actor, seen, service, viewer
from web.editing import edit_page, new_page
from web.frame import BLUEPRINTS

MOST_MATCHES = 100
_MORE = (10, 20, 50, MOST_MATCHES)
STEP_NAMES: dict[Status, str] = {"published": "发布", "matched": "标为已对接", "closed": "撤回", "draft": "转为草稿"}
_DONE: dict[Status, str] = {
    "published": "已发布，现在可以被搜索和匹配到了。",
    "matched": "已标为“已对接”，不再参与匹配。",
    "closed": "已撤回，不再被搜索和匹配到；随时可以重新发布。",
}


def posting_blueprint(kind: Kind) -> Blueprint:
    """Return the pages of `kind`."""
    name = BLUEPRINTS[kind]
    bp = Blueprint(name, __name__, url_prefix=f"/{name}")
    posting = Action.POST_NEED if kind == "need" else Action.POST_ACHIEVEMENT
    rules = (
        ("", "listing", listings.list_page, ["GET"], Rule(Action.BROWSE)),
        ("/new", "new", new_page, ["GET", "POST"], Rule(posting, own_organisation)),
        ("/<int:item_id>", "detail", _detail, ["GET"], Rule(Action.SEE, subjects.record)),
        ("/<int:item_id>/edit", "edit", edit_page, ["GET", "POST"], Rule(Action.EDIT, subjects.record)),
        ("/<int:item_id>/status", "change_status", _change_status, ["POST"], Rule(Action.PUBLISH, subjects.record)),
        ("/<int:item_id>/delete", "delete", _delete, ["GET", "POST"], Rule(Action.DELETE, subjects.record)),
        (
            "/<int:item_id>/interest",
            "express",
            interests.express,
            ["GET", "POST"],
            Rule(Action.EXPRESS_INTEREST, subjects.record),
        ),
    )
    for path, endpoint, view, methods, declared in (*rules, *disclosing.routes()):
        # A function of its own for each kind: both share the view, not the rule.
        bound = rule(*declared)(update_wrapper(partial(view), view))
        bp.add_url_rule(path, endpoint, bound, methods=methods, defaults={"kind": kind})
    return bp


def _detail(kind: Kind, item_id: int) -> ResponseReturnValue:
    """The record with its ranked counterparts beside it."""
    record = service().postings.get(kind, item_id)
    is_whole = may(viewer(), Action.READ, subject_of(record))
    wanted = replace(filters.read(request.args).filters, status="published")
    k = _match_count()
    return render_template(
        "postings/detail.html",
        kind=kind,
        other=counterpart(kind),
        record=seen(record),
        is_whole=is_whole,
        gaps=gaps(record) if is_whole else (),
        **disclosing.words(record),
        steps=[(status, _step_name(record, status)) for status in next_posting_statuses(record.status)],
        cooperations=subjects.readable_cooperations(kind, item_id),
        asked=filters.Asked(filters=wanted),
        k=k,
        opens_weak=k > service().settings.match_count,
        relax=filters.without,
        write=filters.write,
        more=next((count for count in _MORE if count > k), None),
        **_matches(record, wanted, k),
        choices=filters.choices(service().postings.facets(counterpart(kind), wanted), wanted, statuses=False),
    )


def _matches(record: Record, wanted: Filters, k: int) -> dict[str, object]:
    """Return the matches and, when there can be none, the reason: the record itself is still worth showing."""
    try:
        found, problem = service().matching.matches(record.kind, record.id, wanted, k, seen), ""
    except MatcherError as error:
        found, problem = None, str(error)
    total = service().postings.count(counterpart(record.kind), wanted)
    return {"found": found, "matches_problem": problem, "total": total}


def _match_count() -> int:
    text = request.args.get("k", "")
    count = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    return min(count or service().settings.match_count, MOST_MATCHES)


def _step_name(record: Record, status: Status) -> str:
    return "重新发布" if status == "published" and record.status != "draft" else STEP_NAMES[status]


def _change_status(kind: Kind, item_id: int) -> ResponseReturnValue:
    """Bring the record into the status asked for; asked twice, nothing more happens."""
    status = request.form.get("status", "")
    if service().postings.get(kind, item_id).status != status:
        service().postings.change_status(kind, item_id, status, actor())  # type: ignore[arg-type]
        flash(_DONE[status])  # type: ignore[index]
    return redirect(url_for(f"{BLUEPRINTS[kind]}.detail", item_id=item_id), 303)


def _delete(kind: Kind, item_id: int) -> ResponseReturnValue:
    """Ask, then delete."""
    record = service().postings.get(kind, item_id)
    if request.method != "POST":
        return render_template("postings/delete.html", kind=kind, record=record, problem="")
    try:
        service().postings.delete(kind, item_id, actor())
    except InUseError as error:
        return render_template("postings/delete.html", kind=kind, record=record, problem=str(error)), 409
    flash(f"已删除“{record.title}”。")
    return redirect(url_for(f"{BLUEPRINTS[kind]}.listing"), 303)
