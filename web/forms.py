"""Form fields as people fill them in: amounts in 万元, lists in one box, places by name; and domain problems shown
beside the fields."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from matcher.controlled_lists import regions
from matcher.errors import InvalidInputError, MatcherError

_WAN = 10_000
_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
_BETWEEN_WORDS = re.compile(r"[；;、,，\n]")


class Form(FlaskForm):
    """Base of our forms; messages of WTForms itself in Chinese."""

    class Meta(FlaskForm.Meta):
        """Where WTForms finds its own messages."""

        locales = ("zh",)

    def show(self, problems: Mapping[str, str]) -> None:
        """Put the domain's messages beside the fields they are about, the others on top."""
        for name, message in problems.items():
            if name in self:
                self[name].errors = [*self[name].errors, message]
            else:
                self.form_errors.append(message)

    def show_error(self, error: MatcherError) -> None:
        """Put what an error of the domain says beside the fields it is about, or on top."""
        self.show(error.problems if isinstance(error, InvalidInputError) else {"": str(error)})


class LineField(StringField):
    """One line of text, without spaces around it."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the text as given, trimmed."""
        self.data = valuelist[0].strip() if valuelist else ""


class TextField(TextAreaField):
    """Text of many lines with \\n line ends."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the text, its line ends made one kind."""
        self.data = _lines_ended_alike(valuelist[0]).strip() if valuelist else ""


class LinesField(TextAreaField):
    """A tuple of texts, one a line."""

    def _value(self) -> str:
        return "\n".join(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Split at line ends, blank lines left out."""
        self.data = _parts(_lines_ended_alike(valuelist[0]).split("\n")) if valuelist else ()


class WordsField(StringField):
    """A tuple of words in one line, split at ； ; 、 , ，."""

    def _value(self) -> str:
        return "；".join(self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        """Split, each word once, in the order given."""
        words = _parts(_BETWEEN_WORDS.split(_lines_ended_alike(valuelist[0]))) if valuelist else ()
        self.data = tuple(dict.fromkeys(words))


class WanField(StringField):
    """An amount written in 万元 with decimals and kept in whole yuan; None when left empty."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data) / _WAN:f}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount. Raises: ValueError, shown beside the field."""
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        text = unicodedata.normalize("NFKC", typed).replace(",", "").replace("万元", "").strip()
        if not typed:
            return
        if not _AMOUNT.fullmatch(text):
            raise ValueError(f"“{typed[:30]}”不是金额。请填写以万元为单位的数字，如 120.5")
        yuan = Decimal(text) * _WAN
        if yuan != int(yuan):
            raise ValueError(f"“{text}”不到整元。以万元为单位最多填四位小数，如 120.5")
        self.data = int(yuan)


class DayField(DateField):
    """A date; None when left empty."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the date. Raises: ValueError, shown beside the field."""
        self.data = None
        try:
            super().process_formdata([text.strip() for text in valuelist if text.strip()])
        except ValueError as error:
            raise ValueError(f"“{valuelist[0][:20]}”不是日期。请按 2027-06-30 的样子填写") from error


class RegionField(StringField):
    """A division kept as its code, given as a code or a name; other text is kept as it is."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return region_path(self.data or "")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Find the division. Raises: ValueError when several bear the name, shown beside the field."""
        self.data = valuelist[0].strip() if valuelist else ""
        codes = regions().codes_named(self.data)
        if len(codes) > 1:
            ways = "、".join(region_path(code) for code in codes[:3])
            raise ValueError(f"叫“{self.data}”的地方有 {len(codes)} 个，请写全，如：{ways}")
        self.data = codes[0] if codes else self.data


class TickField(SelectMultipleField):
    """Several of a short list as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        """Leave unknown values to the domain, which says what may be chosen."""


class StampField(HiddenField):
    """The time a record had when its form was shown, carried along hidden; None for a new record."""

    def _value(self) -> str:
        return self.data.isoformat() if isinstance(self.data, datetime) else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time. Raises: ValueError for text that is none."""
        self.data = None
        if valuelist and valuelist[0]:
            try:
                self.data = datetime.fromisoformat(valuelist[0])
            except ValueError as error:
                raise ValueError("页面里的时间记号已损坏，请从记录页重新点“编辑”") from error


def region_path(code: str) -> str:
    """Return the names from the province down to `code`, written together; other text as it is."""
    return "".join(regions().name(above) for above in regions().lineage(code)) or code


def region_suggestions() -> list[str]:
    """Return the provinces and cities, to suggest while a place is typed."""
    return [region_path(entry.code) for entry in regions().entries if entry.code.endswith("00")]


def data_of(form: FlaskForm, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of the named fields."""
    return {name: form[name].data for name in names}


def _lines_ended_alike(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _parts(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(text.strip() for text in texts if text.strip())
