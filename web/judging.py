"""Pages where a person judges the matches of a need, one after the other."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.answers import Match
from matcher.documents import reading_text
from matcher.explain import mark
from matcher.models import LEVEL_NAMES, Filters, Page, Record, Shown, Verdict
from matcher.policy import Action, may, sight, subject_of
from web import filters, shown, subjects
from web.access import rule
from web.current import actor, seen, service, viewer
from web.matches import asked_by_htmx, posted_level
from web.reasons import MarkedRecord, marked_record

bp = Blueprint("judging", __name__, url_prefix="/judging")


@dataclass(frozen=True, slots=True)
class Pair:
    """One match to judge: both texts with the shared terms marked, and the acting person's verdict, if any."""

    match: Match
    need: MarkedRecord
    achievement: MarkedRecord
    shown: Shown
    sealed: str
    verdict: Verdict | None


@bp.get("")
@rule(Action.JUDGE)
def listing() -> str:
    """Published needs, and how many matches of each the acting person has judged."""
    asked = filters.read(request.args, service().settings.page_size)
    page = _needs(asked.page, asked.size)
    if page.number > page.pages:
        page = _needs(page.pages, asked.size)
    counts = service().judging.counts(actor())
    ranker = service().scoring.ranker()
    return render_template("judging/listing.html", page=page, counts=counts, ranker=ranker, actor=actor())


def _needs(number: int, size: int) -> Page[Record]:
    return service().postings.listing("need", Filters(), number=number, size=size, sight=sight(viewer()))


@bp.get("/<int:need_id>")
@rule(Action.JUDGE, subjects.need)
def desk(need_id: int) -> str:
    """The first matches of a need, to be judged one after the other. Raises: NotFoundError."""
    need = service().postings.get("need", need_id)
    found = service().matching.matches("need", need_id, k=service().settings.match_count, see=seen)
    verdicts = service().judging.of_need(need_id, actor())
    pairs = [
        _pair(match, found.ranker_version, verdicts.get(match.achievement.id))
        for match in found.matches
        if _is_readable(match)
    ]
    return render_template(
        "judging/desk.html",
        need=need,
        pairs=pairs,
        start=next((pair for pair in pairs if pair.verdict is None), None),
        judged=sum(pair.verdict is not None for pair in pairs),
        levels=LEVEL_NAMES,
    )


@bp.post("/<int:need_id>/<int:achievement_id>")
@rule(Action.JUDGE, subjects.pair)
def judge(need_id: int, achievement_id: int) -> ResponseReturnValue:
    """Keep the acting person's level with what was shown. Raises: NotFoundError; InvalidInputError."""
    level = posted_level()
    was_shown = shown.unseal(request.form.get("shown", ""), need_id, achievement_id)
    service().matching.judge(need_id, achievement_id, level, actor(), was_shown)
    return _state(need_id, achievement_id, was_shown, f"已记下：{LEVEL_NAMES[level]}")


@bp.post("/verdicts/<int:verdict_id>/undo")
@rule(Action.JUDGE, subjects.verdict)
def undo(verdict_id: int) -> ResponseReturnValue:
    """Take back a verdict of the acting person. Raises: NotFoundError; IllegalTransitionError; InvalidInputError."""
    verdict = service().judging.undo(verdict_id, actor())
    need_id, achievement_id = verdict.need_id, verdict.achievement_id
    was_shown = shown.unseal(request.form.get("shown", ""), need_id, achievement_id)
    return _state(need_id, achievement_id, was_shown, f"已撤销：{LEVEL_NAMES[verdict.level]}")


def _is_readable(match: Match) -> bool:
    """Return whether the judge may read the achievement in full: a verdict on a summary would teach wrong things."""
    return may(viewer(), Action.READ, subject_of(match.achievement))


def _pair(match: Match, ranker: str, verdict: Verdict | None) -> Pair:
    sides = [
        marked_record(record, mark(reading_text(record), match.shared_terms), match.shared_terms)
        for record in (match.need, match.achievement)
    ]
    was_shown = shown.of_match(match, ranker)
    sealed = shown.seal(match.need.id, match.achievement.id, was_shown)
    return Pair(match, *sides, was_shown, sealed, verdict)


def _state(need_id: int, achievement_id: int, was_shown: Shown, told: str) -> ResponseReturnValue:
    """Answer with the buttons of the match as they now stand, or lead back to the match on its page."""
    if not asked_by_htmx():
        flash(told)
        return redirect(url_for("judging.desk", need_id=need_id, _anchor=f"pair-{achievement_id}"), 303)
    return render_template(
        "judging/_state.html",
        need_id=need_id,
        achievement_id=achievement_id,
        shown=was_shown,
        sealed=request.form["shown"],
        verdict=service().judging.of_need(need_id, actor()).get(achievement_id),
        told=told,
        levels=LEVEL_NAMES,
    )
