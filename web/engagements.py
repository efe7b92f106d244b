"""Pages of engagements: list and board, one with its log, starting, bringing on, handing over."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice

from matcher.clock import today
from matcher.cooperation import Cooperation
from matcher.engagement import Engagement, Progress
from matcher.engagements import shown_values
from matcher.errors import IllegalTransitionError, InvalidInputError, MatcherError, StaleEditError
from matcher.interest import Interest
from matcher.models import Filters, Kind, Record, counterpart
from matcher.policy import Action, may
from matcher.workflow import ENGAGEMENT_STATES, next_engagement_states
from web import engagement_lists, subjects
from web.access import own_organisation, rule
from web.current import actor, seen, service, viewer
from web.engagement_forms import HandOverForm, NoteForm, ProgressForm, number_in
from web.engagement_words import LABELS, entries
from web.signing import safe_next

bp = Blueprint("engagements", __name__, url_prefix="/engagements")

_MOST_OFFERED = 50


@bp.get("")
@rule(Action.READ_ENGAGEMENT, own_organisation)
def listing() -> str:
    """The list or the board that the address asks for."""
    return engagement_lists.page()


@bp.get("/export")
@rule(Action.READ_ENGAGEMENT, own_organisation)
def export() -> ResponseReturnValue:
    """The list that the address asks for as a file. Raises: InvalidInputError when it is too long."""
    return engagement_lists.export()


@bp.get("/<public_id>")
@rule(Action.READ_ENGAGEMENT, subjects.engagement)
def detail(public_id: str) -> str:
    """One engagement with its log, and what the viewer can do with it. Raises: NotFoundError."""
    return _page(service().engagements.get(public_id))


@bp.post("/start/<need:need_id>/<achievement:achievement_id>")
@rule(Action.START_ENGAGEMENT, subjects.pair)
def start(need_id: int, achievement_id: int) -> ResponseReturnValue:
    """Begin to carry a match. Raises: NotFoundError; IllegalTransitionError."""
    made = service().engagements.start(need_id, achievement_id, viewer())
    flash("对接已开始，由您经办" if made.broker_id == viewer().account_id else f"这一对已由 {made.broker} 经办")
    return _back(made.public_id)


@bp.post("/from-interest/<public_id>")
@rule(Action.START_ENGAGEMENT, subjects.interest)
def start_from(public_id: str) -> ResponseReturnValue:
    """Begin with an interest that both sides agreed to. Raises: NotFoundError; IllegalTransitionError."""
    interest = service().interests.get(public_id)
    record_id = service().public_ids.find(counterpart(interest.kind), request.form.get("record", ""))
    made = service().engagements.start_from(interest, record_id, viewer())
    flash("对接已开始")
    return _back(made.public_id)


@bp.post("/<public_id>/progress")
@rule(Action.WORK_ENGAGEMENT, subjects.engagement)
def bring_on(public_id: str) -> ResponseReturnValue:
    """Keep where it stands now. Raises: NotFoundError."""
    current = service().engagements.get(public_id)
    form = ProgressForm(current)
    is_readable = form.validate()
    try:
        if not is_readable:
            raise InvalidInputError({})
        service().engagements.bring_on(public_id, form.seen_version(), form.progress(), form.told.data or "", actor())
    except InvalidInputError as error:
        form.show_error(error)
        return _page(current, form), 400
    except (StaleEditError, IllegalTransitionError) as error:
        return _stale_page(public_id, form, error), 409
    flash("进展已保存")
    return _back(public_id)


@bp.post("/<public_id>/move")
@rule(Action.WORK_ENGAGEMENT, subjects.engagement)
def move(public_id: str) -> ResponseReturnValue:
    """Bring it into another state, all else as it is: what a card of the board does. Raises: NotFoundError."""
    current = service().engagements.get(public_id)
    form = ProgressForm(current, formdata=None)
    form.state.data, form.version.data = request.form.get("state", ""), request.form.get("version", "")
    progress = _as_it_is(current, form.state.data)
    try:
        service().engagements.bring_on(public_id, number_in(form.version.data), progress, "", actor())
    except InvalidInputError as error:
        form.show_error(error)
        return _page(current, form), 400
    except (StaleEditError, IllegalTransitionError) as error:
        return _stale_page(public_id, form, error), 409
    flash(f"“{current.need_title}”已改为“{ENGAGEMENT_STATES[progress.state]}”")
    return redirect(safe_next(request.form.get("back", "")) or url_for(".listing", view="board"), 303)


@bp.post("/<public_id>/notes")
@rule(Action.WORK_ENGAGEMENT, subjects.engagement)
def note(public_id: str) -> ResponseReturnValue:
    """Add a line to the log. Raises: NotFoundError."""
    form = NoteForm()
    try:
        service().engagements.note(public_id, form.text.data or "", bool(form.is_shared.data), actor())
    except InvalidInputError as error:
        form.show_error(error)
        return _page(service().engagements.get(public_id), note_form=form), 400
    flash("已记下")
    return _back(public_id)


@bp.post("/<public_id>/take")
@rule(Action.START_ENGAGEMENT, subjects.engagement)
def take(public_id: str) -> ResponseReturnValue:
    """Carry what nobody carries. Raises: NotFoundError; IllegalTransitionError."""
    service().engagements.take(public_id, viewer())
    flash("由您经办")
    return _back(public_id)


@bp.post("/<public_id>/hand-over")
@rule(Action.WORK_ENGAGEMENT, subjects.engagement)
def hand_over(public_id: str) -> ResponseReturnValue:
    """Give it to another broker, or back to all. Raises: NotFoundError; InvalidInputError."""
    form = HandOverForm(service().engagements.brokers())
    try:
        service().engagements.hand_over(public_id, number_in(form.version.data), form.broker.data or "", actor())
    except StaleEditError as error:
        return _taken_page(public_id, form, str(error)), 409
    flash("已转交" if form.broker.data else "已交回，任何经纪人都可以领取")
    return _back(public_id)


def interest_words(interest: Interest) -> dict[str, Any]:
    """Return for the page of an interest the engagement that it became, or the records one could start with."""
    found = service().engagements.of_interest(interest)
    offers: tuple[Record, ...] = ()
    other: Kind = counterpart(interest.kind)
    if found is None and interest.state == "accepted" and may(viewer(), Action.START_ENGAGEMENT):
        of_asker = Filters(status="published", organisation_id=interest.organisation_id)
        offers = tuple(map(seen, service().postings.listing(other, of_asker, size=_MOST_OFFERED).items))
    return {"engagement": found, "engagement_offers": offers, "engagement_other": other}


def _as_it_is(current: Engagement, state: str) -> Progress:
    return Progress(
        state=state, waits_for=current.waits_for, next_step=current.next_step, due_on=current.due_on, reason=""
    )


def _taken_page(public_id: str, form: HandOverForm, told: str) -> str:
    """Return the page with the broker who was chosen beside the one that it has now."""
    latest = service().engagements.get(public_id)
    chosen = next((each.account.name for each in service().engagements.brokers() if form.chose(each.account)), "")
    form.version.data = str(latest.version)
    return _page(latest, hand_over_form=form, stale=told, differences=[("经办人", latest.broker, chosen)])


def _stale_page(public_id: str, form: ProgressForm, error: MatcherError) -> str:
    """Return the page with what was typed beside what others saved; saving again overwrites theirs knowingly."""
    latest = service().engagements.get(public_id)
    told = f"{error}。现在由{latest.broker or '还没有人'}经办"
    theirs, typed = shown_values(latest), shown_values(form.progress())
    differences = [(LABELS[name], theirs[name], typed[name]) for name in theirs if theirs[name] != typed[name]]
    form.version.data = str(latest.version)
    states = dict.fromkeys((form.state.data or "", latest.state, *next_engagement_states(latest.state)))
    known = [each for each in states if each in ENGAGEMENT_STATES]
    form.state.choices = [SelectChoice(each, ENGAGEMENT_STATES[each]) for each in known]
    return _page(latest, form, stale=told, differences=differences)


def _page(
    engagement: Engagement, form: ProgressForm | None = None, note_form: NoteForm | None = None, **more: Any
) -> str:
    may_work = may(viewer(), Action.WORK_ENGAGEMENT, subjects.engagement_of(engagement))
    reads_all = may(viewer(), Action.READ_BROKER_NOTES)
    form = form or ProgressForm(engagement, formdata=None)
    if form.version.data in (None, ""):
        form.version.data = str(engagement.version)
    unchosen = HandOverForm(service().engagements.brokers() if may_work else (), formdata=None)
    unchosen.version.data = str(engagement.version)
    records = [
        seen(service().postings.get("need", engagement.need_id)),
        seen(service().postings.get("achievement", engagement.achievement_id)),
    ]
    return render_template(
        "engagements/detail.html",
        engagement=engagement,
        records=records,
        form=form,
        note_form=note_form or NoteForm(formdata=None),
        entries=entries(service().engagements.history(engagement, reads_all)),
        meetings=service().meetings.of_engagement(engagement),
        interest_id=_interest_id(engagement),
        may_work=may_work,
        may_take=engagement.broker_id is None and may(viewer(), Action.START_ENGAGEMENT),
        reads_all=reads_all,
        cooperation=_readable_cooperation(engagement),
        is_overdue=engagement.is_overdue(today()),
        **{"stale": "", "differences": [], "hand_over_form": unchosen, **more},
    )


def _readable_cooperation(engagement: Engagement) -> Cooperation | None:
    found = subjects.readable_cooperations("need", engagement.need_id)
    return next((each for each in found if each.id == engagement.cooperation_id), None)


def _interest_id(engagement: Engagement) -> str:
    """Return the public id of the interest that it came from, "" for none."""
    return service().inbox.public_id("interest", engagement.interest_id) if engagement.interest_id else ""


def _back(public_id: str) -> ResponseReturnValue:
    return redirect(url_for("engagements.detail", public_id=public_id), 303)
