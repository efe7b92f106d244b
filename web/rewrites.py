"""Pages of proposals: a broker puts a need in other words, its owner compares, accepts or declines."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from matcher.errors import InvalidInputError, StaleEditError, ThrottledError
from matcher.models import Kind, Record
from matcher.policy import Action, may
from matcher.rewrite import REWRITABLE, STATES, Rewrite, rewritten
from web import once, subjects
from web.access import Rule, rule
from web.current import actor, counted_as, service, viewer
from web.disclosing import Route
from web.errors import status_of
from web.forms import Form, LineField, LinesField, TextField, WordsField, data_of
from web.record_words import differences

bp = Blueprint("rewrites", __name__, url_prefix="/rewrites")


class RewriteForm(Form):
    """The need in other words."""

    title = LineField("标题", render_kw={"required": True})
    description = TextField("描述", render_kw={"rows": 8})
    indicators = LinesField("技术指标", description="一行一条，最好有数字。", render_kw={"rows": 4})
    conditions = TextField("工况与约束", render_kw={"rows": 3})
    present_state = TextField("现状与已试过的办法", render_kw={"rows": 3})
    keywords = WordsField("关键词", description="用分号或逗号隔开。")
    explanation = TextField(
        "为什么这样改",
        description="写给需求单位看：补了什么，问过谁，还有什么要它确认。",
        render_kw={"rows": 3, "required": True},
    )
    version = HiddenField()
    once = HiddenField()


class AnswerForm(Form):
    """Why a proposal is declined."""

    reason = TextField("不采纳的原因", description="提出建议的经纪人看得到。", render_kw={"rows": 2})


def routes(item: str) -> tuple[Route, ...]:
    """Return the route on which a proposal for the need at `item` is made."""
    return ((f"{item}/rewrite", "rewrite", propose, ["GET", "POST"], Rule(Action.PROPOSE_REWRITE, subjects.record)),)


def readable(record: Record) -> tuple[Rewrite, ...]:
    """Return those proposals for a record that the viewer may read."""
    found = service().rewrites.of_need(record.id) if record.kind == "need" else ()
    return tuple(each for each in found if may(viewer(), Action.READ_REWRITE, subjects.parties_of(each)))


def propose(kind: Kind, item_id: int) -> ResponseReturnValue:
    """The form with the present text, or the keeping of a proposal. Raises: NotFoundError; IllegalTransitionError."""
    need = service().rewrites.need(item_id)
    form = RewriteForm(obj=need)
    if not form.is_submitted():
        form.version.data, form.once.data = str(service().postings.version(kind, item_id)), once.new_token()
        return _form_page(form, need)
    try:
        return redirect(once.only_once(form.once.data or "", lambda: _proposed(form, item_id)), 303)
    except (InvalidInputError, ThrottledError) as error:
        form.show_error(error)
        return _form_page(form, need), status_of(error)
    except StaleEditError as error:
        form.version.data = str(service().postings.version(kind, item_id))
        return _form_page(form, service().rewrites.need(item_id), str(error)), 409


def _proposed(form: RewriteForm, item_id: int) -> str:
    service().throttle.check_post(counted_as())
    need = rewritten(service().rewrites.need(item_id), data_of(form, REWRITABLE))
    base = int(text) if (text := form.version.data or "").isdecimal() and len(text) < 10 else 0
    proposer = (viewer().organisation_id or 0, actor())
    public_id = service().rewrites.propose(need, base, form.explanation.data or "", proposer)
    flash("改写建议已提交，需求单位会收到通知。")
    return url_for("rewrites.detail", public_id=public_id)


def _form_page(form: RewriteForm, need: Record, stale: str = "") -> str:
    return render_template("rewrites/form.html", form=form, record=need, stale=stale)


@bp.get("/<public_id>")
@rule(Action.READ_REWRITE, subjects.rewrite)
def detail(public_id: str) -> str:
    """One proposal, and what the viewer can do about it. Raises: NotFoundError."""
    return _page(service().rewrites.get(public_id), AnswerForm(formdata=None))


@bp.post("/<public_id>/accept")
@rule(Action.ANSWER_REWRITE, subjects.rewrite_owner)
def accept(public_id: str) -> ResponseReturnValue:
    """Make it the next version. Raises: NotFoundError; IllegalTransitionError."""
    try:
        service().rewrites.accept(public_id, actor())
    except (StaleEditError, InvalidInputError) as error:
        form = AnswerForm()
        form.show_error(error)
        return _page(service().rewrites.get(public_id), form), status_of(error)
    flash("已采纳，需求有了新的一版。")
    return redirect(url_for(".detail", public_id=public_id), 303)


@bp.post("/<public_id>/decline")
@rule(Action.ANSWER_REWRITE, subjects.rewrite_owner)
def decline(public_id: str) -> ResponseReturnValue:
    """Say no. Raises: NotFoundError; IllegalTransitionError."""
    form = AnswerForm()
    try:
        service().rewrites.decline(public_id, form.reason.data or "", actor())
    except InvalidInputError as error:
        form.show_error(error)
        return _page(service().rewrites.get(public_id), form), 400
    flash("已答复，经纪人会收到通知。")
    return redirect(url_for(".detail", public_id=public_id), 303)


def _page(found: Rewrite, form: AnswerForm) -> str:
    before, after = service().rewrites.both(found)
    return render_template(
        "rewrites/page.html",
        rewrite=found,
        form=form,
        record=before,
        states=STATES,
        differences=differences(before, after),
        is_stale=service().rewrites.is_stale(found),
        may_answer=found.is_open
        and may(viewer(), Action.ANSWER_REWRITE, subjects.rewrite_owner(request.view_args or {})[0]),
    )
