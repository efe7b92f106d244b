"""What a request works with: the service of its app, the session it belongs to and the person who acts."""

from typing import Any, cast

from flask import Flask, current_app, g, request
from flask import session as cookie

from matcher.auditing import coming_from
from matcher.disclosure import public_part
from matcher.models import Record
from matcher.people import Account, Session
from matcher.policy import NOTHING, VISITOR, Action, Subject, Viewer, may, own, subject_of
from matcher.service import Service

_KEY = "matcher"
_TOKEN = "account"


def attach(app: Flask, service: Service) -> None:
    """Make `service` the one that requests of `app` work with."""
    app.extensions[_KEY] = service
    # Nothing else need run for what ran out to be closed: the first request of a day sees to it.
    app.before_request(lambda: _sweep(service))


def _sweep(service: Service) -> None:
    coming_from("")  # It is the service's own doing, whoever's request it meets.
    service.lifetimes.sweep_daily()


def service() -> Service:
    """Return the service of the running app."""
    return cast(Service, current_app.extensions[_KEY])


def session() -> Session | None:
    """Return the session that the request belongs to, if somebody is signed in."""
    if "session" not in g:
        g.session = service().signing_in.session(cookie.get(_TOKEN, ""))
    return cast(Session | None, g.session)


def viewer() -> Viewer:
    """Return who reads or acts, with the rights of this moment."""
    if "viewer" not in g:
        found = session()
        g.viewer = VISITOR if found is None else service().signing_in.viewer(found)
    return cast(Viewer, g.viewer)


def account() -> Account:
    """Return the account that is signed in; only for routes that need one."""
    found = session()
    assert found is not None
    return found.account


def actor() -> str:
    """Return the name that histories and verdicts keep: the person's, with the organisation acted for."""
    return viewer().signature


def begin_session(token: str) -> None:
    """Make the browser keep the token of a new session and nothing that it kept before."""
    end_session()
    cookie[_TOKEN] = token
    forget()


def end_session() -> None:
    """End the session that the request belongs to, in the store and in the browser."""
    found = session()
    if found is not None:
        service().signing_in.end(found.account.id, found.public_id)
    cookie.clear()
    forget()


def forget() -> None:
    """Read session and rights anew when they are asked for next."""
    g.pop("session", None)
    g.pop("viewer", None)


def address() -> str:
    """Return from where the request comes."""
    return request.remote_addr or ""


def counted_as() -> str:
    """Return whom limits count: the account, or the address of somebody without one."""
    known = viewer().account_id
    return f"address {address()}" if known is None else f"account {known}"


def agent() -> str:
    """Return what the browser calls itself."""
    return request.user_agent.string


def allowed(action: str, record: Record | None = None) -> bool:
    """Return, for templates, whether the viewer may do the action of that name, to `record` or to nothing special."""
    return may(viewer(), Action[action], NOTHING if record is None else subject_of(record))


def seen(record: Record) -> Record:
    """Return what of a record the viewer may read: all of it, or its public part."""
    return record if may(viewer(), Action.READ, subject_of(record)) else public_part(record)


def allowed_own(action: str) -> bool:
    """Return, for templates, whether the viewer may do the action of that name for the organisation acted for."""
    return may(viewer(), Action[action], own(viewer()))


def allowed_there(action: str, organisation_id: int) -> bool:
    """Return, for templates, whether the viewer may do the action of that name for an organisation."""
    return may(viewer(), Action[action], Subject(frozenset({organisation_id})))


def party_id() -> int | None:
    """Return the organisation whose cooperations alone the viewer may list: None for all, 0 for none."""
    return None if allowed("READ_COOPERATION") else viewer().organisation_id or 0


def interests_waiting() -> int:
    """Return how many interests wait for the viewer: to pass on, or to answer."""
    if allowed("FORWARD_INTEREST"):
        return service().interests.waiting_for(None)
    own_id = viewer().organisation_id
    return service().interests.waiting_for(own_id) if own_id and allowed_own("ANSWER_INTEREST") else 0


def unread() -> int:
    """Return how many notices the viewer has not read; counting stops at 100."""
    return service().inbox.unread(viewer()) if viewer().is_signed_in else 0


def template_words() -> dict[str, Any]:
    """Return what every template knows of the viewer."""
    return {
        "viewer": viewer(),
        "allowed": allowed,
        "allowed_own": allowed_own,
        "allowed_there": allowed_there,
    }
