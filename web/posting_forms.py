"""The forms of needs and achievements: one base, what each kind adds, and the way to and from records."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField

from matcher.controlled_lists import cooperation_modes, maturity_levels, organisation_kinds
from matcher.models import FLAGS, MATCHED_KIND, NEED_KINDS, Achievement, Kind, Need, Record
from matcher.policy import VISIBILITIES
from web import once
from web.forms import (
    DayField,
    Form,
    LineField,
    LinesField,
    RegionField,
    StampField,
    TextField,
    TickField,
    WanField,
    WordsField,
)

_IP_KINDS = ("发明专利", "实用新型专利", "外观设计专利", "软件著作权", "集成电路布图设计", "植物新品种权", "技术秘密")
_MODELS: dict[Kind, type[Need] | type[Achievement]] = {"need": Need, "achievement": Achievement}


def _level(text: Any) -> int | None:
    return int(text) if text else None


def _maturity_choices() -> list[tuple[str, str]]:
    return [("", "未填"), *((entry.code, f"{entry.code} 级：{entry.name}") for entry in maturity_levels().entries)]


class PostingForm(Form):
    """What both kinds ask for."""

    title = LineField("标题", render_kw={"required": True})
    description = TextField("描述", render_kw={"rows": 8})
    indicators = LinesField("技术指标", render_kw={"rows": 4})
    field = LineField("技术领域", description="选最接近的一个；拿不准时可以只选大类。")
    keywords = WordsField("关键词", description="几个最能代表它的词，用分号或逗号隔开。例：锂离子电池；防爆；隔膜")
    maturity = SelectField("技术成熟度", coerce=_level, validate_choice=False)
    modes = TickField("合作方式", coerce=str)
    organisation = LineField("单位名称", description="单位的全称。例：青岚新能源科技有限公司")
    region = RegionField("地区", description="省、市或区县的名称，也可以填六位区划代码。例：安徽省合肥市")
    visibility = SelectField(
        "谁能看全文",
        default="public",
        validate_choice=False,
        description="匹配总是用全文；看不到全文的人只看到标题、公开摘要、领域、成熟度、省份和合作方式。",
    )
    summary = TextField(
        "公开摘要",
        description="所有人都看得到。不要写单位名称、商标、型号和专利号。全文对所有人公开时可以不填。",
        render_kw={"rows": 3},
    )
    named = LinesField("指定的单位", description="选“指定的单位”时填写，一行一个全称。", render_kw={"rows": 2})
    shows_organisation = BooleanField("公开单位名称（看不到全文的人也看得到）")
    valid_until = DayField("有效期至", description="过了这一天自动撤回，到期前会提醒，可以续期；不填为一年。")
    updated_at = StampField()
    once = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.maturity.choices = _maturity_choices()
        self.visibility.choices = list(VISIBILITIES.items())
        self.modes.choices = [(entry.code, entry.name) for entry in cooperation_modes().entries]

    @staticmethod
    def bare(kind: Kind) -> Record:
        """Return a record that says nothing."""
        return _MODELS[kind](title="")

    def record(self, kind: Kind, current: Record | None = None) -> Record:
        """Return `current` (or a new record) with what the form holds."""
        return _MODELS[kind](**{"title": "", **self.values()}) if current is None else replace(current, **self.values())

    def values(self) -> dict[str, Any]:
        """Return the fields of the record that the form holds, those it cannot read left out."""
        values = {name: data for name, data in self.data.items() if name not in ("csrf_token", "once", "named")}
        values |= {"modes": tuple(self.modes.data or ())}
        return {name: data for name, data in values.items() if name not in self.errors}


class NeedForm(PostingForm):
    """What an enterprise fills in."""

    need_kind = SelectField(
        "需求类型",
        default=MATCHED_KIND,
        validate_choice=False,
        description="目前只有技术需求与科技成果匹配；其他类型可以被搜索和筛选到。",
    )
    is_chokepoint = BooleanField(FLAGS["chokepoint"])
    is_common_key = BooleanField(FLAGS["common_key"])
    conditions = TextField(
        "工况与约束",
        description="在什么条件下要管用：温度、介质、节拍、场地、法规。例：40 英尺柜，35 天海运，相对湿度 90%",
        render_kw={"rows": 3},
    )
    present_state = TextField(
        "现状与已试过的办法", description="现在怎么做，试过什么，为什么不行。", render_kw={"rows": 3}
    )
    decision_owner = LineField(
        "决策负责人的职务", description="谁能拍板，只写职务不写姓名；看不到全文的人看不到。例：分管技术的副总经理"
    )
    budget_yuan = WanField(
        "预算", description="愿意为解决这个问题投入多少；可以不填。例：120.5", render_kw={"inputmode": "decimal"}
    )
    deadline = DayField("希望完成的日期", description="过了这一天就不再需要；可以不填。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.need_kind.choices = list(NEED_KINDS.items())


class AchievementForm(PostingForm):
    """What a university or institute fills in."""

    organisation_kind = SelectField(
        "单位类型", description="只对第一次登记的单位起作用。", default="", validate_choice=False
    )
    team = LineField("团队", description="课题组或实验室的名称，不必写个人姓名。例：环境功能材料课题组")
    ip_kind = LineField("知识产权类型", description="从下拉提示里选，或直接填写。例：发明专利")
    ip_number = LineField("知识产权编号", description="专利号、登记号等；可以不填。例：ZL202610012345.6")
    asking_price_yuan = WanField(
        "报价", description="期望的转让或许可价格；可以不填，即面议。例：80", render_kw={"inputmode": "decimal"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation_kind.choices = [("", "未填"), *((e.code, e.name) for e in organisation_kinds().entries)]


_FORMS: dict[Kind, type[PostingForm]] = {"need": NeedForm, "achievement": AchievementForm}
_WORDS: dict[Kind, dict[str, str]] = {
    "need": {
        "title": "一句话说明要解决什么问题。例：防爆锂离子电池的研发",
        "description": "现在怎么做、哪里不行、试过什么、希望达到什么。写得越具体，找到的成果越准。"
        "例：一到六七月，库里垛子中间的板面三五天就起黑点，喷的药水管不到十天。",
        "indicators": "做到什么程度算解决，一行一条，最好有数字。例：80℃恒温 72 小时不脱边",
        "maturity": "至少要成熟到哪一级才能用；不确定可以不填。",
        "modes": "可以接受哪些方式，可多选。",
    },
    "achievement": {
        "title": "一句话说明提供什么技术。例：基于凝胶电解质的高安全锂离子电池",
        "description": "做了什么、原理是什么、达到什么数据、在哪里试过、现在到哪一步。"
        "例：在两家板材厂连续试用一年，霉变面积由 23% 降到 2% 以下。",
        "indicators": "已经达到的指标，一行一条，最好有数字。例：针刺试验不起火，循环 2000 次容量保持率 85%",
        "maturity": "现在达到哪一级。",
        "modes": "愿意以哪些方式合作，可多选。",
    },
}


def posting_form(kind: Kind, record: Record | None = None, named: Sequence[str] = ()) -> PostingForm:
    """Return the form of `kind`: with what was posted, or with what `record` holds, or empty with a new token.

    `named` are the organisations that the record is opened to.
    """
    form = _FORMS[kind](obj=record, data={"named": tuple(named)})
    for name, text in _WORDS[kind].items():
        form[name].description = text
    if not form.is_submitted():
        form.once.data = once.new_token()
    return form


def ip_kinds() -> tuple[str, ...]:
    """Return the kinds of intellectual property to suggest."""
    return _IP_KINDS
