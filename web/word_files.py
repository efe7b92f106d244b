"""Word files as answers."""

from flask import Response, send_file

from matcher.file_names import clean_name
from matcher.file_types import TYPES
from matcher.paper import Paper
from matcher.word_paper import word_file


def word_answer(paper: Paper, name: str) -> Response:
    """Return the form as a Word file to be saved under `name`."""
    return send_file(
        word_file(paper),
        mimetype=TYPES["docx"].media_type,
        as_attachment=True,
        download_name=clean_name(f"{name}.docx"),
    )
