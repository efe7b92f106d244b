"""States and which may follow which. Pure."""

from matcher.errors import IllegalTransitionError

COOPERATION_STATES = {
    "draft": "草稿",
    "submitted": "已提交",
    "filed": "已备案",
    "performing": "履行中",
    "completed": "已完成",
    "terminated": "已终止",
    "revoked": "已撤销",
}
_COOPERATION_NEXT = {
    "draft": ("submitted",),
    "submitted": ("filed", "draft"),
    "filed": ("performing", "terminated", "revoked"),
    "performing": ("completed", "terminated", "revoked"),
    "completed": (),
    "terminated": (),
    "revoked": (),
}
# States that only the bureau gives: by filing, giving back, revoking.
BUREAU_STATES = ("filed", "draft", "revoked")
# States that nobody brings about without saying why.
REASONED_STATES = ("draft", "terminated", "revoked")
# From filing on, a record changes only by amendments, and while it is alive by reports of what was done.
AMENDED_STATES = ("filed", "performing", "completed")

POSTING_STATUSES = {"draft": "草稿", "published": "已发布", "matched": "已对接", "closed": "已撤回"}
_POSTING_NEXT = {
    "draft": ("published",),
    "published": ("matched", "closed"),
    "matched": ("published", "closed"),
    "closed": ("published",),
}

ENGAGEMENT_STATES = {
    "suggested": "建议",
    "contacting": "联系中",
    "agreed": "双方有意",
    "negotiating": "洽谈",
    "signed": "签约",
    "ended": "终止",
}
# One step back is possible, since sides change their minds; what was ended can be taken up again.
_ENGAGEMENT_NEXT = {
    "suggested": ("contacting", "ended"),
    "contacting": ("agreed", "suggested", "ended"),
    "agreed": ("negotiating", "contacting", "ended"),
    "negotiating": ("signed", "agreed", "ended"),
    "signed": (),
    "ended": ("contacting",),
}


def next_engagement_states(state: str) -> tuple[str, ...]:
    """Return the states that an engagement in `state` may go to."""
    return _ENGAGEMENT_NEXT[state]


def check_engagement_step(state: str, wanted: str) -> None:
    """Raises: IllegalTransitionError when `wanted` may not follow `state`."""
    _check(ENGAGEMENT_STATES, _ENGAGEMENT_NEXT[state], state, wanted)


def next_cooperation_states(state: str) -> tuple[str, ...]:
    """Return the states that a cooperation in `state` may go to."""
    return _COOPERATION_NEXT[state]


def next_posting_statuses(status: str) -> tuple[str, ...]:
    """Return the statuses that a record in `status` may go to."""
    return _POSTING_NEXT[status]


def check_cooperation_step(state: str, wanted: str) -> None:
    """Raises: IllegalTransitionError when `wanted` may not follow `state`."""
    _check(COOPERATION_STATES, _COOPERATION_NEXT[state], state, wanted)


def check_posting_step(status: str, wanted: str) -> None:
    """Raises: IllegalTransitionError when `wanted` may not follow `status`."""
    _check(POSTING_STATUSES, _POSTING_NEXT[status], status, wanted)


def _check(names: dict[str, str], allowed: tuple[str, ...], present: str, wanted: str) -> None:
    if wanted not in allowed:
        ways = "、".join(names[state] for state in allowed) or "无（已是最终状态）"
        raise IllegalTransitionError(
            f"当前状态“{names[present]}”不能改为“{names.get(wanted, wanted)}”；可以改为：{ways}"
        )
