"""What a change may touch of a cooperation record, and the reason that it must give. Pure."""

from dataclasses import replace

from matcher.cooperation import Cooperation
from matcher.errors import InvalidInputError, StaleEditError
from matcher.validation import text_problem
from matcher.workflow import AMENDED_STATES, COOPERATION_STATES, REASONED_STATES

LONGEST_REASON = 1000
STALE = "这条备案在您编辑期间已被他人修改。您填写的内容仍在下方，请对照最新内容后再保存"


def content_of(typed: Cooperation, current: Cooperation) -> Cooperation:
    """Return what was typed, with all that no form changes as it is kept."""
    names = ("state", "reason", "filing_number", "filed_on", "engagement_id")
    links = ("need_id", "need_version", "achievement_id", "achievement_version")
    return replace(typed, **{name: getattr(current, name) for name in (*names, *links)})


def reported(current: Cooperation, typed: Cooperation) -> Cooperation:
    """Return what is kept with the payments made, the states of milestones and the outcomes that were typed.

    Raises: StaleEditError when there is another number of payments or milestones by now.
    """
    if (len(typed.payments), len(typed.milestones)) != (len(current.payments), len(current.milestones)):
        raise StaleEditError(STALE)
    payments = zip(current.payments, typed.payments, strict=True)
    milestones = zip(current.milestones, typed.milestones, strict=True)
    return replace(
        current,
        payments=tuple(replace(old, paid_on=new.paid_on, paid_yuan=new.paid_yuan) for old, new in payments),
        milestones=tuple(replace(old, state=new.state, done_on=new.done_on) for old, new in milestones),
        outcomes=typed.outcomes,
    )


def reason_for(state: str, reason: str) -> str:
    """Return the reason for a state, "" for one that needs none. Raises: InvalidInputError as for `checked_reason`."""
    return checked_reason(reason) if state in REASONED_STATES else ""


def checked_reason(reason: str) -> str:
    """Return the reason without spaces around it. Raises: InvalidInputError when there is none or too long a one."""
    reason = reason.strip()
    problem = text_problem(reason, LONGEST_REASON) if reason else "请写明原因，各方和管理部门都看得到"
    if problem:
        raise InvalidInputError({"reason": problem})
    return reason


def not_editable(cooperation: Cooperation) -> str:
    """Return why a record cannot be changed in this way, and the way that it can, in words."""
    state = COOPERATION_STATES[cooperation.state]
    ways = {
        "draft": "请直接编辑",
        "submitted": "请等管理员备案或退回",
        "filed": "请用“变更”，原来的内容会保留",
    }
    way = ways.get("filed" if cooperation.state in AMENDED_STATES else cooperation.state, "内容和历史保留，不能再改")
    return f"这条备案现在是“{state}”：{way}"
