"""The form of a cooperation record, in the order of the paper form, and the one that reports what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any

from flask import request
from wtforms import BooleanField, HiddenField

from matcher.controlled_lists import cooperation_modes
from matcher.cooperation import DIRECTIONS, KINDS, PARTS, Cooperation, Milestone, Payment
from matcher.cooperation_rules import check_cooperation
from matcher.errors import InvalidInputError
from web.cooperation_rows import Block, CodeField, OneSelectField, PaidRow, ReachedRow, first_parties
from web.forms import DayField, Form, LineField, RegionField, TextField, WanField, data_of

_CHOOSE = {"": "请选择"}


class _Required:
    """Marks a field as one that must be filled; the domain says so in its own words."""

    field_flags = {"required": True}  # noqa: RUF012 (WTForms reads it from the class)

    def __call__(self, form: Form, field: Any) -> None:
        """Nothing to check here."""


class BlockForm(Form):
    """A form with repeated blocks. `version` and `once` are carried along hidden."""

    version = HiddenField()
    once = HiddenField()
    blocks: dict[str, Block]

    def show(self, problems: Mapping[str, str]) -> None:
        """Put the domain's messages beside the fields they are about, rows among them, the others on top."""
        others = {}
        for name, message in problems.items():
            block = self.blocks.get(name.split("-")[0])
            if block is None:
                others[name] = message
            elif "-" in name:
                block.show(name, message)
            else:
                block.errors.append(message)
        super().show({name: text for name, text in others.items() if name not in self or not self[name].errors})

    def problems(self) -> list[tuple[str, str, str]]:
        """Return all messages: the id of what it is about, its name, the message."""
        found = [
            (self[name].id, self[name].label.text, texts[0]) for name, texts in self.errors.items() if name in self
        ]
        found += [("", "", text) for text in self.form_errors]
        for block in self.blocks.values():
            found += [(f"{block.name}-block", "", text) for text in block.errors]
            for row in block.rows.values():
                found += [(field.id, field.label.text, field.errors[0]) for field in row if field.errors]
        return found

    def accepts(self, cooperation: Cooperation) -> bool:
        """Return whether all that was typed can be read and kept; what cannot has its message beside it."""
        readable = all([self.validate(), *(block.is_readable() for block in self.blocks.values())])
        try:
            check_cooperation(cooperation)
        except InvalidInputError as error:
            self.show(error.problems)
            return False
        return readable

    def changes_rows(self) -> str:
        """Add or leave out the row that a button of the posted form asks for; return the name of its block, or ""."""
        name, _, number = request.form.get("rows", "").partition("-")
        if name not in self.blocks or self.blocks[name].reports:
            return ""
        if number.isdecimal() and len(number) < 6:
            self.blocks[name].remove(int(number))
        else:
            self.blocks[name].add(**({"role": "b"} if name == "parties" else {}))
        return name

    def seen_version(self) -> int:
        """Return the version that the form was shown with; 0 for none."""
        version = str(self.version.data or "")
        return int(version) if version.isdecimal() and len(version) < 10 else 0


