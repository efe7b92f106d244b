"""Posting and editing: fill in, look at what the public will see, then publish or keep as a draft."""

from collections.abc import Callable
from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.completeness import gaps
from matcher.controlled_lists import technical_fields
from matcher.disclosure import public_part
from matcher.errors import InvalidInputError, StaleEditError, ThrottledError
from matcher.models import Kind, Record
from matcher.policy import VISIBILITIES
from matcher.validation import check_record
from matcher.validity import check_chosen
from web import once
from web.current import actor, allowed, counted_as, service, viewer
from web.errors import status_of
from web.forms import region_suggestions
from web.frame import BLUEPRINTS
from web.posting_forms import PostingForm, ip_kinds, posting_form

_ACTIONS = ("publish", "draft", "save", "preview", "revise")
_DONE = {
    "publish": "已发布。右侧（手机上在下方）是为它找到的匹配，往后新登记的也会出现在这里。",
    "draft": "已存为草稿，只在列表的“草稿”里看得到。",
    "save": "修改已保存。",
}


def new_page(kind: Kind) -> ResponseReturnValue:
    """The form of a new record, its preview, and its posting."""
    form = posting_form(kind)
    if request.method != "POST":
        return form_page(kind, form, None)
    return _act(kind, form, None, lambda record: service().postings.post(record, actor()))


def edit_page(kind: Kind, item_id: int) -> ResponseReturnValue:
    """The form of a stored record, its preview, and its saving."""
    record = service().postings.get(kind, item_id)
    form = posting_form(kind, record, service().postings.names_of(record.named_ids))
    if request.method != "POST":
        return form_page(kind, form, record)
    return _act(kind, form, record, lambda changed: service().postings.edit(changed, actor()))


def _act(
    kind: Kind, form: PostingForm, current: Record | None, store: Callable[[Record], Record]
) -> ResponseReturnValue:
    """Do what the pressed button says; whatever goes wrong, the form comes back with all that was typed."""
    action = request.form.get("action", "")
    action = action if action in _ACTIONS else "draft" if current is None else "save"
    form_is_sound = form.validate()
    if action == "revise":
        return form_page(kind, form, current)
    try:
        record = with_named(_of_own_organisation(form.record(kind, current), current), form)
        check_chosen(record, current)
        if action == "preview" or not form_is_sound:
            check_record(record)
        if not form_is_sound:
            raise InvalidInputError({})
        if action == "preview":
            return _preview_page(kind, record, current)
        return redirect(_stored_at(form, record, action, store), 303)
    except (InvalidInputError, ThrottledError) as error:
        form.show_error(error)
        return form_page(kind, form, current), status_of(error)
    except StaleEditError as error:
        return form_page(kind, form, service().postings.get(kind, current.id if current else 0), str(error)), 409


def _of_own_organisation(record: Record, current: Record | None) -> Record:
    """Return the record with the organisation that it may have: for all but administrators, the one acted for."""
    if allowed("ADMINISTER"):
        return record
    return replace(record, organisation=current.organisation if current else viewer().organisation)


def with_named(record: Record, form: PostingForm) -> Record:
    """Return the record opened to the organisations that the form names. Raises: InvalidInputError."""
    found = service().postings.organisation_ids(form.named.data or ())
    if unknown := [name for name, organisation_id in found.items() if organisation_id is None]:
        raise InvalidInputError({"named": f"没有登记过“{unknown[0]}”。请核对全称，或先请对方注册"})
    return replace(record, named_ids=tuple(each for each in found.values() if each is not None))


def _stored_at(form: PostingForm, record: Record, action: str, store: Callable[[Record], Record]) -> str:
    """Store the record as the button says; return the address of its page."""

    def make() -> str:
        service().throttle.check_post(counted_as())
        stored = store(record if record.id or action != "publish" else replace(record, status="published"))
        if action == "publish" and stored.status == "draft":
            service().postings.change_status(stored.kind, stored.id, "published", actor())
        flash(_DONE[action])
        return url_for(f"{BLUEPRINTS[stored.kind]}.detail", item_id=stored.id)

    return once.only_once(form.once.data or "", make)


def completeness(kind: Kind) -> ResponseReturnValue:
    """What the record that is being typed still lacks; nothing is stored."""
    return render_template("postings/_completeness.html", gaps=gaps(posting_form(kind).record(kind)))


def form_page(kind: Kind, form: PostingForm, record: Record | None, stale: str = "", on_behalf: bool = False) -> str:
    """Return the form with what was typed; `on_behalf` of another organisation."""
    return render_template(
        "postings/form.html",
        kind=kind,
        form=form,
        record=record,
        stale=stale,
        on_behalf=on_behalf,
        stamp=record.updated_at.isoformat() if stale and record and record.updated_at else "",
        gaps=gaps(form.record(kind, record) if form.is_submitted() else record or form.bare(kind)),
        fields=technical_fields(),
        regions=region_suggestions(),
        organisations=service().postings.organisation_names() if on_behalf or allowed("ADMINISTER") else (),
        ip_kinds=ip_kinds(),
    )


def _preview_page(kind: Kind, record: Record, current: Record | None) -> str:
    typed = [(name, text) for name, text in request.form.items(multi=True) if name not in ("csrf_token", "action")]
    return render_template(
        "postings/preview.html",
        kind=kind,
        record=record,
        public=public_part(record),
        visibilities=VISIBILITIES,
        current=current,
        typed=typed,
        gaps=gaps(record),
    )
