"""Attached files: added to a record, downloaded, removed and restored, each by the rights of the record it is about."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import Any, NamedTuple

from flask import Blueprint, Flask, Response, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from wtforms import FileField

from matcher.attachment import About, Attachment
from matcher.attachments import MOST_FILES
from matcher.errors import InvalidInputError, NotFoundError, ThrottledError
from matcher.file_types import ACCEPTED_WORDS, TYPES
from matcher.policy import Action, Subject, may
from web import subjects
from web.access import Rule, rule
from web.current import actor, counted_as, service, viewer
from web.errors import status_of
from web.forms import Form, LineField

bp = Blueprint("files", __name__)


class Holder(NamedTuple):
    """What files can be about: where they are posted, the argument that names it there, the address of its page, its
    subject, and who reads or changes it."""

    place: str
    argument: str
    page: Callable[[int], str]
    subject: Callable[[int], Subject]
    read: Action
    write: Action


HOLDERS: dict[About, Holder] = {
    "cooperation": Holder(
        place="/cooperations/<cooperation:cooperation_id>/files",
        argument="cooperation_id",
        page=lambda number: url_for("cooperations.detail", cooperation_id=number),
        subject=subjects.cooperation_of,
        read=Action.READ_COOPERATION,
        write=Action.RECORD,
    ),
    "engagement": Holder(
        place="/engagements/<engagement:engagement_id>/files",
        argument="engagement_id",
        page=lambda number: url_for("engagements.detail", public_id=service().public_ids.of("engagement", number)),
        subject=subjects.engagement_numbered,
        read=Action.READ_ENGAGEMENT,
        write=Action.WORK_ENGAGEMENT,
    ),
}


class FileForm(Form):
    """A file and a line about it."""

    file = FileField("文件")
    note = LineField("说明", description="选填，如：合同扫描件（双方盖章）")


@dataclass(frozen=True, slots=True)
class Panel:
    """The files of one record, as its reader has them."""

    about: About
    about_id: int
    present: tuple[Attachment, ...]
    removed: tuple[Attachment, ...]
    may_write: bool
    form: FileForm

    @property
    def add_address(self) -> str:
        """Where a new file is posted."""
        return url_for(f"files.{self.about}_add", **{HOLDERS[self.about].argument: self.about_id})


def register(app: Flask) -> None:
    """Give templates `file_panel(about, id)`, what the partial `_files.html` shows, and words for files."""
    app.jinja_env.globals["file_panel"] = panel
    app.jinja_env.filters["file_size"] = size_words
    app.jinja_env.filters["file_type"] = type_words
    app.jinja_env.globals.update(
        file_accept=",".join(f".{end}" for end in TYPES),
        file_rules=_rules,
    )


def _rules() -> str:
    most = service().settings.file_limit_mb
    return f"可以上传{ACCEPTED_WORDS}；每个不超过 {most} MB，最多 {MOST_FILES} 个。"


def panel(about: About, about_id: int, form: FileForm | None = None) -> Panel:
    """Return the files of a record that the viewer may read."""
    holder = HOLDERS[about]
    found = service().attachments.of(about, about_id)
    return Panel(
        about,
        about_id,
        tuple(each for each in found if not each.removed_at),
        tuple(each for each in found if each.removed_at),
        may(viewer(), holder.write, holder.subject(about_id)),
        form or FileForm(formdata=None),
    )


def size_words(size: int) -> str:
    """Return a number of bytes in KB or MB."""
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, round(size / 2**10))} KB"


def type_words(media_type: str) -> str:
    """Return what people call a media type."""
    return next((each.words for each in TYPES.values() if each.media_type == media_type), media_type)


def add(about: About, **arguments: int) -> ResponseReturnValue:
    """The form for one more file, or the keeping of it. Raises: NotFoundError; StoreError."""
    form, about_id = FileForm(), arguments[HOLDERS[about].argument]
    status = 200
    if form.is_submitted():
        try:
            return _added(about, about_id, form)
        except (InvalidInputError, ThrottledError) as error:
            form.show_error(error)
            status = status_of(error)
    shown = panel(about, about_id, form)
    return render_template("attachments/add.html", panel=shown, back=_page(about, about_id)), status


def _added(about: About, about_id: int, form: FileForm) -> ResponseReturnValue:
    service().throttle.check_post(counted_as())
    given = form.file.data
    if not given or not given.filename:
        raise InvalidInputError({"file": "还没有选择文件，请先选择"})
    kept = service().attachments.add((about, about_id), given.filename, given.stream, form.note.data or "", actor())
    flash(f"已上传“{kept.name}”")
    return redirect(_page(about, about_id), 303)


def download(about: About, public_id: str) -> Response:
    """The file, only ever to be saved: no browser shows or runs it here. Raises: NotFoundError."""
    found, content = service().attachments.read(public_id, actor())
    answer = send_file(content, mimetype=found.media_type, as_attachment=True, download_name=found.name)
    answer.content_length = found.size
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def remove(about: About, public_id: str) -> ResponseReturnValue:
    """Take a file off its record; the page asks before. Raises: NotFoundError."""
    found = service().attachments.remove(public_id, actor())
    flash(f"已移除“{found.name}”，需要时可以在“已移除的文件”里恢复")
    return redirect(_page(about, found.about_id), 303)


def restore(about: About, public_id: str) -> ResponseReturnValue:
    """Put a removed file back. Raises: NotFoundError; IllegalTransitionError."""
    found = service().attachments.restore(public_id, actor())
    flash(f"已恢复“{found.name}”")
    return redirect(_page(about, found.about_id), 303)


def _page(about: About, about_id: int) -> str:
    return HOLDERS[about].page(about_id) + "#files"


def _record(about: About) -> Callable[[dict[str, Any]], subjects.Subjects]:
    """Return the function to the record that the address of a page names."""
    holder = HOLDERS[about]
    return lambda arguments: (holder.subject(arguments[holder.argument]),)


def _attached(about: About) -> Callable[[dict[str, Any]], subjects.Subjects]:
    """Return the function to the record whose file the address names: one not to be read is as if it were not."""
    holder = HOLDERS[about]

    def subject(arguments: dict[str, Any]) -> subjects.Subjects:
        if not viewer().is_signed_in:
            return (Subject(),)
        found = service().attachments.get(arguments["public_id"])
        whose = holder.subject(found.about_id)
        if found.about != about or not may(viewer(), holder.read, whose):
            raise NotFoundError("没有这个文件")
        return (whose,)

    return subject


def _add_routes(about: About, holder: Holder) -> None:
    one = f"/files/{about}/<public_id>"
    record, attached = _record(about), _attached(about)
    for place, name, view, methods, declared in (
        (holder.place, "add", add, ["GET", "POST"], Rule(holder.write, record)),
        (one, "download", download, ["GET"], Rule(holder.read, attached)),
        (f"{one}/remove", "remove", remove, ["POST"], Rule(holder.write, attached)),
        (f"{one}/restore", "restore", restore, ["POST"], Rule(holder.write, attached)),
    ):
        # A function of its own for each, which carries the rule.
        bound = rule(*declared)(update_wrapper(partial(view), view))
        bound.takes_files = name == "add"
        bp.add_url_rule(place, f"{about}_{name}", bound, methods=methods, defaults={"about": about})


for _about, _holder in HOLDERS.items():
    _add_routes(_about, _holder)
bp.record_once(lambda state: register(state.app))
