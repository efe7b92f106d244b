"""The first page and the help page."""

from flask import Blueprint, render_template

from matcher.cooperation import CooperationFilters
from matcher.models import Filters
from matcher.policy import Action
from web.access import rule
from web.current import party_id, seen, service

bp = Blueprint("home", __name__)

_NEWEST = 5


@bp.get("/")
@rule(Action.BROWSE)
def index() -> str:
    """What there is, what is new, and how to begin."""
    postings, cooperations = service().postings, service().cooperations
    return render_template(
        "home/index.html",
        counts={
            "need": postings.count("need", Filters()),
            "achievement": postings.count("achievement", Filters()),
            "cooperation": sum(cooperations.state_counts().values()),
            "organisation": postings.organisation_count(),
        },
        needs=[seen(record) for record in postings.listing("need", Filters(), size=_NEWEST).items],
        achievements=[seen(record) for record in postings.listing("achievement", Filters(), size=_NEWEST).items],
        cooperations=cooperations.listing(CooperationFilters(party_id=party_id()), size=_NEWEST).items,
    )


@bp.get("/help")
@rule(Action.BROWSE)
def help_page() -> str:
    """The main way through, what the numbers mean, and the words."""
    return render_template("home/help.html")
