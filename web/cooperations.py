"""Pages of cooperation records: list, record, detail with history, edit of a draft."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.controlled_lists import cooperation_modes
from matcher.cooperation import DIRECTIONS, KINDS, Cooperation
from matcher.cooperation_changes import not_editable
from matcher.errors import IllegalTransitionError, InvalidInputError, StaleEditError
from matcher.policy import Action, may, subject_of
from matcher.workflow import AMENDED_STATES, BUREAU_STATES, COOPERATION_STATES, next_cooperation_states
from web import histories, subjects
from web.access import own_organisation, rule
from web.addresses import asked_id
from web.cooperation_forms import BlockForm, CooperationForm
from web.cooperation_lists import SORTS, chips, read
from web.current import actor, party_id, service, viewer
from web.filters import PAGE_SIZES
from web.forms import region_suggestions
from web.list_addresses import written
from web.once import new_token, only_once

bp = Blueprint("cooperations", __name__, url_prefix="/cooperations")

Page = str | Response | tuple[str, int]


@bp.get("")
@rule(Action.READ_COOPERATION, own_organisation)
def listing() -> str:
    """Return the list that the address asks for."""
    asked = read(request.args, service().settings.page_size)
    counts = service().cooperations.state_counts(party_id())
    return render_template(
        "cooperations/listing.html",
        page=service().cooperations.listing(asked.filters(party_id()), asked.sort, asked.page, asked.size),
        asked=asked,
        chips=chips(asked),
        sorts=SORTS,
        sizes=PAGE_SIZES,
        filters=_filters(),
        region_suggestions=region_suggestions(),
        states=_states(counts),
        address_of=lambda number: url_for(".listing", **written(asked, page=number)),
        address_with=lambda **changes: url_for(".listing", **written(asked, page=1, **changes)),
    )


@bp.get("/<cooperation:cooperation_id>")
@rule(Action.READ_COOPERATION, subjects.cooperation)
def detail(cooperation_id: int) -> str:
    """Return one record with its history. Raises: NotFoundError."""
    return detail_page(service().cooperations.get(cooperation_id))


@bp.route("/new", methods=["GET", "POST"])
@rule(Action.RECORD, subjects.asked_pair)
def new() -> Page:
    """Show the form, filled with what the linked records say, or record what it posts. Raises: NotFoundError."""
    prefilled = service().cooperations.prefilled(*(asked_id(request.args, name) for name in ("need", "achievement")))
    prefilled = replace(prefilled, engagement_id=subjects.asked_engagement_id(prefilled))
    form = CooperationForm(prefilled)
    if not form.is_submitted():
        form.once.data = new_token()
        return form_page("cooperations/new.html", form, prefilled)
    if form.changes_rows():
        return form_page("cooperations/new.html", form, prefilled)
    wanted = form.filled(prefilled)
    if not form.accepts(wanted):
        return form_page("cooperations/new.html", form, prefilled), 400
    return redirect(only_once(form.once.data, lambda: _record(form, wanted)), 303)


@bp.route("/<cooperation:cooperation_id>/edit", methods=["GET", "POST"])
@rule(Action.RECORD, subjects.cooperation)
def edit(cooperation_id: int) -> Page:
    """Show the form or overwrite the draft with what it posts. Raises: NotFoundError; IllegalTransitionError."""
    current = service().cooperations.get(cooperation_id)
    return change_page(
        "cooperations/edit.html",
        CooperationForm(current),
        current,
        ("draft",),
        lambda wanted: service().cooperations.edit(wanted, actor()),
        "修改已保存",
    )


def change_page(
    template: str,
    form: BlockForm,
    current: Cooperation,
    states: Collection[str],
    keep: Callable[[Cooperation], Cooperation],
    told: str,
) -> Page:
    """Show the form of a record in one of `states`, or keep what it posts; what cannot be kept stays in the form.

    Raises: IllegalTransitionError when the form cannot be shown.
    """
    if not form.is_submitted() or form.changes_rows():
        return form_page(template, form, _only_in(states, current))
    wanted = form.filled(current)
    if not form.accepts(wanted):
        return form_page(template, form, current), 400
    try:
        keep(wanted)
    except InvalidInputError as error:
        form.show(error.problems)
        return form_page(template, form, current), 400
    except StaleEditError as error:
        return _stale_page(template, form, wanted, error), 409
    except IllegalTransitionError as error:  # Somebody brought the record on meanwhile.
        form.show({"": str(error)})
        return form_page(template, form, current), 409
    flash(told)
    return redirect(url_for("cooperations.detail", cooperation_id=current.id), 303)


def detail_page(cooperation: Cooperation, problems: Mapping[str, str] | None = None) -> str:
    """Return the page of one record, with what kept a step from being taken."""
    following = next_cooperation_states(cooperation.state)
    return render_template(
        "cooperations/detail.html",
        cooperation=cooperation,
        linked=subjects.linked_records(cooperation),
        entries=histories.entries(service().cooperations.history(cooperation.id)),
        amendments=service().cooperations.amendments(cooperation.id),
        problems=problems or {},
        typed_reason=request.form.get("reason", ""),
        broker_steps=[state for state in following if state not in BUREAU_STATES],
        bureau_steps=[state for state in following if state in BUREAU_STATES],
        can_be_amended=cooperation.state in AMENDED_STATES,
    )


def form_page(template: str, form: BlockForm, cooperation: Cooperation, **more: Any) -> str:
    """Return a page with a form of a cooperation."""
    return render_template(
        template,
        form=form,
        cooperation=cooperation,
        linked=subjects.linked_records(cooperation),
        organisations=service().postings.organisation_names(),
        region_suggestions=region_suggestions(),
        may_close_need=_may_close_need(cooperation),
        **more,
    )


def _only_in(states: Collection[str], cooperation: Cooperation) -> Cooperation:
    """Return the cooperation. Raises: IllegalTransitionError when it is in none of the states."""
    if cooperation.state not in states:
        raise IllegalTransitionError(not_editable(cooperation))
    return cooperation


def _stale_page(template: str, form: BlockForm, wanted: Cooperation, error: StaleEditError) -> str:
    """Return the form with what was typed beside what others saved; saving again overwrites theirs knowingly."""
    latest = service().cooperations.get(wanted.id)
    form.version.data = str(latest.version)
    # States, reasons and numbers are no part of any form.
    differences = [
        each for each in histories.differences(latest, wanted) if each.label not in histories.LABELS_OF_FILING
    ]
    return form_page(template, form, latest, stale=str(error), differences=differences)


def _record(form: CooperationForm, wanted: Cooperation) -> str:
    """Record the cooperation; return the address of its page."""
    closes = bool(form.close_need.data) and _may_close_need(wanted)
    stored = service().cooperations.record(wanted, actor(), close_need=closes)
    flash("合作已记录为草稿。核对无误后请提交")
    return url_for(".detail", cooperation_id=stored.id)


def _may_close_need(cooperation: Cooperation) -> bool:
    """Return whether the viewer may end the matching of the linked need, which is for its owner to do."""
    need_id = cooperation.need_id
    return need_id is not None and may(viewer(), Action.PUBLISH, subject_of(service().postings.get("need", need_id)))


def _states(counts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    every = [("", "全部", sum(counts.values()))]
    return every + [(state, name, counts.get(state, 0)) for state, name in COOPERATION_STATES.items()]


def _filters() -> list[tuple[str, str, dict[Any, str]]]:
    """Return the filters of the list: name, words, choices."""
    return [
        ("kind", "备案类别", KINDS),
        ("contract_type", "合同类型", {entry.code: entry.name for entry in cooperation_modes().entries}),
        ("direction", "流向", DIRECTIONS),
        ("year", "签订年份", {year: f"{year} 年" for year in service().cooperations.years()}),
    ]
