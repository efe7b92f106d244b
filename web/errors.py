"""Errors as pages that say what to do next. The one place where an error becomes an HTTP status."""

import logging

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from matcher.errors import (
    IllegalTransitionError,
    InUseError,
    InvalidInputError,
    LinkError,
    MatcherError,
    ModelLoadingError,
    ModelMismatchError,
    ModelUnavailableError,
    NotFoundError,
    SignInError,
    StaleEditError,
    StoreError,
    ThrottledError,
    VectorsUnavailableError,
)

_log = logging.getLogger(__name__)
_COME_BACK_SECONDS = 5

STATUSES: dict[type[MatcherError], int] = {
    NotFoundError: 404,
    InvalidInputError: 400,
    IllegalTransitionError: 409,
    InUseError: 409,
    StaleEditError: 409,
    ModelLoadingError: 503,
    ModelMismatchError: 503,
    ModelUnavailableError: 503,
    StoreError: 503,
    VectorsUnavailableError: 503,
    SignInError: 401,
    LinkError: 410,
    ThrottledError: 429,
}
_TITLES = {
    400: "提交的内容有问题",
    401: "请先登录",
    403: "不能访问这个页面",
    404: "没有找到",
    405: "这个地址不能这样打开",
    409: "现在不能这样做",
    410: "链接已失效",
    413: "提交的内容太大",
    429: "请稍后再试",
    500: "服务出错了",
    503: "服务暂时不可用",
}
_ADVICE = {
    400: "请返回上一页，核对填写的内容后再提交。",
    401: "这一步要登录后才能做，刚才提交的内容没有保存。请先登录；浏览器的“后退”可以找回您填写的内容。",
    403: "您现在的身份不能这样做。可以在“谁可以做什么”里查看各种身份的权限，或联系管理员。",
    404: "地址可能输错了，或者内容已被删除。请从页面上方的栏目进入，或搜索。",
    405: "请返回上一页，用页面上的按钮操作。",
    500: "问题已记入日志，您的数据没有丢失。请稍后重试；若反复出现，请联系管理员。",
    503: "请稍后重试；若反复出现，请联系管理员。",
}
_NO_VECTORS = (
    "匹配和搜索所用的向量库暂时连不上。已保存的内容没有丢失，恢复后即可匹配。请稍后重试；若反复出现，请联系管理员。"
)


def explain(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(MatcherError, _domain_page)
    app.register_error_handler(CSRFError, _expired_page)
    app.register_error_handler(HTTPException, _http_page)
    app.register_error_handler(Exception, _crash_page)


def status_of(error: MatcherError) -> int:
    """Return the HTTP status of a domain error; 400 for one without its own."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 400)


def _domain_page(error: MatcherError) -> ResponseReturnValue:
    if isinstance(error, VectorsUnavailableError):
        _log.error("%s", error)  # It names an address of the inner network.
        return _page(503, _NO_VECTORS)
    return _page(status_of(error), str(error))


def _expired_page(error: CSRFError) -> ResponseReturnValue:
    _log.info("refused a post to %s: %s", request.endpoint, error.description)  # Paths may hold tokens.
    advice = "页面停留过久或浏览器拒绝了 Cookie，这次提交没有生效。请返回上一页并刷新，再提交一次。"
    return _page(400, advice, "请再提交一次")


def _http_page(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError):
        # A host that is not ours: no page can be made, every address on it would be the stranger's.
        return "Bad Request", 400, {"Content-Type": "text/plain"}
    if error.code == 413:
        most = (request.max_content_length or 0) // 2**20
        return _page(413, f"一次最多提交 {most} MB。请返回上一页，缩短文字或换一个较小的文件再提交。")
    own_words = error.description if error.description and not error.description.isascii() else ""
    return _page(error.code, own_words or _ADVICE.get(error.code, _ADVICE[400 if error.code < 500 else 500]))


def _crash_page(error: Exception) -> ResponseReturnValue:
    _log.exception("unexpected error at %s %s", request.method, request.endpoint, exc_info=error)
    return _page(500, _ADVICE[500])


def busy_answer(app: Flask) -> bytes:
    """Return, as bytes for the wire, the page that says that too many requests wait: made before there are many."""
    with app.test_request_context(base_url=app.extensions["matcher"].settings.public_url or None):
        words = "现在访问的人太多，请过几秒再试。刚才填写的内容可以用浏览器的“后退”找回。"
        page = app.process_response(app.make_response(_page(503, words, "服务正忙")))
    page.headers.update({"Retry-After": str(_COME_BACK_SECONDS), "Connection": "close"})
    page.headers.pop("Set-Cookie", None)
    return f"HTTP/1.1 503 Service Unavailable\r\n{page.headers}".encode("latin-1") + page.get_data()


def _page(status: int, advice: str, title: str = "") -> ResponseReturnValue:
    fallback = _TITLES[400 if status < 500 else 500]
    return render_template("errors/page.html", title=title or _TITLES.get(status, fallback), advice=advice), status
