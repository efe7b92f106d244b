"""Lists of needs and achievements: browsed in an order, or searched by meaning and words."""

from dataclasses import dataclass, replace

from flask import render_template, request
from flask.typing import ResponseReturnValue

from matcher.answers import SharedTerm
from matcher.documents import text_query_terms
from matcher.explain import closest_sentence
from matcher.models import Filters, Kind, Page, Record
from matcher.policy import Action, sight
from web import filters
from web.current import counted_as, seen, service, viewer

MOST_FOUND = 100
SORT_NAMES = {"newest": "最近更新", "oldest": "最早更新", "title": "标题", "deadline": "截止日期", "maturity": "成熟度"}


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a list and the lines of its text to show under the title."""

    record: Record
    excerpt: str


def list_page(kind: Kind) -> ResponseReturnValue:
    """One page of needs or achievements with filters, their counts, an order and a pager."""
    asked = filters.read(request.args, usual_size=service().settings.page_size)
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
            service().postings.facets(kind, asked.filters, sight(viewer(), Action.SEE)),
            asked.filters,
            statuses=not asked.q,
        ),
        sorts=[(name, SORT_NAMES[name]) for name in service().postings.sorts(kind)],
        write=filters.write,
        is_empty=not page.total and not service().postings.count(kind, Filters(status="")),
        most_found=MOST_FOUND,
    )


def _facets(kind: Kind, wanted: Filters) -> dict[str, dict[str, int]]:
    return service().postings.facets(kind, wanted, sight(viewer(), Action.SEE))


def browse(kind: Kind, asked: filters.Asked) -> Page[Row]:
    """Return one page in the order asked for; a page past the end is the last one."""
    postings, visible = service().postings, sight(viewer(), Action.SEE)
    page = postings.listing(kind, asked.filters, asked.sort, asked.page, asked.size, visible)
    if page.number > page.pages:
        page = postings.listing(kind, asked.filters, asked.sort, page.pages, asked.size, visible)
    return replace(page, items=tuple(Row(record, record.description) for record in map(seen, page.items)))


def search(kind: Kind, asked: filters.Asked) -> Page[Row]:
    """Return one page of the records that fit `asked.q` best, of those that the viewer may read in full."""
    service().throttle.check_search(counted_as())
    readable = sight(viewer(), Action.READ)
    found = [record for record, _ in service().matching.search(kind, asked.q, asked.filters, MOST_FOUND, readable)]
    number = min(asked.page, max(1, -(-len(found) // asked.size)))
    shared = [SharedTerm(text=term, weight=1.0) for term in text_query_terms(asked.q)]
    shown = found[(number - 1) * asked.size : number * asked.size]
    rows = tuple(Row(record, closest_sentence(record, shared) or record.description) for record in shown)
    return Page(items=rows, total=len(found), number=number, size=asked.size)
