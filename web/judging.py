"""Pages where a person judges the matches of a need, one after the other."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.answers import Match
from matcher.models import LEVEL_NAMES, MATCHED_KIND, Filters, Page, Record, Shown, Verdict
from matcher.policy import Action, may, sight, subject_of
from web import filters, shown, subjects
from web.access import rule
from web.current import actor, seen, service, viewer
from web.matches import posted_level
from web.pairs import Buttons, Pair, answer, marked, unsealed

bp = Blueprint("judging", __name__, url_prefix="/judging")


@bp.get("")
@rule(Action.JUDGE)
def listing() -> str:
    """Published needs that are matched, and how many matches of each the acting person has judged."""
    asked = filters.read(request.args, service().settings.page_size)
    page = _needs(asked.page, asked.size)
    if page.number > page.pages:
        page = _needs(page.pages, asked.size)
    counts = service().judging.counts(actor())
    ranker = service().scoring.ranker()
    return render_template("judging/listing.html", page=page, counts=counts, ranker=ranker, actor=actor())


def _needs(number: int, size: int) -> Page[Record]:
    matched = Filters(need_kind=MATCHED_KIND)
    return service().postings.listing("need", matched, number=number, size=size, sight=sight(viewer()))


@bp.get("/<need:need_id>")
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
        start=next((pair for pair in pairs if pair.buttons.verdict is None), None),
        judged=sum(pair.buttons.verdict is not None for pair in pairs),
        levels=LEVEL_NAMES,
    )


@bp.post("/<need:need_id>/<achievement:achievement_id>")
@rule(Action.JUDGE, subjects.pair)
def judge(need_id: int, achievement_id: int) -> ResponseReturnValue:
    """Keep the acting person's level with what was shown. Raises: NotFoundError; InvalidInputError."""
    level = posted_level()
    was_shown = unsealed(need_id, achievement_id)
    service().matching.judge(need_id, achievement_id, level, actor(), was_shown)
    return _state(need_id, achievement_id, was_shown, f"已记下：{LEVEL_NAMES[level]}")


@bp.post("/verdicts/<verdict:verdict_id>/undo")
@rule(Action.JUDGE, subjects.verdict)
def undo(verdict_id: int) -> ResponseReturnValue:
    """Take back a verdict of the acting person. Raises: NotFoundError; IllegalTransitionError; InvalidInputError."""
    verdict = service().judging.undo(verdict_id, actor())
    need_id, achievement_id = verdict.need_id, verdict.achievement_id
    was_shown = unsealed(need_id, achievement_id)
    return _state(need_id, achievement_id, was_shown, f"已撤销：{LEVEL_NAMES[verdict.level]}")


def _is_readable(match: Match) -> bool:
    """Return whether the judge may read the achievement in full: a verdict on a summary would teach wrong things."""
    return may(viewer(), Action.READ, subject_of(match.achievement))


def _pair(match: Match, ranker: str, verdict: Verdict | None) -> Pair:
    need, achievement = (marked(record, match.shared_terms) for record in (match.need, match.achievement))
    was_shown = shown.of_match(match, ranker)
    return Pair(
        need=need,
        achievement=achievement,
        buttons=_buttons(match.need.id, match.achievement.id, was_shown, verdict),
    )


def _buttons(need_id: int, achievement_id: int, was_shown: Shown, verdict: Verdict | None) -> Buttons:
    return Buttons(
        key=str(achievement_id),
        shown=was_shown,
        sealed=shown.seal(need_id, achievement_id, was_shown),
        verdict=verdict,
        judge_address=url_for("judging.judge", need_id=need_id, achievement_id=achievement_id),
        undo_address=url_for("judging.undo", verdict_id=verdict.id) if verdict else "",
    )


def _state(need_id: int, achievement_id: int, was_shown: Shown, told: str) -> ResponseReturnValue:
    verdict = service().judging.of_need(need_id, actor()).get(achievement_id)
    back = url_for("judging.desk", need_id=need_id, _anchor=f"pair-{achievement_id}")
    return answer(_buttons(need_id, achievement_id, was_shown, verdict), told, back)
