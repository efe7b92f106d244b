"""Lists of needs and achievements: browsed in an order, or searched by meaning and words."""

from dataclasses import dataclass, replace

from flask import render_template, request
from flask.typing import ResponseReturnValue

from matcher.answers import SharedTerm
from matcher.controlled_lists import region_prefix
from matcher.documents import text_query_terms
from matcher.explain import closest_sentence
from matcher.models import Filters, Kind, Page, Record
from matcher.policy import Action, Sight, sight
from web import exporting, filters
from web.current import counted_as, seen, service, viewer
from web.exported_records import FIELDS
from web.frame import BLUEPRINTS, KIND_NAMES

MOST_FOUND = 100
_PROVINCE_DIGITS = 2
SORT_NAMES = {"newest": "最近更新", "oldest": "最早更新", "title": "标题", "deadline": "截止日期", "maturity": "成熟度"}


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a list and the lines of its text to show under the title."""

    record: Record
    excerpt: str


def list_page(kind: Kind) -> ResponseReturnValue:
    """One page of needs or achievements with filters, their counts, an order and a pager."""
    asked = filters.read(request.args, usual_size=service().settings.page_size)
    if kind == "achievement":
        asked = replace(asked, filters=replace(asked.filters, need_kind="", flag=""))
    if asked.q:
        asked = replace(asked, sort="", filters=replace(asked.filters, status="published"))
    page = search(kind, asked) if asked.q else browse(kind, asked)
    return render_template(
        "postings/list.html",
        kind=kind,
        asked=asked,
        page=page,
        terms=tuple(text_query_terms(asked.q)),
        chips=filters.chips(asked),
        choices=filters.choices(
            service().postings.facets(kind, asked.filters, _visible(asked.filters)),
            asked.filters,
            statuses=not asked.q,
        ),
        sorts=[(name, SORT_NAMES[name]) for name in service().postings.sorts(kind)],
        write=filters.write,
        is_empty=not page.total and not service().postings.count(kind, Filters(status="")),
        most_found=MOST_FOUND,
        export_addresses=exporting.addresses(f"{BLUEPRINTS[kind]}.export", filters.write(asked, page=1)),
    )


def export(kind: Kind) -> ResponseReturnValue:
    """All pages of the list that the address asks for as one file. Raises: InvalidInputError when it is too long."""
    asked = filters.read(request.args)
    if asked.q:
        found = _found(kind, asked)
        return exporting.answer(KIND_NAMES[kind], FIELDS[kind], found)
    postings, visible = service().postings, _visible(asked.filters)
    exporting.check_size(postings.count(kind, asked.filters, visible))
    every = postings.every(kind, asked.filters, asked.sort, visible)
    return exporting.answer(KIND_NAMES[kind], FIELDS[kind], map(seen, every))


def browse(kind: Kind, asked: filters.Asked) -> Page[Row]:
    """Return one page in the order asked for; a page past the end is the last one."""
    postings, visible = service().postings, _visible(asked.filters)
    page = postings.listing(kind, asked.filters, asked.sort, asked.page, asked.size, visible)
    if page.number > page.pages:
        page = postings.listing(kind, asked.filters, asked.sort, page.pages, asked.size, visible)
    return replace(page, items=tuple(Row(record, record.description) for record in map(seen, page.items)))


def _visible(wanted: Filters) -> Sight:
    """Return what the viewer's list may hold: a summary tells the province alone, so it answers for no city."""
    asks_for_city = len(region_prefix(wanted.region)) > _PROVINCE_DIGITS
    return sight(viewer(), Action.READ if asks_for_city else Action.SEE)


def _found(kind: Kind, asked: filters.Asked) -> list[Record]:
    service().throttle.check_search(counted_as())
    readable, wanted = sight(viewer(), Action.READ), replace(asked.filters, status="published")
    return [record for record, _ in service().matching.search(kind, asked.q, wanted, MOST_FOUND, readable)]


def search(kind: Kind, asked: filters.Asked) -> Page[Row]:
    """Return one page of the records that fit `asked.q` best, of those that the viewer may read in full."""
    found = _found(kind, asked)
    number = min(asked.page, max(1, -(-len(found) // asked.size)))
    shared = [SharedTerm(text=term, weight=1.0) for term in text_query_terms(asked.q)]
    shown = found[(number - 1) * asked.size : number * asked.size]
    rows = tuple(Row(record, closest_sentence(record, shared) or record.description) for record in shown)
    return Page(items=rows, total=len(found), number=number, size=asked.size)
