"""Running the service for real: worker processes with threads, the model warmed while the first pages are served."""

import gc
import logging
import os
import resource
import socket
import threading
from dataclasses import replace
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from threadpoolctl import threadpool_limits

from matcher.errors import MatcherError
from matcher.seeding import demo_need
from matcher.service import Service
from matcher.settings import Settings
from web import create_app, measuring
from web.account_commands import greet_administrator
from web.background import Beside
from web.calm_threads import share_cores
from web.errors import busy_answer
from web.workers import CalmArbiter, Worker

_log = logging.getLogger(__name__)
_BACKLOG = 512
_MOST_CONNECTIONS = 1000
# What a worker has open beside its connections: some forty, and room.
_OTHER_FILES = 200
_STOP_SECONDS = 30
# A kept connection costs no thread; the time is longer than a reader looks at a page before the next click.
_KEPT_SECONDS = 30
# A worker whose loop does not answer for so long is replaced; loading a model keeps a busy machine from it.
_HUNG_SECONDS = 120


class Server(BaseApplication):  # type: ignore[misc]
    """Worker processes that answer on bound sockets; each opens the store and loads the model for itself."""

    def __init__(self, settings: Settings, sockets: list[socket.socket]) -> None:
        self._settings = settings
        self._sockets = sockets
        super().__init__()

    def load_config(self) -> None:
        """Set what differs from gunicorn's defaults; who is believed about addresses is said in web/security.py."""
        chosen: dict[str, Any] = {
            "bind": [f"fd://{each.detach()}" for each in self._sockets],
            "workers": self._settings.worker_count,
            "threads": self._settings.threads,
            "worker_class": type("QueueingWorker", (Worker,), {"queue": self._settings.queue}),
            "worker_connections": _most_connections(),
            "backlog": _BACKLOG,
            "graceful_timeout": _STOP_SECONDS,
            "keepalive": _KEPT_SECONDS,
            "timeout": _HUNG_SECONDS,
            "loglevel": "warning",
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "control_socket_disable": True,
            "pre_fork": lambda arbiter, worker: gc.freeze(),
            "child_exit": lambda arbiter, worker: measuring.forget_process(worker.pid),
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application of one worker process; its model loads meanwhile."""
        # Libraries of numbers are loaded by now and took all cores: beside other busy processes that makes each wait.
        threadpool_limits(self._settings.engine_threads)
        service = Service(self._settings)
        app = create_app(self._settings, service)
        app.busy = busy_answer(app)  # type: ignore[attr-defined]
        app.refused = measuring.of(app).refused  # type: ignore[attr-defined]
        threading.Thread(target=_warm, args=(service, measuring.of(app)), name="warm", daemon=True).start()
        return app

    def run(self) -> None:
        """Answer until a signal stops it, with a process beside that does what no page waits for."""
        beside = Beside()
        try:
            CalmArbiter(self, beside.see_to).run()
        finally:
            beside.stop()


def serve_forever(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises: StoreError; MatcherError when the address cannot be bound."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # It tells at length what it loads; the address is what people look for.
    logging.getLogger("sentence_transformers").setLevel(logging.WARNING)
    share_cores(settings.worker_count)
    service = Service(settings)
    sockets = _bound(settings.host, settings.port)
    if settings.metrics_port:
        sockets += _bound("127.0.0.1", settings.metrics_port)
    greet_administrator(service)
    service.lifetimes.sweep_daily()
    _announce(f"http://{settings.host}:{settings.port}", service)
    service.close()  # Before there are other processes: a connection to the store must not be inherited.
    with measuring.shared_between_processes():
        Server(replace(settings, engine_threads=_cores_each(settings)), sockets).run()


def _most_connections() -> int:
    """Return how many connections a worker may have, after asking for as many open files as that takes."""
    wanted = _MOST_CONNECTIONS + _OTHER_FILES
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
        return max(1, allowed - _OTHER_FILES)
    return _MOST_CONNECTIONS


def _cores_each(settings: Settings) -> int:
    """Return how many cores encoding may take in each process: all of them together never more than there are."""
    cores = min(settings.engine_threads, len(os.sched_getaffinity(0)))
    return max(1, cores // settings.worker_count)


def _announce(address: str, service: Service) -> None:
    """Say where the service is and, with the demo data in it, where to begin."""
    click.echo(f"服务已启动：{address}/ （按 Ctrl-C 停止）", err=True)
    first = demo_need(service.store)
    if first is not None:
        click.echo(f"演示入口：{address}/needs/{service.public_ids.of('need', first.id)} （{first.title}）", err=True)


def _bound(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on every address that `host` stands for. Raises: MatcherError."""
    try:
        found = {each[0]: each[4] for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        return [socket.create_server(at[:2], family=family, backlog=_BACKLOG) for family, at in found.items()]
    except OSError as error:
        raise MatcherError(
            f"无法监听 {host}:{port}：{error.strerror}。请换一个端口，如 matcher serve --port 8001"
        ) from error


def _warm(service: Service, meters: measuring.Meters) -> None:
    try:
        service.warm()
    except MatcherError as error:
        _log.warning("%s", error)
    finally:
        meters.ready.set(service.engine.is_loaded)
