"""Pages of cooperation records: list, record, detail with history, edit, next state."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.errors import InvalidInputError, StaleEditError
from matcher.models import Cooperation, Kind, Record
from matcher.policy import Action
from matcher.workflow import COOPERATION_STATES, next_cooperation_states
from web import histories, subjects
from web.access import own_organisation, rule
from web.addresses import asked_id
from web.cooperation_forms import FIELDS, CooperationForm
from web.cooperation_lists import SORTS, read, written
from web.current import actor, party_id, seen, service
from web.filters import PAGE_SIZES
from web.forms import region_suggestions
from web.once import new_token, only_once

bp = Blueprint("cooperations", __name__, url_prefix="/cooperations")

Page = str | Response | tuple[str, int]


@bp.get("")
@rule(Action.READ_COOPERATION, own_organisation)
def listing() -> str:
    """Return the list that the address asks for."""
    asked = read(request.args, service().settings.page_size)
    page = service().cooperations.listing(asked.state, asked.q, asked.sort, asked.page, asked.size, party_id())
    counts = service().cooperations.state_counts(party_id())
    return render_template(
        "cooperations/listing.html",
        page=page,
        asked=asked,
        sorts=SORTS,
        sizes=PAGE_SIZES,
        states=[("", "全部", sum(counts.values()))]
        + [(state, name, counts.get(state, 0)) for state, name in COOPERATION_STATES.items()],
        address_of=lambda number: url_for(".listing", **written(asked, page=number)),
        address_with=lambda **changes: url_for(".listing", **written(asked, page=1, **changes)),
    )


@bp.get("/<int:cooperation_id>")
@rule(Action.READ_COOPERATION, subjects.cooperation)
def detail(cooperation_id: int) -> str:
    """Return one record with its history. Raises: NotFoundError."""
    cooperation = service().cooperations.get(cooperation_id)
    return render_template(
        "cooperations/detail.html",
        cooperation=cooperation,
        linked=_linked(cooperation),
        entries=histories.entries(service().cooperations.history(cooperation_id)),
        next_states=next_cooperation_states(cooperation.state),
    )


@bp.route("/new", methods=["GET", "POST"])
@rule(Action.RECORD, subjects.asked_pair)
def new() -> Page:
    """Show the form, filled with what the linked records say, or record what it posts. Raises: NotFoundError."""
    prefilled = service().cooperations.prefilled(*(asked_id(request.args, name) for name in ("need", "achievement")))
    form = CooperationForm(prefilled)
    if not form.is_submitted():
        form.once.data = new_token()
        return _form_page("cooperations/new.html", form, prefilled)
    wanted = form.filled(prefilled)
    if not form.accepts(wanted):
        return _form_page("cooperations/new.html", form, prefilled), 400
    return redirect(only_once(form.once.data, lambda: _record(form, wanted)), 303)


@bp.route("/<int:cooperation_id>/edit", methods=["GET", "POST"])
@rule(Action.RECORD, subjects.cooperation)
def edit(cooperation_id: int) -> Page:
    """Show the form or overwrite the record with what it posts. Raises: NotFoundError."""
    current = service().cooperations.get(cooperation_id)
    form = CooperationForm(current)
    if not form.is_submitted():
        return _form_page("cooperations/edit.html", form, current)
    wanted = form.filled(current)
    if not form.accepts(wanted):
        return _form_page("cooperations/edit.html", form, current), 400
    try:
        service().cooperations.edit(wanted, actor())
    except StaleEditError as error:
        return _stale_page(form, wanted, error), 409
    flash("修改已保存")
    return redirect(url_for(".detail", cooperation_id=cooperation_id), 303)


@bp.post("/<int:cooperation_id>/state")
@rule(Action.RECORD, subjects.cooperation)
def move(cooperation_id: int) -> Response:
    """Bring the record into its next state. Raises: NotFoundError; IllegalTransitionError; InvalidInputError."""
    state = request.form.get("state", "")
    if state not in COOPERATION_STATES:
        raise InvalidInputError(
            {"state": f"“{state[:30]}”不是合作状态，可选：{'、'.join(COOPERATION_STATES.values())}"}
        )
    service().cooperations.move(cooperation_id, state, actor())
    flash(f"状态已改为“{COOPERATION_STATES[state]}”")
    return redirect(url_for(".detail", cooperation_id=cooperation_id), 303)


def _record(form: CooperationForm, wanted: Cooperation) -> str:
    """Record the cooperation; return the address of its page."""
    stored = service().cooperations.record(wanted, actor(), close_need=bool(form.close_need.data))
    flash("合作已记录")
    return url_for(".detail", cooperation_id=stored.id)


def _stale_page(form: CooperationForm, wanted: Cooperation, error: StaleEditError) -> str:
    """Return the form with what was typed beside what others saved; saving again overwrites theirs knowingly."""
    latest = service().cooperations.get(wanted.id)
    theirs = [name for name in FIELDS if getattr(latest, name) != getattr(wanted, name)]
    form.version.data = str(latest.version)
    labels = histories.FIELD_LABELS
    values = [(labels[name], *(_shown(name, version) for version in (latest, wanted))) for name in theirs]
    return _form_page("cooperations/edit.html", form, latest, stale=str(error), differences=values)


def _shown(name: str, cooperation: Cooperation) -> str:
    value = getattr(cooperation, name)
    text = "" if value is None else str(value)
    return histories.shown(name, text)


def _form_page(template: str, form: CooperationForm, cooperation: Cooperation, **more: Any) -> str:
    return render_template(
        template,
        form=form,
        cooperation=cooperation,
        linked=_linked(cooperation),
        organisations=service().postings.organisation_names(),
        region_suggestions=region_suggestions(),
        **more,
    )


def _linked(cooperation: Cooperation) -> list[Record]:
    """Return the need and the achievement that the cooperation came from, where it has them."""
    sides: tuple[tuple[Kind, int | None], ...] = (
        ("need", cooperation.need_id),
        ("achievement", cooperation.achievement_id),
    )
    return [seen(service().postings.get(kind, item_id)) for kind, item_id in sides if item_id]
