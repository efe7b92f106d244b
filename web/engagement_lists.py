"""The list and the board of engagements, as their address asks for them."""

from dataclasses import dataclass, replace

from flask import Response, render_template, request, url_for

from matcher.clock import today
from matcher.controlled_lists import regions, technical_fields
from matcher.engagement import QUEUES, SETTLED, SORTS, Engagement, EngagementFilters
from matcher.models import Page
from matcher.policy import Action, may
from matcher.workflow import ENGAGEMENT_STATES, next_engagement_states
from web import exported_engagements, exporting
from web.current import service, viewer
from web.filters import PAGE_SIZES
from web.forms import region_path, region_suggestions
from web.list_addresses import one_of, page_of, size_of, written
from web.subjects import engagement_of

_CARDS = 8
_LONGEST = 100
VIEWS = {"list": "列表", "board": "看板"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for; `whose` is "mine", "free" or, for all, "". Defaults are left out of addresses."""

    view: str = "list"
    state: str = ""
    queue: str = ""
    whose: str = ""
    field: str = ""
    region: str = ""
    q: str = ""
    sort: str = "due"
    size: int = 20
    page: int = 1


def page() -> str:
    """Return the page that the address asks for."""
    asked = _read()
    filters = _filters(asked)
    counts = service().engagements.state_counts(filters)
    return render_template(
        "engagements/listing.html",
        asked=asked,
        page=None if asked.view == "board" else _fitting(asked, filters),
        columns=_columns(filters, counts) if asked.view == "board" else (),
        counts=counts,
        states=ENGAGEMENT_STATES,
        queues=QUEUES,
        sorts=SORTS,
        sizes=PAGE_SIZES,
        views=VIEWS,
        fields=technical_fields(),
        regions=region_suggestions(),
        region_words=region_path(asked.region),
        today=today(),
        is_broker=may(viewer(), Action.READ_BROKER_NOTES),
        may_work=may_work,
        steps=lambda each: [state for state in next_engagement_states(each.state) if state != "ended"],
        export_addresses=exporting.addresses("engagements.export", written(asked, page=1)),
        address_with=lambda **changes: url_for(".listing", **written(asked, **{"page": 1, **changes})),
        address_of=lambda number: url_for(".listing", **written(asked, page=number)),
    )


def export() -> Response:
    """Return all pages of the list that the address asks for as one file. Raises: InvalidInputError when too long."""
    asked = _read()
    filters = _filters(asked)
    total = service().engagements.listing(filters, size=1).total
    exporting.check_size(total)
    found = service().engagements.listing(filters, asked.sort, size=max(1, total)).items
    return exporting.answer("对接", exported_engagements.fields(), found)


def may_work(engagement: Engagement) -> bool:
    """Return whether the viewer carries the engagement or administers all."""
    return may(viewer(), Action.WORK_ENGAGEMENT, engagement_of(engagement))


def _fitting(asked: Asked, filters: EngagementFilters) -> Page[Engagement]:
    found = service().engagements.listing(filters, asked.sort, asked.page, asked.size)
    if found.number <= found.pages:
        return found
    return service().engagements.listing(filters, asked.sort, found.pages, asked.size)


def _columns(filters: EngagementFilters, counts: dict[str, int]) -> tuple[tuple[str, int, tuple[Engagement, ...]], ...]:
    """Return (state, how many, the first of them) for each state."""
    return tuple(
        (
            state,
            counts.get(state, 0),
            service()
            .engagements.listing(replace(filters, state=state), "newest" if state in SETTLED else "due", 1, _CARDS)
            .items
            if counts.get(state)
            else (),
        )
        for state in ENGAGEMENT_STATES
    )


def _filters(asked: Asked) -> EngagementFilters:
    whose = {"mine": viewer().account_id, "free": 0}.get(asked.whose)
    sees_all = may(viewer(), Action.READ_ENGAGEMENT)
    return EngagementFilters(
        state=asked.state if asked.view == "list" else "",
        queue=asked.queue,
        broker_id=whose,
        owner_id=None if sees_all else viewer().organisation_id or 0,
        field=asked.field,
        region=asked.region,
        text=asked.q,
    )


def _read() -> Asked:
    args = request.args
    codes = regions().codes_named(args.get("region", "").strip())
    return Asked(
        view=one_of(args, "view", VIEWS, "list"),
        state=one_of(args, "state", ENGAGEMENT_STATES),
        queue=one_of(args, "queue", QUEUES),
        whose=one_of(args, "whose", ("mine", "free")),
        field=one_of(args, "field", technical_fields()),
        region=codes[0] if codes else "",
        q=args.get("q", "").strip()[:_LONGEST],
        sort=one_of(args, "sort", SORTS, "due"),
        size=size_of(args, service().settings.page_size),
        page=page_of(args),
    )
