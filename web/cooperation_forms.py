"""The form of a cooperation record, in the order of the paper form."""

from dataclasses import replace
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from matcher.controlled_lists import cooperation_modes
from matcher.errors import InvalidInputError
from matcher.models import Cooperation
from matcher.validation import check_cooperation
from web.forms import DayField, Form, LineField, RegionField, TextField, WanField, data_of

FIELDS = [
    "title",
    "contract_type",
    "party_a",
    "party_b",
    "region",
    "amount_yuan",
    "signed_on",
    "starts_on",
    "ends_on",
    "expected_results",
    "note",
]


class _Required:
    """Marks a field as one that must be filled; the domain says so in its own words."""

    field_flags = {"required": True}  # noqa: RUF012 (WTForms reads it from the class)

    def __call__(self, form: Form, field: Any) -> None:
        """Nothing to check here."""


class CooperationForm(Form):
    """A cooperation as it is typed. `version` and `once` are carried along hidden."""

    title = LineField("合作名称", [_Required()], description="写明合作的技术内容，如：杨木集成材防霉处理技术开发")
    contract_type = SelectField(
        "技术合同类型", [_Required()], validate_choice=False, description="按合同封面上的类型选择"
    )
    party_a = LineField("甲方", [_Required()], description="委托、受让或被许可的单位全称，如：青桐坞家居制造有限公司")
    party_b = LineField("乙方", [_Required()], description="研发、让与或许可的单位全称，如：云麓林业大学")
    region = RegionField("地区", description="合作落地的省、市或区县，如：六安市；可以填代码 341500")
    amount_yuan = WanField("合同金额", description="以万元为单位，可带小数，如：120.5；没有约定就留空")
    signed_on = DayField("签订日期", description="合同上双方签字盖章的日期")
    starts_on = DayField("开始日期", description="与签订日期相同可不填")
    ends_on = DayField("结束日期", description="合同约定的履行截止日")
    expected_results = TextField(
        "预期成果",
        description="合同约定要达到的指标或交付物，一行一条，如：12 周霉变面积不超过 5%",
        render_kw={"rows": 5},
    )
    note = TextField("备注", description="其他需要留档的说明，如：分三期付款", render_kw={"rows": 3})
    close_need = BooleanField("记录后将该需求标为“已对接”", description="标为已对接的需求不再参与匹配，可随时恢复发布")
    version = HiddenField()
    once = HiddenField()

    def __init__(self, cooperation: Cooperation, **more: Any) -> None:
        """Start from what `cooperation` holds; what was posted goes before it."""
        super().__init__(obj=cooperation, **more)
        listed = [SelectChoice(entry.code, entry.name) for entry in cooperation_modes().entries]
        self.contract_type.choices = [SelectChoice("", "请选择"), *listed]

    def filled(self, cooperation: Cooperation) -> Cooperation:
        """Return `cooperation` with what was typed; `version` is the one the form was shown with."""
        version = str(self.version.data or "")
        values = data_of(self, FIELDS) | {"version": int(version) if version.isdecimal() else 0}
        return replace(cooperation, **{name: self._known(name, value) for name, value in values.items()})

    def accepts(self, cooperation: Cooperation) -> bool:
        """Return whether all that was typed can be read and kept; what cannot has its message beside it."""
        readable = bool(self.validate())
        try:
            check_cooperation(cooperation)
        except InvalidInputError as error:
            self.show(
                {name: text for name, text in error.problems.items() if name not in self or not self[name].errors}
            )
            return False
        return readable

    @staticmethod
    def _known(name: str, value: Any) -> Any:
        return "" if value is None and name in ("contract_type", "region") else value
