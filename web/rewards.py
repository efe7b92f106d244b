"""Pages of rewards: what the rules give which cooperation, what is missing, and sums by region and year."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from matcher.controlled_lists import regions
from matcher.cooperation import Cooperation
from matcher.models import Page
from matcher.policy import Action, Subject, may
from matcher.rewards import CONDITIONS, PERS, Claim, total_yuan, totals
from web import exporting
from web.access import own_organisation, rule
from web.current import service, viewer
from web.exported_rewards import FIELDS
from web.filters import read

bp = Blueprint("rewards", __name__, url_prefix="/rewards")

SHOWN = {"": "全部", "due": "够条件", "missing": "缺材料"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of the list asks for; empty text and None mean any."""

    region: str
    year: int | None
    rule: str
    shown: str
    page: int
    size: int

    def written(self, **changes: Any) -> dict[str, Any]:
        """Return the query string, with some of it changed; what is at its default is left out."""
        names = ("region", "year", "rule", "shown", "page")
        given = {name: getattr(self, name) for name in names} | changes
        return {name: value for name, value in given.items() if value and (name, value) != ("page", 1)}

    def admits(self, claim: Claim) -> bool:
        """Return whether a claim belongs into the list."""
        is_shown = {"due": claim.amount_yuan > 0, "missing": bool(claim.missing)}.get(self.shown, True)
        return is_shown and self.rule in ("", claim.rule.id)


@bp.app_context_processor
def of_record() -> dict[str, Any]:
    """Give templates what the rules give a record, as far as the viewer may see that."""
    return {"claims_of": claims_of}


@bp.get("")
@rule(Action.SEE_REWARDS, own_organisation)
def listing() -> str:
    """The sums, and one page of claims; a party sees those of its own records."""
    asked = _asked()
    every = _every()
    found = _found(every, asked)
    return render_template(
        "rewards/listing.html",
        asked=asked,
        page=_page(found, asked),
        totals=totals(found),
        total_yuan=total_yuan(found),
        years=sorted({each.year for each in every if each.year}, reverse=True),
        places=sorted({each.deal.region for each in every}),
        rules=service().rewards.rules,
        shown=SHOWN,
        is_empty=not every,
        address_of=lambda number: url_for(".listing", **asked.written(page=number)),
        export_addresses=exporting.addresses(".export", asked.written(page=1)),
    )


@bp.get("/export")
@rule(Action.SEE_REWARDS, own_organisation)
def export() -> Response:
    """The list that the address asks for as a file. Raises: InvalidInputError when it is too long."""
    found = _found(_every(), _asked())
    exporting.check_size(len(found))
    return exporting.answer("奖励测算", FIELDS, found)


@bp.get("/rules")
@rule(Action.SEE_REWARDS, own_organisation)
def rules() -> str:
    """The rules in force, in words."""
    words = {name: each[0] for name, each in CONDITIONS.items()}
    return render_template("rewards/rules.html", rules=service().rewards.rules, conditions=words, pers=PERS)


def claims_of(cooperation: Cooperation) -> tuple[Claim, ...]:
    """Return what the rules give a record; nothing to somebody who may not see it."""
    sees = may(viewer(), Action.SEE_REWARDS, Subject(cooperation.party_ids))
    return service().rewards.of(cooperation) if sees else ()


def _asked() -> Asked:
    known, year = read(request.args, service().settings.page_size), request.args.get("year", type=int)
    region, shown = request.args.get("region", ""), request.args.get("shown", "")
    chosen = request.args.get("rule", "")
    return Asked(
        region=region if region in regions() else "",
        year=year if year and 0 < year < 10_000 else None,
        rule=chosen if any(each.id == chosen for each in service().rewards.rules) else "",
        shown=shown if shown in SHOWN else "",
        page=known.page,
        size=known.size,
    )


def _every() -> tuple[Claim, ...]:
    """Return all claims that the viewer may see: of all records or of those of one's own organisation."""
    return service().rewards.claims(None if may(viewer(), Action.SEE_REWARDS) else viewer().organisation_id or 0)


def _found(every: tuple[Claim, ...], asked: Asked) -> list[Claim]:
    return [each for each in _within(every, asked) if asked.admits(each)]


def _within(every: tuple[Claim, ...], asked: Asked) -> list[Claim]:
    places = regions().within(asked.region) if asked.region else None
    return [
        each for each in every if (places is None or each.deal.region in places) and asked.year in (None, each.year)
    ]


def _page(found: list[Claim], asked: Asked) -> Page[Claim]:
    """Return the page that was asked for; one past the end is the last."""
    number = min(asked.page, max(1, -(-len(found) // asked.size)))
    start = (number - 1) * asked.size
    return Page(items=tuple(found[start : start + asked.size]), total=len(found), number=number, size=asked.size)
