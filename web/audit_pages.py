"""The audit for the administrator: searched page by page, whole as a sheet; and the origin of each request."""

import json
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, render_template, request, stream_with_context

from matcher.auditing import coming_from
from matcher.policy import Action
from matcher.sheets import Column, Value, csv_lines
from matcher.store.audit import AuditLine
from web.access import rule
from web.audit_words import ACTIONS, FIELDS, KINDS, actions_named
from web.current import address, service
from web.filters import read

bp = Blueprint("audit", __name__, url_prefix="/audit")

COLUMNS = ("序号", "时间", "谁", "做了什么", "对象", "编号", "之前", "之后", "来自", "校验值")


def note_origins(app: Flask) -> None:
    """Let lines of the audit say from where they come."""
    app.before_request(lambda: coming_from(address()))


@bp.get("")
@rule(Action.READ_AUDIT)
def listing() -> str:
    """One page of the audit, newest first; whether the whole of it still holds is checked when asked for."""
    asked = read(request.args, 50)
    actions = actions_named(asked.q)
    page = service().auditing.listing(asked.q, actions, asked.page)
    if page.number > page.pages:
        page = service().auditing.listing(asked.q, actions, page.pages)
    verdict = service().auditing.verify() if request.args.get("check") == "yes" else None
    words = {"actions": ACTIONS, "kinds": KINDS, "fields": FIELDS}
    return render_template("audit/page.html", page=page, asked=asked, verdict=verdict, **words)


@bp.get("/export")
@rule(Action.READ_AUDIT)
def export() -> Response:
    """The lines as a sheet (CSV in UTF-8 with a mark, which spreadsheets open rightly), oldest first."""
    asked = read(request.args)
    rows = stream_with_context(sheet(service().auditing.every(asked.q, actions_named(asked.q))))
    return Response(rows, mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="audit.csv"'})


def sheet(lines: Iterator[AuditLine]) -> Iterator[str]:
    """Yield the rows of the sheet, its head first."""
    return csv_lines([Column(title) for title in COLUMNS], map(_cells, lines))


def _cells(line: AuditLine) -> tuple[Value, ...]:
    before, after = (json.dumps(values, ensure_ascii=False) if values else "" for values in (line.before, line.after))
    what = (ACTIONS.get(line.action, line.action), KINDS.get(line.kind, line.kind), line.item_id)
    return (line.id, line.at.isoformat(), line.actor, *what, before, after, line.address, line.hash)
