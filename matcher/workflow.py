"""States and which may follow which. Pure."""

from matcher.errors import IllegalTransitionError

COOPERATION_STATES = {"signed": "已签约", "performing": "履行中", "completed": "已完成", "terminated": "已终止"}
_COOPERATION_NEXT = {
    "signed": ("performing", "terminated"),
    "performing": ("completed", "terminated"),
    "completed": (),
    "terminated": (),
}

POSTING_STATUSES = {"draft": "草稿", "published": "已发布", "matched": "已对接", "closed": "已撤回"}
_POSTING_NEXT = {
    "draft": ("published",),
    "published": ("matched", "closed"),
    "matched": ("published", "closed"),
    "closed": ("published",),
}


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
