"""What the address of the list of cooperations asks for."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from matcher.workflow import COOPERATION_STATES
from web.filters import PAGE_SIZES

SORTS = {"newest": "最近记录", "signed": "最近签订", "amount": "金额从高到低"}
_LONGEST_QUERY = 200
_LAST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A list's state, text, order and page; empty text means any."""

    state: str = ""
    q: str = ""
    sort: str = "newest"
    page: int = 1
    size: int = PAGE_SIZES[0]


def read(args: MultiDict[str, str], size: int) -> Asked:
    """Return what the query string asks for; values that make no sense count as not given."""
    state, sort = args.get("state", ""), args.get("sort", "")
    asked_size = args.get("size", type=int)
    return Asked(
        state=state if state in COOPERATION_STATES else "",
        q=args.get("q", "").strip()[:_LONGEST_QUERY],
        sort=sort if sort in SORTS else "newest",
        page=min(max(args.get("page", 1, type=int), 1), _LAST_PAGE),
        size=asked_size if asked_size in PAGE_SIZES else size,
    )


def written(asked: Asked, **changes: Any) -> dict[str, Any]:
    """Return the query string of `asked` with some of it changed; what is at its default is left out."""
    defaults = asdict(Asked())
    return {name: value for name, value in asdict(replace(asked, **changes)).items() if value != defaults[name]}
