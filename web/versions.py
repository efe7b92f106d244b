"""Versions of a record: the list, the differences between two, going back; pages for both kinds."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.errors import InvalidInputError
from matcher.models import Kind, Record
from matcher.policy import Action, may, subject_of
from matcher.record_content import record_as_in
from web import subjects
from web.access import Rule
from web.current import actor, service, viewer
from web.disclosing import Route
from web.frame import BLUEPRINTS
from web.record_words import differences


def routes(item: str) -> tuple[Route, ...]:
    """Return the routes of the versions of a record whose page is at `item`.

    Who may not change a record sees none: an old version may say what its owner has since taken out.
    """
    shared = Rule(Action.EDIT, subjects.record)
    return (
        (f"{item}/versions", "versions", listing, ["GET"], shared),
        (f"{item}/versions/<int:number>", "version", detail, ["GET"], shared),
        (f"{item}/versions/<int:number>/restore", "restore", restore, ["POST"], shared),
    )


def shown_version(record: Record) -> int | None:
    """Return the number of a record's version, for those who read it in full."""
    if not may(viewer(), Action.READ, subject_of(record)):
        return None
    return service().postings.version(record.kind, record.id)


def listing(kind: Kind, item_id: int) -> ResponseReturnValue:
    """All versions, newest first. Raises: NotFoundError."""
    record = service().postings.get(kind, item_id)
    found = service().postings.versions(kind, item_id)
    return render_template("versions/listing.html", kind=kind, record=record, versions=found)


def detail(kind: Kind, item_id: int, number: int) -> ResponseReturnValue:
    """How a version differs from the one before, or from the one that `against` names. Raises: NotFoundError."""
    records = service().postings
    record, version = records.get(kind, item_id), records.in_version(kind, item_id, number)
    text = request.args.get("against", "")
    other = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else number - 1
    against = records.in_version(kind, item_id, other) if other else None
    # What came first stands first, whichever of the two was asked for.
    old, *_, new = sorted((version, against or version), key=lambda each: each.number)
    return render_template(
        "versions/detail.html",
        kind=kind,
        record=record,
        version=version,
        old=old,
        new=new,
        latest=records.version(kind, item_id),
        content=record_as_in(version, record),
        differences=differences(record_as_in(old, record), record_as_in(new, record)),
    )


def restore(kind: Kind, item_id: int, number: int) -> ResponseReturnValue:
    """Make an old version the newest one. Raises: NotFoundError; InvalidInputError."""
    try:
        service().postings.restore(kind, item_id, number, actor())
    except InvalidInputError as error:
        flash(f"第 {number} 版不能恢复：{'；'.join(error.problems.values())}", "warning")
        return redirect(url_for(f"{BLUEPRINTS[kind]}.version", item_id=item_id, number=number), 303)
    flash(f"已恢复第 {number} 版的内容，谁能看全文不变。")
    return redirect(url_for(f"{BLUEPRINTS[kind]}.detail", item_id=item_id), 303)
