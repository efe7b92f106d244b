"""A pair as it is put before a judge: both texts with the shared terms marked, what was shown, what was said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from matcher.answers import SharedTerm
from matcher.documents import reading_text
from matcher.explain import mark
from matcher.models import LEVEL_NAMES, Record, Shown, Verdict
from web import shown as showing
from web.matches import asked_by_htmx
from web.reasons import MarkedRecord, marked_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Buttons:
    """What a judge may press. `key` tells the pair from the others of a page; the form carries what was shown, sealed.

    `verdict` is the judge's own, if any.
    """

    key: str
    shown: Shown
    sealed: str
    verdict: Verdict | None
    judge_address: str
    undo_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both texts and the buttons below."""

    need: MarkedRecord
    achievement: MarkedRecord
    buttons: Buttons


def marked(record: Record, shared: Sequence[SharedTerm]) -> MarkedRecord:
    """Return a record with the terms marked that it shares with the other one."""
    return marked_record(record, mark(reading_text(record), shared), shared)


def unsealed(need_id: int, achievement_id: int) -> Shown:
    """Return what the posted form says was shown of a pair. Raises: InvalidInputError when it was not sealed for it."""
    return showing.unseal(request.form.get("shown", ""), need_id, achievement_id)


def answer(buttons: Buttons, told: str, back: str) -> ResponseReturnValue:
    """Answer with the buttons as they now stand, or lead back to where the pair stands.

    What was shown stays as the form carried it: the records may have changed since.
    """
    if not asked_by_htmx():
        flash(told)
        return redirect(back, 303)
    kept = replace(buttons, sealed=request.form.get("shown", ""))
    return render_template("judging/_state.html", buttons=kept, told=told, levels=LEVEL_NAMES)
