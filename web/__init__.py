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
    audit_pages,
    cooperations,
    current,
    errors,
    frame,
    home,
    interests,
    judging,
    matches,
    my_account,
    needs,
    organisations,
    policy_page,
    privacy,
    ranker_pages,
    scoring_page,
    searching,
    second_factor,
    security,
    signing,
)

_PARTS = (
    home,
    searching,
    needs,
    achievements,
    matches,
    scoring_page,
    policy_page,
    judging,
    ranker_pages,
    cooperations,
    interests,
    signing,
    my_account,
    second_factor,
    privacy,
    organisations,
    administration,
    audit_pages,
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
    security.protect(app, service.settings)
    audit_pages.note_origins(app)
    access.guard(app)
    assets.serve(app)
    frame.dress(app)
    errors.explain(app)
    for part in _PARTS:
        app.register_blueprint(part.bp)
    return app
