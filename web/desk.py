"""The broker's desk: the queue of suggestions and what can be done with each."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from matcher.engagement import QUEUES as ENGAGEMENT_QUEUES
from matcher.errors import InvalidInputError
from matcher.models import Page
from matcher.policy import Action, may, sight
from matcher.suggestion import CHOSEN_REASONS, REASONS, STATES, Suggestion
from web import desk_lists, exporting, subjects
from web.access import rule
from web.current import account, actor, service, viewer
from web.desk_judging import pair_of
from web.desk_lists import QUEUES, WHOSE, Asked
from web.exported_suggestions import FIELDS
from web.filters import PAGE_SIZES
from web.forms import Form, TextField
from web.list_addresses import written
from web.signing import safe_next

bp = Blueprint("desk", __name__, url_prefix="/desk")

_ONE = "/suggestions/<public_id>"


class DismissForm(Form):
    """Why a suggestion is left out."""

    reason = SelectField("原因", validate_choice=False)
    note = TextField("补充说明", description="选“其他”时必填。", render_kw={"rows": 2})

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.reason.choices = [("", "请选择"), *CHOSEN_REASONS.items()]


class HandOverForm(Form):
    """To whom a suggestion goes."""

    to = SelectField("转交给", validate_choice=False)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        others = [(public_id, name) for found, public_id, name in service().desk.brokers() if found != account().id]
        self.to.choices = [("", "请选择"), *others]


@bp.get("")
@rule(Action.USE_DESK)
def queue() -> str:
    """The queues of the one who is signed in, with filters and a pager."""
    asked = desk_lists.read(request.args, service().settings.page_size)
    page = _page(asked)
    if page.number > page.pages:
        page = _page(replace(asked, page=page.pages))
    least_level = service().desk.least_level(account().id)
    return render_template(
        "desk/queue.html",
        asked=asked,
        page=page,
        rows=desk_lists.rows(page.items),
        queues=QUEUES,
        engagement_queues=ENGAGEMENT_QUEUES,
        engagement_counts=service().engagements.queue_counts(account().id),
        counts=_counts(asked, page.total),
        whose=WHOSE,
        least_level=least_level,
        suggestion_level=service().settings.suggestion_level,
        sizes=PAGE_SIZES,
        field_choices=desk_lists.field_choices(),
        region_choices=desk_lists.region_choices(),
        reasons=REASONS,
        chosen_reasons=CHOSEN_REASONS,
        dismissed=service().desk.find(request.args.get("dismissed", "")),
        address_with=lambda **changes: url_for(".queue", **written(asked, **{"page": 1, **changes})),
        export_addresses=exporting.addresses(".export", written(asked, page=1)),
    )


@bp.get("/export")
@rule(Action.USE_DESK)
def export() -> ResponseReturnValue:
    """The queue that the address asks for as a file. Raises: InvalidInputError when it is too long."""
    asked = replace(desk_lists.read(request.args, service().settings.page_size), page=1)
    total = _page(replace(asked, size=1)).total
    exporting.check_size(total)
    found = _page(replace(asked, size=max(1, total))).items
    return exporting.answer(QUEUES[asked.queue], FIELDS, desk_lists.rows_in_lots(found))


@bp.post("/level")
@rule(Action.USE_DESK)
def set_level() -> ResponseReturnValue:
    """Keep from which level on one wants to see suggestions. Raises: InvalidInputError."""
    text = request.form.get("level", "")
    service().desk.set_least_level(account().id, int(text) if text.isdecimal() and len(text) == 1 else 0)
    flash("已保存，只显示达到这个关联度的建议")
    return redirect(url_for(".queue"), 303)


@bp.get(_ONE)
@rule(Action.USE_DESK, subjects.suggestion)
def detail(public_id: str) -> str:
    """One suggestion, both texts side by side, and all that can be done with it. Raises: NotFoundError."""
    return _detail(public_id, DismissForm(), HandOverForm())


@bp.post(f"{_ONE}/take")
@rule(Action.USE_DESK, subjects.suggestion)
def take(public_id: str) -> ResponseReturnValue:
    """Take it on. Raises: NotFoundError; IllegalTransitionError."""
    service().desk.take(public_id, account().id, actor())
    return _back("已领取，在“我领取的”里可以找到")


@bp.post(f"{_ONE}/give-back")
@rule(Action.USE_DESK, subjects.suggestion)
def give_back(public_id: str) -> ResponseReturnValue:
    """Give it back to everyone. Raises: NotFoundError; IllegalTransitionError."""
    service().desk.give_back(public_id, _owner_id(), actor())
    return _back("已退回，其他经纪人可以领取")


@bp.post(f"{_ONE}/hand-over")
@rule(Action.USE_DESK, subjects.suggestion)
def hand_over(public_id: str) -> ResponseReturnValue:
    """Hand it to another broker. Raises: NotFoundError; IllegalTransitionError."""
    form = HandOverForm()
    try:
        name = service().desk.hand_over(public_id, _owner_id(), form.to.data or "", actor())
    except InvalidInputError as error:
        form.show(error.problems)
        return _detail(public_id, DismissForm(formdata=None), form), 400
    return _back(f"已转交给{name}")


@bp.post(f"{_ONE}/dismiss")
@rule(Action.USE_DESK, subjects.suggestion)
def dismiss(public_id: str) -> ResponseReturnValue:
    """Leave it out, with a reason. Raises: NotFoundError; IllegalTransitionError."""
    form = DismissForm()
    try:
        service().desk.dismiss(public_id, account().id, form.reason.data or "", form.note.data or "", actor())
    except InvalidInputError as error:
        form.show(error.problems)
        return _detail(public_id, form, HandOverForm(formdata=None)), 400
    return redirect(url_for(".queue", dismissed=public_id), 303)


@bp.post(f"{_ONE}/bring-back")
@rule(Action.USE_DESK, subjects.suggestion)
def bring_back(public_id: str) -> ResponseReturnValue:
    """Undo its dismissal. Raises: NotFoundError; IllegalTransitionError."""
    service().desk.bring_back(public_id, actor())
    return _back("已恢复到新建议")


def _owner_id() -> int | None:
    """Return whose suggestions one may give away: one's own, or (None) everybody's."""
    return None if may(viewer(), Action.ASSIGN) else account().id


def _page(asked: Asked) -> Page[Suggestion]:
    desk, mine, readable = service().desk, account().id, sight(viewer())
    if asked.queue == "new":
        filters = desk_lists.filters_of(asked, desk.least_level(mine))
        return desk.queue(mine, filters, readable, asked.page, asked.size)
    state = "taken" if asked.queue == "mine" else "dismissed"
    return desk.decided(state, mine if state == "taken" else None, readable, asked.page, asked.size)


def _counts(asked: Asked, total: int) -> dict[str, int]:
    """Return how many each queue holds without filters; `total` is of the one asked for, not to be counted twice."""
    found = {asked.queue: total} if replace(asked, page=1, size=Asked().size) == Asked(queue=asked.queue) else {}
    return {name: found[name] if name in found else _page(Asked(queue=name)).total for name in QUEUES}


def _detail(public_id: str, dismissal: DismissForm, handing: HandOverForm) -> str:
    found = service().desk.get(public_id)
    engagement = service().engagements.of_pair(found.need_id, found.achievement_id)
    is_open = found.is_open and engagement is None
    return render_template(
        "desk/suggestion.html",
        pair=pair_of(found),
        suggestion=found,
        engagement=engagement,
        is_open=is_open,
        states=STATES,
        reasons=REASONS,
        dismissal=dismissal,
        handing=handing,
        may_give=is_open and (found.owner_id in (None, account().id) or _owner_id() is None),
        is_mine=found.owner_id == account().id,
    )


def _back(told: str) -> ResponseReturnValue:
    flash(told)
    return redirect(safe_next(request.form.get("back", "")) or url_for(".queue"), 303)
