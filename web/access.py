"""Every route declares what it does and to what; before each request the policy says whether its viewer may."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from matcher.errors import NotFoundError
from matcher.policy import NOTHING, ON_SUMMARY, Action, may, own, somebody_may
from web.current import viewer
from web.subjects import Subjects

View = TypeVar("View", bound=Callable[..., Any])
# Whether something is not there or not to be seen must look alike.
_NOT_THERE = "没有这条记录：可能已被删除，或者您不能查看它"
Of = Callable[[dict[str, Any]], Subjects]


class Rule(NamedTuple):
    """What a route does, and a function from its arguments to what it does it to."""

    action: Action
    of: Of | None = None


def rule(action: Action, of: Of | None = None) -> Callable[[View], View]:
    """Return a decorator that declares the rule of a route; it goes below the one that makes the route."""

    def declare(view: View) -> View:
        view.access_rule = Rule(action, of)  # type: ignore[attr-defined]
        return view

    return declare


def own_organisation(_: dict[str, Any]) -> Subjects:
    """Return whatever belongs to the organisation that the viewer acts for: the subject of making something new."""
    return (own(viewer()),)


def rule_of(app: Flask, endpoint: str) -> Rule | None:
    """Return the rule that a route declares, if any."""
    return getattr(app.view_functions[endpoint], "access_rule", None)


def guard(app: Flask) -> None:
    """Refuse every request that the policy does not allow, and every route without a rule."""
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    declared = rule_of(current_app, request.endpoint)
    if declared is None:
        abort(403)
    subjects = _subjects(declared)
    least = Action.SEE if declared.action in ON_SUMMARY else Action.READ
    for subject in subjects:
        if subject.condition and not may(viewer(), least, subject):
            raise NotFoundError(_NOT_THERE)
    if all(may(viewer(), declared.action, subject) for subject in subjects):
        return None
    return _refusal(declared.action)


def _subjects(declared: Rule) -> Subjects:
    """Return what the request acts upon. Raises: NotFoundError, in the words for what may not be seen."""
    try:
        return declared.of(dict(request.view_args or {})) if declared.of else (NOTHING,)
    except NotFoundError as error:
        raise NotFoundError(_NOT_THERE) from error


def _refusal(action: Action) -> ResponseReturnValue:
    """Lead somebody who is not signed in to where that is done; say no to all others."""
    if viewer().is_signed_in or not somebody_may(action):
        abort(403)
    if request.method != "GET":
        abort(401)
    return redirect(url_for("signing.sign_in", next=request.full_path.rstrip("?")), 303)
