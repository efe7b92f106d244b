"""Assignment rules: a broker's own, and for the administrator those of all."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, IntegerField

from matcher.controlled_lists import regions, technical_fields
from matcher.errors import InvalidInputError, StaleEditError
from matcher.policy import Action
from matcher.suggestion import AssignmentRule
from web.access import rule
from web.current import account, actor, service
from web.errors import status_of
from web.forms import Form, TickField, WordsField, region_path, region_suggestions

bp = Blueprint("assignment", __name__)
bp.add_app_template_filter(lambda found: words_of(found), "rule_words")

_USUAL_CAP = AssignmentRule(account_id=0).cap


class PlacesField(WordsField):
    """Several divisions in one line, by name or code; kept as codes."""

    def _value(self) -> str:
        return "；".join(region_path(code) for code in self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Find the divisions; a name that no or several divisions bear is kept as it is."""
        super().process_formdata(valuelist)
        found = [(name, regions().codes_named(name)) for name in self.data]
        self.data = tuple(codes[0] if len(codes) == 1 else name for name, codes in found)


class RuleForm(Form):
    """Of which fields and regions one is given suggestions, and how many at most."""

    fields = TickField("需求的技术领域", description="不选表示所有领域。")
    regions = PlacesField(
        "需求的地区", description="省、市、区县的名称或代码，多个用分号隔开；不填表示所有地区。例：安徽省合肥市；江苏省"
    )
    cap = IntegerField(
        "同时最多几条",
        description="手上还没有处理完的建议和在办的对接加起来到了这个数，就不再分配。填 0 表示暂停分配。",
    )
    version = HiddenField()

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.fields.choices = [(each.code, each.name) for each in technical_fields().children()]


@bp.route("/desk/rule", methods=["GET", "POST"])
@rule(Action.USE_DESK)
def own() -> ResponseReturnValue:
    """The rule of whoever is signed in, or its keeping."""
    return _edit(account().id, account().name, url_for("assignment.own"))


@bp.post("/desk/rule/remove")
@rule(Action.USE_DESK)
def remove_own() -> ResponseReturnValue:
    """End one's own rule."""
    return _removed(account().id, url_for("assignment.own"))


@bp.get("/administration/assignment")
@rule(Action.ASSIGN)
def listing() -> str:
    """All brokers with their rules and how many suggestions each has."""
    return render_template(
        "assignment/listing.html",
        brokers=service().desk.brokers(),
        rules={each.account_id: each for each in service().assigning.rules()},
        counts=service().assigning.open_counts(),
    )


@bp.route("/administration/assignment/<public_id>", methods=["GET", "POST"])
@rule(Action.ASSIGN)
def edit(public_id: str) -> ResponseReturnValue:
    """The rule of a broker, or its keeping. Raises: NotFoundError."""
    account_id = service().assigning.account_id(public_id)
    return _edit(account_id, service().accounts.get(public_id).name, url_for("assignment.listing"))


@bp.post("/administration/assignment/<public_id>/remove")
@rule(Action.ASSIGN)
def remove(public_id: str) -> ResponseReturnValue:
    """End the rule of a broker. Raises: NotFoundError."""
    return _removed(service().assigning.account_id(public_id), url_for("assignment.listing"))


def _edit(account_id: int, name: str, back: str) -> ResponseReturnValue:
    kept = service().assigning.rule(account_id)
    form = RuleForm(data=_typed(kept))
    if not form.is_submitted():
        return _page(form, name, kept, back)
    try:
        service().assigning.keep(_given(form, account_id), actor())
    except StaleEditError as error:
        form.show_error(error)
        form.version.data = str(kept.version if kept else 0)
        return _page(form, name, kept, back, is_stale=True), status_of(error)
    except InvalidInputError as error:
        form.show_error(error)
        return _page(form, name, kept, back), status_of(error)
    flash("分配规则已保存，对之后的新建议起作用")
    return redirect(back, 303)


def _page(form: RuleForm, name: str, kept: AssignmentRule | None, back: str, is_stale: bool = False) -> str:
    return render_template(
        "assignment/rule.html",
        form=form,
        name=name,
        kept=kept,
        back=back,
        is_stale=is_stale,
        suggestions=region_suggestions(),
    )


def words_of(found: AssignmentRule) -> str:
    """Return a rule in words."""
    fields = "、".join(technical_fields().name(each) for each in found.fields) or "所有领域"
    places = "、".join(region_path(each) for each in found.regions) or "所有地区"
    return f"{fields}；{places}；最多 {found.cap} 条"


def _typed(kept: AssignmentRule | None) -> dict[str, Any]:
    found = kept or AssignmentRule(account_id=0)
    return {
        "fields": list(found.fields),
        "regions": found.regions,
        "cap": found.cap,
        "version": str(found.version),
    }


def _given(form: RuleForm, account_id: int) -> AssignmentRule:
    """Return the rule that the form says. Raises: InvalidInputError for a cap that is no number."""
    if form.cap.data is None:
        typed = (form.cap.raw_data or [""])[0]
        form.cap.errors = []
        raise InvalidInputError({"cap": f"“{typed[:20]}”不是整数。请填写同时最多几条，如 {_USUAL_CAP}"})
    version = form.version.data or ""
    return AssignmentRule(
        account_id=account_id,
        fields=tuple(form.fields.data or ()),
        regions=form.regions.data or (),
        cap=form.cap.data,
        version=int(version) if version.isdecimal() and len(version) < 10 else 0,
    )


def _removed(account_id: int, back: str) -> ResponseReturnValue:
    service().assigning.remove(account_id, actor())
    flash("已取消分配规则，不再自动分配")
    return redirect(back, 303)
