"""Forms of an engagement: where it stands, notes, handing over, meetings."""

from datetime import datetime
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, TimeField
from wtforms.fields.choices import SelectChoice

from matcher.clock import ZONE
from matcher.engagement import END_REASONS, WAITS_FOR, Engagement, Meeting, Progress
from matcher.errors import InvalidInputError
from matcher.people import Account, Membership
from matcher.workflow import ENGAGEMENT_STATES, next_engagement_states
from web.forms import DayField, Form, LineField, TextField

_TWO_LINES = {"rows": 2}


class ProgressForm(Form):
    """Where an engagement stands; `version` is the one that was seen."""

    state = SelectField("进展到", validate_choice=False)
    waits_for = SelectField("现在等谁", validate_choice=False)
    next_step = LineField("下一步", description="只有经纪人和管理员看得到。例：请企业补充循环寿命的试验数据")
    due_on = DayField("期限", description="到期会提醒经办人；可以不填")
    reason = SelectField("终止的原因", validate_choice=False, description="进展选“终止”时必选")
    # Not "note": the form for files on the same page has a field of that id.
    told = TextField("告诉双方的话", description="双方单位都看得到；可以不填", render_kw=_TWO_LINES)
    version = HiddenField()

    def __init__(self, engagement: Engagement, **more: Any) -> None:
        """Start from where `engagement` stands; what was posted goes before it."""
        super().__init__(obj=engagement, **more)
        states = (engagement.state, *next_engagement_states(engagement.state))
        self.state.choices = [SelectChoice(state, ENGAGEMENT_STATES[state]) for state in states]
        self.waits_for.choices = [SelectChoice(*pair) for pair in WAITS_FOR.items()]
        self.reason.choices = [SelectChoice("", "不终止"), *(SelectChoice(*pair) for pair in END_REASONS.items())]

    def progress(self) -> Progress:
        """Return what was typed."""
        return Progress(
            state=self.state.data or "",
            waits_for=self.waits_for.data or "",  # type: ignore[arg-type]
            next_step=self.next_step.data or "",
            due_on=self.due_on.data,
            reason=self.reason.data or "",
        )

    def seen_version(self) -> int:
        """Return the version that the form was shown with; 0 for none."""
        return number_in(self.version.data)


class NoteForm(Form):
    """A line for the log."""

    text = TextField("记录", description="例：电话沟通，对方约下周给出样品", render_kw={"rows": 3, "required": True})
    is_shared = BooleanField("双方单位也看得到", description="不勾选时只有经纪人和管理员看得到")


class HandOverForm(Form):
    """Whom an engagement goes to."""

    broker = SelectField("转交给", validate_choice=False)
    version = HiddenField()

    def __init__(self, brokers: tuple[Membership, ...], **more: Any) -> None:
        super().__init__(**more)
        listed = [
            SelectChoice(each.account.public_id, f"{each.account.name}（{each.organisation}）") for each in brokers
        ]
        self.broker.choices = [SelectChoice("", "交回，由任何经纪人领取"), *listed]

    def chose(self, account: Account) -> bool:
        """Return whether it is this account that was chosen."""
        return bool(self.broker.data == account.public_id)


class MeetingForm(Form):
    """When and where; times are those of China. `sequence` counts the changes of the meeting that was seen."""

    title = LineField("主题", description="例：样品测试结果沟通", render_kw={"required": True})
    day = DayField("日期", render_kw={"required": True})
    starts = TimeField("开始", render_kw={"required": True})
    ends = TimeField("结束", render_kw={"required": True})
    place = LineField("地点", description="会议室、地址或线上会议的号码")
    attendees = TextField("参加人", description="各方参加的人；双方单位都看得到", render_kw=_TWO_LINES)
    sequence = HiddenField()

    def __init__(self, meeting: Meeting | None = None, **more: Any) -> None:
        """Start from a meeting, if it is one that is moved; what was posted goes before it."""
        super().__init__(data=None if meeting is None else _typed(meeting), **more)

    def meeting(self, public_id: str = "", number: int = 0, engagement_id: int = 0) -> Meeting:
        """Return what was typed. Raises: InvalidInputError when day or times are missing."""
        day, starts, ends = self.day.data, self.starts.data, self.ends.data
        lacks = {"day": day, "starts": starts, "ends": ends}
        if day is None or starts is None or ends is None:
            missing = {name: "请填写日期和时间" for name, value in lacks.items() if value is None}
            raise InvalidInputError({name: text for name, text in missing.items() if not self[name].errors})
        return Meeting(
            id=number,
            public_id=public_id,
            engagement_id=engagement_id,
            title=self.title.data or "",
            starts_at=datetime.combine(day, starts, ZONE),
            ends_at=datetime.combine(day, ends, ZONE),
            place=self.place.data or "",
            attendees=self.attendees.data or "",
        )


def number_in(text: str | None) -> int:
    """Return a version that a form carried along; 0 when it is none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _typed(meeting: Meeting) -> dict[str, Any]:
    start, end = meeting.starts_at.astimezone(ZONE), meeting.ends_at.astimezone(ZONE)
    return {
        "title": meeting.title,
        "day": start.date(),
        "starts": start.time(),
        "ends": end.time(),
        "place": meeting.place,
        "attendees": meeting.attendees,
        "sequence": str(meeting.sequence),
    }
