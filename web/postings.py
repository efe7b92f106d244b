"""Pages of needs and of achievements, which are alike: one factory makes the blueprint of either."""

from dataclasses import replace
from functools import partial, update_wrapper

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.completeness import gaps
from matcher.errors import InUseError, MatcherError
from matcher.models import MATCHED_KIND, Filters, Kind, Record, Status, counterpart
from matcher.policy import Action, may, subject_of
from matcher.rewrite import STATES
from matcher.validity import CLOSE_REASONS, check_reason
from matcher.workflow import next_posting_statuses
from web import alike, disclosing, filters, interests, listings, on_behalf, record_sheets, rewrites, subjects, versions
from web.access import Rule, own_organisation, rule
from web.current import actor, seen, service, viewer
from web.editing import completeness, edit_page, new_page
from web.frame import BLUEPRINTS, day

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
    for path, endpoint, view, methods, declared in _routes(kind, f"/<{kind}:item_id>"):
        # A function of its own for each kind: both share the view, not the rule.
        bound = rule(*declared)(update_wrapper(partial(view), view))
        bp.add_url_rule(path, endpoint, bound, methods=methods, defaults={"kind": kind})
    return bp


def _routes(kind: Kind, item: str) -> tuple[disclosing.Route, ...]:
    """Return the routes of a kind; the page of a record is at `item`."""
    posting = Action.POST_NEED if kind == "need" else Action.POST_ACHIEVEMENT
    return (
        ("", "listing", listings.list_page, ["GET"], Rule(Action.BROWSE)),
        ("/export", "export", listings.export, ["GET"], Rule(Action.BROWSE)),
        ("/new", "new", new_page, ["GET", "POST"], Rule(posting, own_organisation)),
        ("/completeness", "completeness", completeness, ["POST"], Rule(posting, own_organisation)),
        (item, "detail", _detail, ["GET"], Rule(Action.SEE, subjects.record)),
        (f"{item}/sheet", "sheet", record_sheets.sheet, ["GET"], Rule(Action.SEE, subjects.record)),
        (f"{item}/edit", "edit", edit_page, ["GET", "POST"], Rule(Action.EDIT, subjects.record)),
        (f"{item}/status", "change_status", _change_status, ["POST"], Rule(Action.PUBLISH, subjects.record)),
        (f"{item}/renew", "renew", _renew, ["POST"], Rule(Action.PUBLISH, subjects.record)),
        (f"{item}/delete", "delete", _delete, ["GET", "POST"], Rule(Action.DELETE, subjects.record)),
        (
            f"{item}/interest",
            "express",
            interests.express,
            ["GET", "POST"],
            Rule(Action.EXPRESS_INTEREST, subjects.record),
        ),
        *disclosing.routes(item),
        *versions.routes(item),
        *on_behalf.routes(item),
        *((*rewrites.routes(item), *alike.routes(item)) if kind == "need" else ()),
    )


def _detail(kind: Kind, item_id: int) -> ResponseReturnValue:
    """The record with its ranked counterparts beside it."""
    record = service().postings.get(kind, item_id)
    is_whole = may(viewer(), Action.READ, subject_of(record))
    # Only needs for technology are matched: the kind is no choice here.
    wanted = replace(filters.read(request.args).filters, status="published", need_kind="")
    k = _match_count()
    return render_template(
        "postings/detail.html",
        kind=kind,
        other=counterpart(kind),
        record=seen(record),
        is_whole=is_whole,
        version=versions.shown_version(record),
        gaps=gaps(record) if is_whole else (),
        **disclosing.words(record),
        **alike.words(record),
        rewrites=rewrites.readable(record),
        rewrite_states=STATES,
        close_reasons=CLOSE_REASONS[kind],
        steps=[(status, _step_name(record, status)) for status in next_posting_statuses(record.status)],
        cooperations=subjects.readable_cooperations(kind, item_id),
        asked=filters.Asked(filters=wanted),
        k=k,
        opens_weak=k > service().settings.match_count,
        relax=filters.without,
        write=filters.write,
        more=next((count for count in _MORE if count > k), None),
        **_matches(record, wanted, k),
        choices=_choices(counterpart(kind), wanted),
    )


def _choices(other: Kind, wanted: Filters) -> dict[str, list[filters.Choice]]:
    facets = service().postings.facets(other, replace(wanted, need_kind=MATCHED_KIND))
    return filters.choices({name: facets[name] for name in facets if name != "need_kind"}, wanted, statuses=False)


def _matches(record: Record, wanted: Filters, k: int) -> dict[str, object]:
    """Return the matches and, when there can be none, the reason: the record itself is still worth showing."""
    try:
        found, problem = service().matching.matches(record.kind, record.id, wanted, k, seen), ""
    except MatcherError as error:
        found, problem = None, str(error)
    total = service().postings.count(counterpart(record.kind), replace(wanted, need_kind=MATCHED_KIND))
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
        reason = request.form.get("reason", "")
        if status == "closed":
            check_reason(kind, reason)
        service().postings.change_status(kind, item_id, status, actor(), reason)  # type: ignore[arg-type]
        flash(_DONE[status])  # type: ignore[index]
    return redirect(url_for(f"{BLUEPRINTS[kind]}.detail", item_id=item_id), 303)


def _renew(kind: Kind, item_id: int) -> ResponseReturnValue:
    """Let the record hold anew. Raises: IllegalTransitionError."""
    record = service().postings.renew(kind, item_id, actor())
    flash(f"已续期，有效期至 {day(record.valid_until)}。")
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
