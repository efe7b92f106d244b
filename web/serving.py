"""Running the service for real: a threaded production server, the model warmed while the first pages are served."""

import logging
import signal
import threading
from typing import NoReturn

import click
from waitress.server import create_server

from matcher.errors import MatcherError
from matcher.seeding import demo_need
from matcher.service import Service
from matcher.settings import Settings
from web import create_app
from web.account_commands import greet_administrator

_log = logging.getLogger(__name__)


def serve_forever(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises: StoreError; MatcherError when the address cannot be bound."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    service = Service(settings)
    # It tells at length what it loads; the address is what people look for.
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    server = _bound_server(settings, service)
    threading.Thread(target=_warm, args=(service,), name="warm", daemon=True).start()
    signal.signal(signal.SIGTERM, _stop)
    greet_administrator(service)
    _announce(f"http://{settings.host}:{settings.port}", service)
    try:
        server.run()
    finally:
        server.close()
        service.close()


def _announce(address: str, service: Service) -> None:
    """Say where the service is and, with the demo data in it, where to begin."""
    click.echo(f"服务已启动：{address}/ （按 Ctrl-C 停止）", err=True)
    first = demo_need(service.store)
    if first is not None:
        click.echo(f"演示入口：{address}/needs/{first.id} （{first.title}）", err=True)


def _bound_server(settings: Settings, service: Service):  # type: ignore[no-untyped-def]
    try:
        return create_server(
            create_app(settings, service),
            host=settings.host,
            port=settings.port,
            threads=settings.threads,
            max_request_body_size=settings.upload_limit_mb * 2**20,
            ident=None,
        )
    except OSError as error:
        raise MatcherError(
            f"无法监听 {settings.host}:{settings.port}：{error.strerror}。请换一个端口，如 matcher serve --port 8001"
        ) from error


def _warm(service: Service) -> None:
    try:
        service.warm()
    except MatcherError as error:
        _log.warning("%s", error)


def _stop(signum: int, frame: object) -> NoReturn:
    raise SystemExit(0)