class CooperationForm(BlockForm):
    """A cooperation as it is typed."""

    kind = OneSelectField("备案类别", KINDS)
    paired_region = RegionField("对口地区", description="只有对口合作填写，如：上海市闵行区")
    title = LineField("合作名称", [_Required()], description="写明合作的技术内容，如：杨木集成材防霉处理技术开发")
    region = RegionField("地区", description="合作落地的省、市或区县，如：六安市；备案编号按它编排")
    contract_type = OneSelectField(
        "技术合同类型",
        _CHOOSE | {entry.code: entry.name for entry in cooperation_modes().entries},
        description="按合同封面上的类型选择",
    )
    amount_yuan = WanField("合同金额", description="以万元为单位，可带小数，如：120.5；没有约定就留空")
    technology_amount_yuan = WanField("其中技术交易额", description="合同金额里扣除设备、材料等之后的部分")
    direction = OneSelectField(
        "技术流向", _CHOOSE | DIRECTIONS, description="从本地区看：吸纳是从区外买进，输出是卖到区外"
    )
    registration_number = CodeField("技术合同登记编号", description="登记证明上的 16 位数字；没有登记就留空")
    registered_on = DayField("登记日期")
    signed_on = DayField("签订日期", description="合同上各方签字盖章的日期")
    starts_on = DayField("开始日期", description="合作开始的日期，奖励测算按它判断是否已开展；与签订日期相同也请填写")
    ends_on = DayField("结束日期", description="合同约定的履行截止日")
    ip_ownership = TextField("知识产权归属", description="如：专利权归双方共有，收益各半", render_kw={"rows": 3})
    expected_results = TextField(
        "预期成果",
        description="合同约定要达到的指标或交付物，一行一条，如：12 周霉变面积不超过 5%",
        render_kw={"rows": 5},
    )
    note = TextField("备注", description="其他需要留档的说明", render_kw={"rows": 3})
    close_need = BooleanField("记录后将该需求标为“已对接”", description="标为已对接的需求不再参与匹配，可随时恢复发布")
    reason = TextField("变更原因", [_Required()], description="如：双方签订补充协议，延长半年", render_kw={"rows": 3})

    def __init__(self, cooperation: Cooperation) -> None:
        """Start from what `cooperation` holds; what was posted goes before it."""
        super().__init__(obj=replace(cooperation, reason=""))
        posted = request.form if self.is_submitted() else None
        parts = {name: getattr(cooperation, name) for name in PARTS}
        parts["parties"] = parts["parties"] or first_parties()
        self.blocks = {name: Block(name, parts[name], posted) for name in PARTS}

    def filled(self, cooperation: Cooperation) -> Cooperation:
        """Return `cooperation` with what was typed; `version` is the one the form was shown with."""
        names = [
            item.name for item in fields(Cooperation) if item.name in self and item.name not in ("version", "reason")
        ]
        values = data_of(self, names) | {name: block.parts for name, block in self.blocks.items()}
        texts = {name: value or "" for name, value in values.items() if isinstance(getattr(cooperation, name), str)}
        return replace(cooperation, **values | texts, version=self.seen_version())


class ReportForm(BlockForm):
    """What was paid, which milestones were reached, what came out. `plan` names the parts that it was shown with."""

    plan = HiddenField()

    def __init__(self, cooperation: Cooperation) -> None:
        """Start from what `cooperation` holds; what was posted goes before it."""
        super().__init__()
        if not self.is_submitted():
            self.version.data = str(cooperation.version)
        posted = request.form if self.is_submitted() else None
        self.blocks = {
            "payments": Block("payments", cooperation.payments, posted, PaidRow),
            "milestones": Block("milestones", cooperation.milestones, posted, ReachedRow),
            "outcomes": Block("outcomes", cooperation.outcomes, posted),
        }
        self._follow({"payments": cooperation.payments, "milestones": cooperation.milestones})

    def _follow(self, parts: Mapping[str, Sequence[Any]]) -> None:
        """Keep rows with what they were typed for, also when an amendment has changed the plan meanwhile."""
        keys = {name: _keys(parts[name]) for name in parts}
        present = ";".join(",".join(each) for each in keys.values())
        if self.is_submitted() and self.plan.data != present:
            shown = [each.split(",") for each in (self.plan.data or "").split(";")]
            for name, of_form in zip(parts, [*shown, [], []], strict=False):
                self.blocks[name].follow(parts[name], of_form, keys[name])
        self.plan.data = present

    def filled(self, cooperation: Cooperation) -> Cooperation:
        """Return `cooperation` with what was typed; rows beyond those that it has are left out."""

        def done(name: str) -> tuple[Any, ...]:
            rows, parts = self.blocks[name].rows, getattr(cooperation, name)
            return tuple(
                replace(part, **{field.short_name: field.data for field in rows[place]}) if place in rows else part
                for place, part in enumerate(parts)
            )

        return replace(
            cooperation,
            payments=done("payments"),
            milestones=done("milestones"),
            outcomes=self.blocks["outcomes"].parts,
            version=self.seen_version(),
        )


def _keys(parts: Sequence[Payment | Milestone]) -> list[str]:
    """Return a name for each part that it keeps wherever it stands; equal ones are numbered."""
    agreed = [
        (each.due_on, each.amount_yuan) if isinstance(each, Payment) else (each.due_on, each.title) for each in parts
    ]
    names = [sha256(repr(each).encode()).hexdigest()[:12] for each in agreed]
    return [f"{name}.{names[:place].count(name)}" for place, name in enumerate(names)]
