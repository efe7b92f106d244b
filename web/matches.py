"""Pages of matches: the reasons of one pair, and people's verdicts on it."""

from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from matcher.answers import Explanation
from matcher.errors import InvalidInputError
from matcher.models import LEVEL_NAMES, Level, Shown
from matcher.policy import Action
from web import shown, subjects
from web.access import rule
from web.current import actor, seen, service
from web.reasons import reasons_of
from web.versions import shown_version

bp = Blueprint("matches", __name__, url_prefix="/matches")


@bp.get("/<need:need_id>/<achievement:achievement_id>")
@rule(Action.SEE, subjects.pair)
def reasons(need_id: int, achievement_id: int) -> str:
    """Return why the two fit: a whole page, or the part that opens under a row when htmx asks.

    Raises: NotFoundError.
    """
    found = reasons_of(
        service().matching.explain(need_id, achievement_id, seen),
        service().matching.verdicts(need_id, achievement_id),
        subjects.readable_cooperations("need", need_id),
    )
    template = "matches/_reasons.html" if asked_by_htmx() else "matches/reasons.html"
    return render_template(
        template,
        reasons=found,
        versions={
            record.kind: shown_version(record) for record in (found.explanation.need, found.explanation.achievement)
        },
        engagement=service().engagements.of_pair(need_id, achievement_id),
        sealed=_sealed(found.explanation),
        **_verdict_words(),
    )


@bp.post("/<need:need_id>/<achievement:achievement_id>/verdict")
@rule(Action.JUDGE, subjects.pair)
def judge(need_id: int, achievement_id: int) -> str | Response:
    """Keep the acting person's level and show it beside the others'. Raises: NotFoundError; InvalidInputError."""
    level = posted_level()
    sealed = request.form.get("shown", "")
    was_shown = shown.unseal(sealed, need_id, achievement_id) if sealed else None
    service().matching.judge(need_id, achievement_id, level, actor(), was_shown)
    told = f"已记下您的评判：{LEVEL_NAMES[level]}"
    if not asked_by_htmx():
        flash(told)
        return redirect(url_for("matches.reasons", need_id=need_id, achievement_id=achievement_id), 303)
    verdicts = service().matching.verdicts(need_id, achievement_id)
    pair = {"need_id": need_id, "achievement_id": achievement_id}
    return render_template(
        "matches/_verdicts.html", verdicts=verdicts, told=told, sealed=sealed, **pair, **_verdict_words()
    )


def _sealed(explanation: Explanation) -> str:
    """Return what the page shows of the match; its place in the list is not known here."""
    was_shown = Shown(
        rank=None,
        probability=round(explanation.probability, 4),
        level=explanation.level,
        ranker=explanation.ranker_version,
    )
    return shown.seal(explanation.need.id, explanation.achievement.id, was_shown)


def posted_level() -> Level:
    """Return the level that the form posts. Raises: InvalidInputError."""
    text = request.form.get("level", "")
    if text not in {str(level) for level in LEVEL_NAMES}:
        raise InvalidInputError({"level": f"“{text}”不是评判等级，请选{'、'.join(LEVEL_NAMES.values())}之一"})
    return cast(Level, int(text))


def _verdict_words() -> dict[str, object]:
    return {"levels": LEVEL_NAMES, "actor": actor()}


def asked_by_htmx() -> bool:
    """True when the answer goes into a place of the page that asks."""
    return request.headers.get("HX-Request") == "true"
