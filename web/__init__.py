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
    ranker_pages,
    scoring_page,
    searching,
    security,
    signing,
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
    app.register_blueprint(home.bp)
    app.register_blueprint(searching.bp)
    app.register_blueprint(needs.bp)
    app.register_blueprint(achievements.bp)
    app.register_blueprint(matches.bp)
    app.register_blueprint(scoring_page.bp)
    app.register_blueprint(policy_page.bp)
    app.register_blueprint(judging.bp)
    app.register_blueprint(ranker_pages.bp)
    app.register_blueprint(cooperations.bp)
    app.register_blueprint(interests.bp)
    app.register_blueprint(signing.bp)
    app.register_blueprint(my_account.bp)
    app.register_blueprint(organisations.bp)
    app.register_blueprint(administration.bp)
    app.register_blueprint(audit_pages.bp)
    return app
