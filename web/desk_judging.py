"""The queue of suggestions judged one pair after the other; the next ones are fetched before they are needed."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matcher.models import LEVEL_NAMES, Achievement, Need, Shown, Verdict
from matcher.policy import Action, Sight, sight
from matcher.suggestion import QueueFilters, Suggestion
from web import desk_lists, shown, subjects
from web.access import rule
from web.current import account, actor, seen, service, viewer
from web.list_addresses import written
from web.matches import posted_level
from web.pairs import Buttons, Pair, answer, marked, unsealed

bp = Blueprint("desk_judging", __name__, url_prefix="/desk/judge")

_AT_A_TIME = 4


@dataclass(frozen=True, slots=True)
class Lot:
    """The next pairs to judge, and the address of the ones after them; "" when there are no more."""

    pairs: tuple[Pair, ...]
    more: str


@bp.get("")
@rule(Action.USE_DESK)
def page() -> str:
    """The first pairs of the queue, under the filters of the address."""
    lot = _lot(None)
    filters, readable = _asked()
    total = service().judging.count_queue(account().id, actor(), filters, readable)
    return render_template(
        "desk/judge.html",
        lot=lot,
        start=lot.pairs[0] if lot.pairs else None,
        total=total,
        last=_last(),
        levels=LEVEL_NAMES,
        back=url_for("desk.queue", **written(_address())),
    )


@bp.get("/more/<public_id>")
@rule(Action.USE_DESK, subjects.suggestion)
def more(public_id: str) -> str:
    """The pairs behind one of the queue. Raises: NotFoundError."""
    return render_template("desk/_lot.html", lot=_lot(service().desk.get(public_id)), start=None, levels=LEVEL_NAMES)


@bp.post("/<public_id>")
@rule(Action.JUDGE, subjects.suggestion)
def judge(public_id: str) -> ResponseReturnValue:
    """Keep the acting person's level with what was shown. Raises: NotFoundError; InvalidInputError."""
    level, found = posted_level(), service().desk.get(public_id)
    was_shown = unsealed(found.need_id, found.achievement_id)
    service().judging.judge_suggestion(found, account().id, level, actor(), was_shown)
    return _state(found, f"已记下：{LEVEL_NAMES[level]}")


@bp.post("/<public_id>/undo")
@rule(Action.JUDGE, subjects.suggestion)
def undo(public_id: str) -> ResponseReturnValue:
    """Take back the acting person's newest verdict on the pair; without one, nothing happens. Raises: NotFoundError."""
    found = service().desk.get(public_id)
    verdict = _verdict(found)
    if verdict is None:
        return _state(found, "没有可以撤销的评判")
    service().judging.undo(verdict.id, actor())
    return _state(found, f"已撤销：{LEVEL_NAMES[verdict.level]}")


def _address() -> desk_lists.Asked:
    return desk_lists.read(request.args, service().settings.page_size)


def _asked() -> tuple[QueueFilters, Sight]:
    least_level = service().desk.least_level(account().id)
    return desk_lists.filters_of(_address(), least_level), sight(viewer())


def _lot(behind: Suggestion | None) -> Lot:
    filters, readable = _asked()
    found = service().judging.queue(account().id, actor(), filters, readable, behind, _AT_A_TIME)
    is_full, address = len(found) == _AT_A_TIME, written(_address())
    following = url_for("desk_judging.more", public_id=found[-1].public_id, **address) if is_full else ""
    return Lot(tuple(map(pair_of, found)), following)


def pair_of(found: Suggestion) -> Pair:
    """Return a suggested pair with the shared terms marked, in words that hold what the viewer may read."""
    need, achievement = (
        seen(service().postings.get("need", found.need_id)),
        seen(service().postings.get("achievement", found.achievement_id)),
    )
    assert isinstance(need, Need) and isinstance(achievement, Achievement)
    shared = service().matching.shared_terms(need, achievement)
    return Pair(need=marked(need, shared), achievement=marked(achievement, shared), buttons=_buttons(found, None))


def _buttons(found: Suggestion, verdict: Verdict | None) -> Buttons:
    was_shown = Shown(
        rank=found.rank, probability=round(found.probability, 4), level=found.level, ranker=found.ranker_version
    )
    return Buttons(
        key=found.public_id,
        shown=was_shown,
        sealed=shown.seal(found.need_id, found.achievement_id, was_shown),
        verdict=verdict,
        judge_address=url_for("desk_judging.judge", public_id=found.public_id, **written(_address())),
        undo_address=url_for("desk_judging.undo", public_id=found.public_id, **written(_address())),
    )


def _verdict(found: Suggestion) -> Verdict | None:
    return service().judging.of_need(found.need_id, actor()).get(found.achievement_id)


def _last() -> Buttons | None:
    """Return the buttons of the pair judged before, for whoever goes on without JavaScript."""
    public_id = request.args.get("last", "")
    found = service().desk.find(public_id) if public_id else None
    verdict = None if found is None else _verdict(found)
    return None if found is None or verdict is None else _buttons(found, verdict)


def _state(found: Suggestion, told: str) -> ResponseReturnValue:
    back = url_for("desk_judging.page", last=found.public_id, **written(_address()))
    return answer(_buttons(found, _verdict(found)), told, back)
