"""The outermost layer: pages and the command line."""

import web.calm_threads  # isort: skip  # noqa: F401

from flask import Flask

from matcher.service import Service
from matcher.settings import Settings, read_settings
from web import (
    access,
    achievements,
    addresses,
    administration,
    assets,
    assignment,
    attachments,
    audit_pages,
    cooperation_papers,
    cooperations,
    current,
    desk,
    desk_judging,
    engagements,
    errors,
    filing,
    frame,
    home,
    inbox,
    interests,
    jobs,
    judging,
    matches,
    measuring,
    meetings,
    my_account,
    needs,
    organisations,
    policy_page,
    privacy,
    ranker_pages,
    rewards,
    rewrites,
    scoring_page,
    searching,
    second_factor,
    security,
    signing,
    waiting,
    watching,
)

_PARTS = (
    home,
    searching,
    needs,
    achievements,
    matches,
    scoring_page,
    policy_page,
    desk,
    desk_judging,
    assignment,
    jobs,
    judging,
    ranker_pages,
    engagements,
    meetings,
    cooperations,
    filing,
    rewards,
    cooperation_papers,
    attachments,
    interests,
    rewrites,
    inbox,
    signing,
    my_account,
    second_factor,
    privacy,
    organisations,
    administration,
    audit_pages,
    watching,
)


def create_app(settings: Settings | None = None, service: Service | None = None) -> Flask:
    """Return the web application of `service` (by default one opened from `settings` or the environment).

    Raises: MatcherError for a bad environment; StoreError when the database cannot be opened.
    """
    if service is None:
        service = Service(settings or read_settings())
    app = Flask(__name__)
    current.attach(app, service)
    addresses.bound(app)
    measuring.measure(app, service)
    security.protect(app, service.settings)
    audit_pages.note_origins(app)
    access.guard(app)
    assets.serve(app)
    frame.dress(app)
    waiting.explain(app)
    errors.explain(app)
    for part in _PARTS:
        app.register_blueprint(part.bp)
    watching.open_port(app, service.settings.metrics_port)
    return app
