"""Posting for a firm that does not post itself: marked as such, the firm's own, and told to it."""

from dataclasses import replace

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from matcher.errors import InvalidInputError, ThrottledError
from matcher.models import Kind, Record
from matcher.policy import Action
from matcher.validation import check_record
from matcher.validity import check_chosen
from web import once, subjects
from web.access import Rule
from web.current import actor, counted_as, service, viewer
from web.disclosing import Route
from web.editing import form_page, with_named
from web.errors import status_of
from web.frame import BLUEPRINTS
from web.posting_forms import posting_form


def routes(item: str) -> tuple[Route, ...]:
    """Return the routes of posting for others, and of taking over the record at `item`."""
    return (
        ("/on-behalf", "on_behalf", page, ["GET", "POST"], Rule(Action.POST_ON_BEHALF)),
        (f"{item}/take-over", "take_over", take_over, ["POST"], Rule(Action.EDIT, subjects.record)),
    )


def page(kind: Kind) -> ResponseReturnValue:
    """The form, or the posting of what it holds."""
    form = posting_form(kind)
    if request.method != "POST":
        return form_page(kind, form, None, on_behalf=True)
    is_sound = form.validate()
    if request.form.get("action") != "publish":
        return form_page(kind, form, None, on_behalf=True)
    try:
        record = with_named(form.record(kind), form)
        check_chosen(record, None)
        if not record.organisation:
            raise InvalidInputError({"organisation": "请填写是代哪个单位发布的，写单位的全称"})
        check_record(record)
        if not is_sound:
            raise InvalidInputError({})
        return redirect(once.only_once(form.once.data or "", lambda: _posted(record)), 303)
    except (InvalidInputError, ThrottledError) as error:
        form.show_error(error)
        return form_page(kind, form, None, on_behalf=True), status_of(error)


def _posted(record: Record) -> str:
    """Post the record; return where to go on: a draft of another organisation is not for who wrote it."""
    service().throttle.check_post(counted_as())
    by = viewer().organisation or "管理员"
    stored = service().postings.post(replace(record, status="published", on_behalf_by=by), actor())
    if stored.status == "published":
        flash(f"已代{stored.organisation}发布。它还没有自己的账号，所以不必等它确认。")
        return url_for(f"{BLUEPRINTS[stored.kind]}.detail", item_id=stored.id)
    flash(f"已交给{stored.organisation}：它收到了通知，核对后由它发布。")
    return url_for(f"{BLUEPRINTS[stored.kind]}.listing")


def take_over(kind: Kind, item_id: int) -> ResponseReturnValue:
    """Take the mark off: from now on it counts as posted by its own organisation. Raises: NotFoundError."""
    record = service().postings.get(kind, item_id)
    if record.on_behalf_by:
        service().postings.edit(replace(record, on_behalf_by=""), actor())
        flash("已接管，不再标明由谁代为发布。")
    return redirect(url_for(f"{BLUEPRINTS[kind]}.detail", item_id=item_id), 303)
