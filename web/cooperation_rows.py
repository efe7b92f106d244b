"""The repeated blocks of a cooperation's form: rows of parties, payments, milestones, outcomes, without JavaScript."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from matcher.cooperation import MILESTONE_STATES, OUTCOME_KINDS, PARTS, ROLES, Party
from matcher.cooperation_rules import MOST_PARTS
from web.forms import DayField, LineField, TextField, WanField

_LAST_NUMBER = 10_000


class CodeField(LineField):
    """A code of letters and digits, without spaces and in capital letters."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the code."""
        self.data = re.sub(r"\s", "", valuelist[0]).upper() if valuelist else ""


class WholeField(StringField):
    """A whole number; None when left empty."""

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number. Raises: ValueError, shown beside the field."""
        self.data, text = None, valuelist[0].strip() if valuelist else ""
        if text and not re.fullmatch(r"[0-9]{1,10}", text):
            raise ValueError(f"“{text[:30]}”不是整数。请填写数字，如 3")
        self.data = int(text) if text else None


class OneSelectField(SelectField):
    """One of a short list; the domain says what may be chosen."""

    def __init__(self, label: str, names: dict[str, str], **more: Any) -> None:
        self._first = next(iter(names))
        choices = [SelectChoice(code, name) for code, name in names.items()]
        super().__init__(label, choices=choices, validate_choice=False, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the choice; without one, the first."""
        self.data = valuelist[0] if valuelist else self._first


class Row(Form):
    """One row of a block."""

    class Meta(Form.Meta):
        """Where WTForms finds its own messages."""

        locales = ("zh",)

    @property
    def is_blank(self) -> bool:
        """True when nothing was typed: what a list offers first counts as nothing."""
        return not any(field.raw_data and field.raw_data[0].strip() for field in self._typed())

    def _typed(self) -> Iterable[Any]:
        return (field for field in self if not isinstance(field, SelectField))


class PartyRow(Row):
    """One party."""

    role = OneSelectField("身份", ROLES)
    name = LineField("单位全称", description="与合同盖章一致，如：青桐坞家居制造有限公司")
    credit_code = CodeField("统一社会信用代码", description="18 位，见营业执照；没有可不填")


class PaymentRow(Row):
    """One payment, agreed and made."""

    due_on = DayField("应付日期")
    amount_yuan = WanField("应付金额（万元）")
    paid_on = DayField("实付日期")
    paid_yuan = WanField("实付金额（万元）")


class MilestoneRow(Row):
    """One milestone."""

    title = LineField("节点内容", description="如：完成中试")
    due_on = DayField("应完成日期")
    state = OneSelectField("进展", MILESTONE_STATES)
    done_on = DayField("完成日期")


class OutcomeRow(Row):
    """One outcome."""

    kind = OneSelectField("类别", OUTCOME_KINDS)
    title = LineField("名称", description="如：一种竹材防霉剂及其制备方法")
    count = WholeField("数量", description="项、件、篇或人")
    amount_yuan = WanField("金额（万元）", description="新增产值填这里")
    obtained_on = DayField("取得日期")
    evidence = TextField("证明材料", description="如：专利号、受理通知书、审计报告", render_kw={"rows": 2})


class PaidRow(Row):
    """What was paid of an agreed payment."""

    paid_on = DayField("实付日期")
    paid_yuan = WanField("实付金额（万元）")


class ReachedRow(Row):
    """How far a milestone is."""

    state = OneSelectField("进展", MILESTONE_STATES)
    done_on = DayField("完成日期")


ROWS: dict[str, type[Row]] = {
    "parties": PartyRow,
    "payments": PaymentRow,
    "milestones": MilestoneRow,
    "outcomes": OutcomeRow,
}


class Block:
    """The rows of one repeated part as they are shown or were posted. `errors` are about the block as a whole.

    With a `row` of its own, a block reports on parts that are there: each row, filled or not, stands for one of them.
    """

    def __init__(
        self,
        name: str,
        parts: tuple[Any, ...],
        posted: MultiDict[str, str] | None,
        row: type[Row] | None = None,
    ) -> None:
        """Start from `parts`, or from what was posted; rows are numbered in the names of their fields."""
        self.name = name
        self.errors: list[str] = []
        self._row = row or ROWS[name]
        self.reports = row is not None
        if posted is None:
            self.rows = {place: self._row(prefix=f"{name}-{place}", obj=part) for place, part in enumerate(parts)}
        else:
            self.rows = {
                number: self._row(posted, prefix=f"{name}-{number}")
                for number in _numbers(posted, name, MOST_PARTS + 1)
            }

    def add(self, **given: Any) -> None:
        """Add an empty row."""
        number = max(self.rows, default=-1) + 1
        self.rows[number] = self._row(prefix=f"{self.name}-{number}", data=given)

    def remove(self, number: int) -> None:
        """Leave out a row, if it is there."""
        self.rows.pop(number, None)

    def follow(self, parts: Sequence[Any], shown: Sequence[str], keys: Sequence[str]) -> None:
        """Lay what was posted over the same parts as it was shown with, wherever those stand now.

        `keys` name the parts, `shown` those that the form had. What was typed for a part that is gone is told.
        """
        posted = {shown[place]: row for place, row in self.rows.items() if place < len(shown)}
        self.rows = {}
        for place, (part, key) in enumerate(zip(parts, keys, strict=True)):
            row = posted.pop(key, None)
            given = {"obj": part} if row is None else {"data": _values(row)}
            self.rows[place] = self._row(prefix=f"{self.name}-{place}", **given)
        for row in posted.values():
            typed = [f"{field.label.text} {field._value()}" for field in row._typed() if field.data is not None]
            if typed:
                self.errors.append(f"原来的这一项已被他人变更或删去，您填写的没有采用：{'，'.join(typed)}")

    @property
    def filled(self) -> list[Row]:
        """The rows in which something was typed."""
        return [row for row in self.rows.values() if not row.is_blank]

    @property
    def parts(self) -> tuple[Any, ...]:
        """What the filled rows hold."""
        return tuple(PARTS[self.name](**_values(row)) for row in self.filled)

    def is_readable(self) -> bool:
        """Return whether all that was typed could be read; what could not has its message beside it."""
        found = [row.validate() for row in self.filled]
        return all(found)

    def show(self, name: str, message: str) -> None:
        """Put a problem of the domain beside its field: `name` counts filled rows, as the domain does."""
        _, place, field = name.split("-")
        row = self.rows[int(place)] if self.reports else self.filled[int(place)]
        if field not in row:
            self.errors.append(message)
        elif not row[field].errors:
            row[field].errors = [message]


def first_parties() -> tuple[Party, ...]:
    """Return the empty rows that a form without parties begins with."""
    return tuple(Party(role=role, name="") for role in ("a", "b"))


def _numbers(posted: MultiDict[str, str], name: str, most: int) -> list[int]:
    found = {int(match[1]) for key in posted if (match := re.fullmatch(rf"{name}-([0-9]{{1,5}})-[a-z_]+", key))}
    return sorted(number for number in found if number < _LAST_NUMBER)[:most]


def _values(row: Row) -> dict[str, Any]:
    return {field.short_name: field.data for field in row}
