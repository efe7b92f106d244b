"""What is confidential about a record: its annex, who asks to read it and who may; pages for both kinds."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from matcher.confidentiality import STATEMENT, VERSION
from matcher.errors import IllegalTransitionError, InvalidInputError
from matcher.models import Kind, Record
from matcher.policy import VISIBILITIES, Action, may, subject_of
from web import subjects
from web.access import Rule
from web.current import actor, seen, service, viewer
from web.forms import Form, TextField
from web.frame import BLUEPRINTS

Route = tuple[str, str, Callable[..., ResponseReturnValue], list[str], Rule]


class AnnexForm(Form):
    """The text of an annex."""

    annex = TextField(
        "保密附件的内容",
        description="只有您逐个准许的单位能看到。不参与匹配和搜索，管理员和经纪人也看不到；每次阅读都有记录。留空保存即删除。",
        render_kw={"rows": 14},
    )


class StatementForm(Form):
    """Consent to the confidentiality statement."""

    accepts = BooleanField("我代表本单位接受上述保密声明")


def words(record: Record) -> dict[str, Any]:
    """Return what the page of a record says about who reads what, and which ways are open to the viewer."""
    own = viewer().organisation_id
    subject = subject_of(record)
    is_asker = may(viewer(), Action.EXPRESS_INTEREST, subject) and own is not None and own != record.organisation_id
    return {
        "visibilities": VISIBILITIES,
        "has_annex": service().annexes.exists(record.kind, record.id),
        "reads_annex": may(viewer(), Action.READ_ANNEX, subjects.annexed(record)),
        "keeps_annex": may(viewer(), Action.KEEP_ANNEX, subject),
        "admission": service().annexes.admission(record.kind, record.id, own),
        "interest": service().interests.standing(record.kind, record.id, own),
        "may_ask": is_asker and record.organisation_id is not None and record.status == "published",
    }


def routes(item: str) -> tuple[Route, ...]:
    """Return the routes of the annex of a record whose page is at `item`."""
    return (
        (f"{item}/annex", "annex", read, ["GET"], Rule(Action.READ_ANNEX, subjects.annex)),
        (f"{item}/annex/ask", "ask", ask, ["GET", "POST"], Rule(Action.EXPRESS_INTEREST, subjects.record)),
        (f"{item}/annex/edit", "keep", keep, ["GET", "POST"], Rule(Action.KEEP_ANNEX, subjects.record)),
        (
            f"{item}/annex/admissions/<organisation:organisation_id>",
            "admit",
            admit,
            ["POST"],
            Rule(Action.KEEP_ANNEX, subjects.record),
        ),
    )


def read(kind: Kind, item_id: int) -> ResponseReturnValue:
    """The annex; that it was read is put on record. Raises: NotFoundError."""
    record = service().postings.get(kind, item_id)
    text = service().annexes.read(kind, item_id, actor())
    return render_template("annexes/page.html", kind=kind, record=seen(record), content=text)


def ask(kind: Kind, item_id: int) -> ResponseReturnValue:
    """The confidentiality statement, or its acceptance, by which one asks to read. Raises: NotFoundError."""
    record, form = service().postings.get(kind, item_id), StatementForm()
    own = viewer().organisation_id
    if own is None or own == record.organisation_id:
        raise IllegalTransitionError("这是本单位的记录，不必申请；或者您还没有代表任何单位")
    if form.is_submitted():
        if form.accepts.data:
            service().annexes.accept(kind, item_id, own, actor())
            flash("已接受保密声明并提交申请。对方准许后，附件会在这里打开。")
            return redirect(url_for(f"{BLUEPRINTS[kind]}.detail", item_id=item_id), 303)
        form.show({"accepts": "请先勾选接受保密声明；不接受就不能申请阅读附件"})
    page = render_template(
        "annexes/ask.html", kind=kind, record=seen(record), form=form, statement=STATEMENT, version=VERSION
    )
    return page, 400 if form.errors else 200


def keep(kind: Kind, item_id: int) -> ResponseReturnValue:
    """The form of the annex with who asks to read it, or its keeping. Raises: NotFoundError."""
    record = service().postings.get(kind, item_id)
    form = AnnexForm()
    if form.is_submitted():
        try:
            service().annexes.keep(kind, item_id, form.annex.data or "", actor())
            flash("保密附件已保存")
            return redirect(request.path, 303)
        except InvalidInputError as error:
            form.show(error.problems)
    else:
        form.annex.data = service().annexes.draft(kind, item_id, actor())
    admissions = service().annexes.admissions(kind, item_id)
    page = render_template("annexes/keep.html", kind=kind, record=record, form=form, admissions=admissions)
    return page, 400 if form.errors else 200


def admit(kind: Kind, item_id: int, organisation_id: int) -> ResponseReturnValue:
    """Let an organisation read the annex, or no more. Raises: NotFoundError."""
    admitted = request.form.get("admitted") == "yes"
    service().annexes.set_admitted(kind, item_id, organisation_id, admitted, actor())
    flash("已准许阅读" if admitted else "已收回阅读权限")
    back = url_for(f"{BLUEPRINTS[kind]}.keep", item_id=item_id)
    return redirect(back, 303)
