"""Pages of interest and consent: express, pass on, answer; contacts open when both sides agree."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, RadioField

from matcher.errors import InvalidInputError, ThrottledError
from matcher.interest import REASONS, STATES, Interest, Questions
from matcher.models import Kind, Record
from matcher.policy import Action, may
from web import exported_interests, exporting, once, subjects
from web.access import own_organisation, rule
from web.current import actor, counted_as, seen, service, viewer
from web.engagements import interest_words
from web.errors import status_of
from web.filters import read as read_list
from web.forms import Form, LineField, TextField, data_of
from web.frame import BLUEPRINTS

bp = Blueprint("interests", __name__, url_prefix="/interests")

_CONTACT_HELP = "姓名、电话或邮箱。双方都同意之后，只给对方和经办的经纪人看。例：张工，0551-6000 0000"
_LINES = {"rows": 3, "required": True}
_TYPED = {"required": True, "autocomplete": "off"}


class InterestForm(Form):
    """The three standard questions, and how to be reached."""

    why = TextField("为什么感兴趣", description="这条记录里的哪一点打动了您。", render_kw=_LINES)
    offer = TextField(
        "我们能做什么", description="已有的基础、条件，能拿出什么。", render_kw={"rows": 3, "required": True}
    )
    expectation = TextField("希望对方做什么", description="下一步想怎么谈。", render_kw=_LINES)
    contact = LineField("联系方式", description=_CONTACT_HELP, render_kw=_TYPED)
    once = HiddenField()


class AnswerForm(Form):
    """Yes with a contact, or no with a reason."""

    owner_contact = LineField(
        "联系方式", description=_CONTACT_HELP, render_kw={"required": True, "autocomplete": "off"}
    )
    reason = RadioField("谢绝的原因", validate_choice=False)
    note = TextField("补充说明", description="选“其他”时必填；对方看得到。", render_kw={"rows": 2})

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.reason.choices = list(REASONS.items())


@bp.get("")
@rule(Action.READ_INTEREST, own_organisation)
def listing() -> str:
    """The interests of one's organisation, or all for those who pass them on."""
    asked = read_list(request.args, service().settings.page_size)
    waiting, party = _is_waiting(), _party_id()
    page = service().interests.listing(party, waiting, asked.page, asked.size)
    if page.number > page.pages:
        page = service().interests.listing(party, waiting, page.pages, asked.size)
    return render_template(
        "interests/listing.html",
        page=page,
        waiting=waiting,
        states=STATES,
        records={each.id: _record(each) for each in page.items},
        export_addresses=exporting.addresses(".export", {"waiting": "yes"} if waiting else {}),
    )


@bp.get("/export")
@rule(Action.READ_INTEREST, own_organisation)
def export() -> ResponseReturnValue:
    """The list that the address asks for as a file. Raises: InvalidInputError when it is too long."""
    waiting, party = _is_waiting(), _party_id()
    total = service().interests.listing(party, waiting, size=1).total
    exporting.check_size(total)
    found = service().interests.listing(party, waiting, size=max(1, total)).items
    return exporting.answer("合作意向", exported_interests.FIELDS, exported_interests.rows(found))


@bp.get("/<public_id>")
@rule(Action.READ_INTEREST, subjects.interest)
def detail(public_id: str) -> str:
    """One interest, and what the viewer can do about it now. Raises: NotFoundError."""
    return _page(service().interests.get(public_id), AnswerForm(formdata=None))


@bp.post("/<public_id>/forward")
@rule(Action.FORWARD_INTEREST, subjects.interest)
def forward(public_id: str) -> ResponseReturnValue:
    """Pass it on to the owner. Raises: NotFoundError; IllegalTransitionError."""
    service().interests.forward(public_id, viewer().organisation_id, actor())
    return _back(public_id, "已转交，等待对方答复")


@bp.post("/<public_id>/turn-down")
@rule(Action.FORWARD_INTEREST, subjects.interest)
def turn_down(public_id: str) -> ResponseReturnValue:
    """The broker does not pass it on, and says why. Raises: NotFoundError; IllegalTransitionError."""
    return _decline(public_id, service().interests.turn_down)


@bp.post("/<public_id>/accept")
@rule(Action.ANSWER_INTEREST, subjects.interest_owner)
def accept(public_id: str) -> ResponseReturnValue:
    """The owner agrees: contacts open. Raises: NotFoundError; IllegalTransitionError."""
    form = AnswerForm()
    return _answered(
        public_id,
        form,
        lambda: service().interests.accept(public_id, form.owner_contact.data or "", actor()),
        "双方已同意，联系方式已互相开放",
    )


