"""A cooperation record as it leaves the house: the paper form, the data of its contract, the list."""

from flask import Blueprint, Response, render_template, request, send_file, url_for

from matcher.cooperation import Cooperation
from matcher.file_names import clean_name
from matcher.file_types import TYPES
from matcher.policy import Action
from matcher.sheets import workbook
from web import contract_sheet, exporting, filing_form, subjects
from web.access import own_organisation, rule
from web.cooperation_lists import Asked, read
from web.current import party_id, service
from web.exported_cooperations import FIELDS
from web.list_addresses import written
from web.word_files import word_answer

bp = Blueprint("cooperation_papers", __name__, url_prefix="/cooperations")


@bp.get("/<cooperation:cooperation_id>/form")
@rule(Action.READ_COOPERATION, subjects.cooperation)
def word(cooperation_id: int) -> Response:
    """The filing form as a Word file. Raises: NotFoundError."""
    found = service().cooperations.get(cooperation_id)
    return word_answer(filing_form.paper(found, subjects.linked_records(found)), f"{filing_form.TITLE}-{_name(found)}")


@bp.get("/<cooperation:cooperation_id>/print")
@rule(Action.READ_COOPERATION, subjects.cooperation)
def page(cooperation_id: int) -> str:
    """The filing form as a page for print. Raises: NotFoundError."""
    found = service().cooperations.get(cooperation_id)
    steps = [
        ("合作备案", url_for("cooperations.listing")),
        (found.title, url_for("cooperations.detail", cooperation_id=cooperation_id)),
    ]
    return render_template(
        "papers/print.html",
        paper=filing_form.paper(found, subjects.linked_records(found)),
        name=found.title,
        steps=steps,
        word=url_for(".word", cooperation_id=cooperation_id),
    )


@bp.get("/<cooperation:cooperation_id>/contract")
@rule(Action.READ_COOPERATION, subjects.cooperation)
def contract(cooperation_id: int) -> Response:
    """What the registration of the contract asks for, as an Excel file. Raises: NotFoundError."""
    found = service().cooperations.get(cooperation_id)
    name = clean_name(f"{contract_sheet.TITLE}-{_name(found)}.xlsx")
    book = workbook(*contract_sheet.tables(found, subjects.linked_records(found)))
    return send_file(book, mimetype=TYPES["xlsx"].media_type, as_attachment=True, download_name=name)


@bp.app_template_global("cooperation_exports")
def addresses(asked: Asked) -> tuple[str, str]:
    """Return where the list that was asked for is had as CSV and as Excel."""
    return exporting.addresses("cooperation_papers.export", written(asked, page=1))


@bp.get("/export")
@rule(Action.READ_COOPERATION, own_organisation)
def export() -> Response:
    """All pages of the list that the address asks for as one file. Raises: InvalidInputError when it is too long."""
    asked = read(request.args, service().settings.page_size)
    filters = asked.filters(party_id())
    exporting.check_size(service().cooperations.listing(filters, size=1).total)
    return exporting.answer("合作备案", FIELDS, service().cooperations.every(filters, asked.sort))


def _name(cooperation: Cooperation) -> str:
    return cooperation.filing_number or cooperation.title[:40]
