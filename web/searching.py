"""Search over both sides by meaning and words."""

from dataclasses import replace

from flask import Blueprint, render_template, request

from matcher.documents import text_query_terms
from matcher.models import Filters, Kind
from matcher.policy import Action
from web import filters, listings
from web.access import rule
from web.current import service

bp = Blueprint("searching", __name__)


@bp.get("/search")
@rule(Action.BROWSE)
def results() -> str:
    """The best of one side for a free text, the other side one tab away."""
    kind: Kind = "need" if request.args.get("kind") == "need" else "achievement"
    asked = replace(filters.read(request.args, service().settings.page_size), filters=Filters(), sort="")
    return render_template(
        "searching/results.html",
        kind=kind,
        asked=asked,
        page=listings.search(kind, asked) if asked.q else None,
        terms=tuple(text_query_terms(asked.q)),
        is_empty=not service().postings.count(kind, Filters()),
        most_found=listings.MOST_FOUND,
    )
