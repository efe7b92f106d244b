"""Lists as files: CSV and Excel of what a list shows, no more and for nobody else."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from flask import Response, request, send_file, stream_with_context, url_for

from matcher.clock import ZONE
from matcher.errors import InvalidInputError
from matcher.sheets import Column, Table, Value, csv_lines, workbook
from web.current import counted_as, service

T = TypeVar("T")
MOST_ROWS = 50_000
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """A column of an exported list: its head, its width and what stands in it."""

    title: str
    value: Callable[[T], Value]
    width: int = 14


def check_size(total: int) -> None:
    """Raises: InvalidInputError for a list too long to be exported; ThrottledError when it is asked for too often."""
    service().throttle.check_search(counted_as())
    if total > MOST_ROWS:
        raise InvalidInputError({"": f"共 {total:,} 条，一次最多导出 {MOST_ROWS:,} 条。请先用筛选条件缩小范围再导出"})


def answer(title: str, fields: tuple[Field[T], ...], items: Iterable[T]) -> Response:
    """Return the list as the file that the query string asks for: `file=xlsx`, else CSV."""
    columns = [Column(field.title, field.width) for field in fields]
    rows = ([field.value(item) for field in fields] for item in items)
    if request.args.get("file") == "xlsx":
        book = workbook(Table(title, columns, rows))
        return send_file(book, mimetype=_EXCEL, as_attachment=True, download_name=f"{title}.xlsx")
    made = Response(stream_with_context(csv_lines(columns, rows)), mimetype="text/csv")
    name = {"filename": "list.csv", "filename*": f"UTF-8''{quote(title)}.csv"}
    made.headers.set("Content-Disposition", "attachment", **name)
    return made


def addresses(endpoint: str, asked: dict[str, Any]) -> tuple[str, str]:
    """Return where a list, asked for as its address says, is had as CSV and as Excel."""
    return url_for(endpoint, **asked), url_for(endpoint, file="xlsx", **asked)


def wan(yuan: int | None) -> Decimal | None:
    """Return whole yuan as 万元."""
    return None if yuan is None else Decimal(yuan) / 10_000


def local(time: datetime | None) -> datetime | None:
    """Return a time as clocks in Shanghai show it, as spreadsheets have it: without a zone."""
    return None if time is None else time.astimezone(ZONE).replace(tzinfo=None, second=0, microsecond=0)
