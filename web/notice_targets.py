"""Where notices lead: the one table from what a notice is about to the page of that."""

from collections.abc import Callable
from typing import Any

from flask import current_app, url_for

from matcher.errors import NotFoundError
from web.current import service

# For each thing that a notice can be about: the page, and the arguments of its address from the number of the thing.
_PAGES: dict[str, tuple[str, Callable[[int], dict[str, Any]]]] = {
    "need": ("needs.detail", lambda number: {"item_id": number}),
    "achievement": ("achievements.detail", lambda number: {"item_id": number}),
    "interest": ("interests.detail", lambda number: {"public_id": service().inbox.public_id("interest", number)}),
    "engagement": ("engagements.detail", lambda number: {"public_id": service().inbox.public_id("engagement", number)}),
    "cooperation": ("cooperations.detail", lambda number: {"cooperation_id": number}),
    "suggestion": ("desk.detail", lambda number: {"public_id": service().inbox.public_id("suggestion", number)}),
    "suggestions": ("desk.queue", lambda _: {}),
    "organisation": ("organisations.people", lambda number: {"organisation_id": number}),
}
# A notice about several of a kind at once has this number, and leads to where they are listed.
_MANY = 0


def address_of(about: str, number: int) -> str:
    """Return the address of the page of what a notice is about; whether the reader may see it is asked there.

    Raises: NotFoundError when it is gone, or has no page of its own.
    """
    page = _PAGES.get(f"{about}s" if number == _MANY else about)
    if page is None or page[0] not in current_app.view_functions:
        raise NotFoundError("这条消息所说的内容没有单独的页面")
    endpoint, arguments = page
    return url_for(endpoint, **arguments(number))
