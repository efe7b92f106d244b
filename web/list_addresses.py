"""What the addresses of lists have in common: values out of a closed set, page and size, and writing them again."""

from collections.abc import Container
from dataclasses import asdict, replace
from typing import Any

from werkzeug.datastructures import MultiDict

from web.current import service
from web.filters import PAGE_SIZES

_LAST_PAGE = 1_000_000
Arguments = MultiDict[str, str]


def one_of(args: Arguments, name: str, known: Container[str], usual: str = "") -> str:
    """Return the value that the query string gives under `name` if it is a known one."""
    value = args.get(name, "")
    return value if value in known else usual


def page_of(args: Arguments) -> int:
    """Return the page that the query string asks for, from 1."""
    return min(max(args.get("page", 1, type=int), 1), _LAST_PAGE)


def size_of(args: Arguments, usual: int) -> int:
    """Return how many rows a page is to have: one of the sizes offered, else `usual`."""
    size = args.get("size", type=int)
    return size if size in PAGE_SIZES else usual


def written(asked: Any, **changes: Any) -> dict[str, Any]:
    """Return the query string of a list's dataclass with some of it changed; what is at its default is left out.

    The default size is that of the settings: another one, also the first that is offered, stays in the address.
    """
    defaults = asdict(type(asked)()) | {"size": service().settings.page_size}
    return {name: value for name, value in asdict(replace(asked, **changes)).items() if value != defaults[name]}