@bp.post("/<public_id>/decline")
@rule(Action.ANSWER_INTEREST, subjects.interest_owner)
def decline(public_id: str) -> ResponseReturnValue:
    """The owner says no, and why. Raises: NotFoundError; IllegalTransitionError."""
    return _decline(public_id, service().interests.decline)


@bp.post("/<public_id>/remind")
@rule(Action.PURSUE_INTEREST, subjects.interest_asker)
def remind(public_id: str) -> ResponseReturnValue:
    """Mark it as urgent. Raises: NotFoundError; IllegalTransitionError."""
    service().interests.remind(public_id, actor())
    return _back(public_id, "已催办")


@bp.post("/<public_id>/withdraw")
@rule(Action.PURSUE_INTEREST, subjects.interest_asker)
def withdraw(public_id: str) -> ResponseReturnValue:
    """Take it back. Raises: NotFoundError; IllegalTransitionError."""
    service().interests.withdraw(public_id, actor())
    return _back(public_id, "已撤回")


def _is_waiting() -> bool:
    return request.args.get("waiting") == "yes"


def _party_id() -> int | None:
    """Return whose interests the viewer may see, None for all."""
    return None if may(viewer(), Action.READ_INTEREST) else viewer().organisation_id or 0


def express(kind: Kind, item_id: int) -> ResponseReturnValue:
    """The three questions about a record, or the keeping of the answers.

    Raises: NotFoundError; IllegalTransitionError.
    """
    record, form = service().postings.get(kind, item_id), InterestForm()
    if not form.is_submitted():
        form.once.data = once.new_token()
        return _express_page(record, form)
    names = ("why", "offer", "expectation", "contact")
    questions = Questions(**{name: text or "" for name, text in data_of(form, names).items()})
    try:
        service().throttle.check_post(counted_as())
        return redirect(once.only_once(form.once.data or "", lambda: _expressed(record, questions)), 303)
    except (InvalidInputError, ThrottledError) as error:
        form.show_error(error)
        return _express_page(record, form), status_of(error)


def _expressed(record: Record, questions: Questions) -> str:
    made = service().interests.express(record.kind, record.id, viewer().organisation_id or 0, questions, actor())
    flash("意向已提交，由技术经纪人转交对方。对方答复后，这里会显示结果。")
    return url_for("interests.detail", public_id=made)


def _express_page(record: Record, form: InterestForm) -> str:
    return render_template("interests/express.html", kind=record.kind, record=seen(record), form=form)


def _decline(public_id: str, refuse: Callable[[str, str, str, str], None]) -> ResponseReturnValue:
    form = AnswerForm()
    reason, note = form.reason.data or "", form.note.data or ""
    return _answered(public_id, form, lambda: refuse(public_id, reason, note, actor()), "已谢绝，原因已告知对方")


def _answered(public_id: str, form: AnswerForm, act: Callable[[], None], told: str) -> ResponseReturnValue:
    try:
        act()
    except InvalidInputError as error:
        form.show(error.problems)
        return _page(service().interests.get(public_id), form), 400
    return _back(public_id, told)


def _page(interest: Interest, form: AnswerForm) -> str:
    sees_contact = may(viewer(), Action.READ_CONTACT, subjects.contact_of(interest))
    if sees_contact:
        service().interests.note_contact_read(interest, actor())
    is_broker = may(viewer(), Action.FORWARD_INTEREST)
    return render_template(
        "interests/page.html",
        interest=interest,
        record=_record(interest),
        form=form,
        sees_contact=sees_contact,
        is_asker=may(viewer(), Action.PURSUE_INTEREST, subjects.asker_of(interest)),
        is_owner=may(viewer(), Action.ANSWER_INTEREST, subjects.owner_of(interest)),
        is_broker=is_broker,
        **interest_words(interest),
        may_remind=service().interests.may_remind(interest),
        states=STATES,
        reasons=REASONS,
        own_address=f"{BLUEPRINTS[interest.kind]}.keep",
    )


def _record(interest: Interest) -> Record:
    return seen(service().postings.get(interest.kind, interest.item_id))


def _back(public_id: str, told: str) -> ResponseReturnValue:
    flash(told)
    return redirect(url_for(".detail", public_id=public_id), 303)
