"""Stylesheets and scripts: ours, and those that installed packages ship. Nothing comes from another host."""

import hashlib
from functools import partial, update_wrapper
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, request, url_for
from flask_bootstrap import Bootstrap5

from matcher.policy import Action
from web.access import rule

_DAY_SECONDS = 86_400
_YEAR_SECONDS = 365 * _DAY_SECONDS


def serve(app: Flask) -> None:
    """Serve Bootstrap, htmx and our own files, and give templates `asset`, their addresses by content."""
    app.config.update(BOOTSTRAP_SERVE_LOCAL=True, SEND_FILE_MAX_AGE_DEFAULT=_DAY_SECONDS)
    Bootstrap5(app)
    app.register_blueprint(Blueprint("htmx", __name__, static_folder=_htmx_folder(), static_url_path="/vendor/htmx"))
    for endpoint in ("static", "bootstrap.static", "htmx.static"):
        view = app.view_functions[endpoint]
        app.view_functions[endpoint] = rule(Action.BROWSE)(update_wrapper(partial(view), view))
    digests = {path.name: _digest(path) for path in (Path(__file__).parent / "static").iterdir()}

    def seconds_kept(name: str | None) -> int:
        """An address that names the content never shows another one."""
        return _YEAR_SECONDS if name and request.args.get("v") == digests.get(name) else _DAY_SECONDS

    app.get_send_file_max_age = seconds_kept  # type: ignore[method-assign]

    @app.template_global()
    def asset(name: str) -> str:
        """Return the address of one of our static files; it changes with the content."""
        return url_for("static", filename=name, v=digests[name])


def _htmx_folder() -> Path:
    """Return where the package keeps htmx, found without importing its Django code."""
    spec = find_spec("js_lib_htmx")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("The package django-js-lib-htmx is missing: reinstall tech-matcher.")
    return Path(spec.submodule_search_locations[0]) / "static" / "htmx"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
