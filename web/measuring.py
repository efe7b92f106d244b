"""What the service counts for whoever watches it: Prometheus metrics over all worker processes, and the access log.

Nothing of a person is kept: routes by their name, never an address, a query or an account.
"""

import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from flask import Flask, Response, g, request

from matcher.service import Service

_KEY = "meters"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_log = logging.getLogger("web.access_log")


class Meters:
    """The counters of one process; in several processes they lie in files that are added up when asked for.

    The library is imported here: it decides once, when imported, whether there are several processes.
    """

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"registry": self.registry}
        self.requests = Histogram(
            "matcher_request_seconds",
            "Time to answer, by route and status.",
            ["endpoint", "status"],
            buckets=_SECONDS,
            **own,
        )
        self.lists = Counter("matcher_match_lists", "Match lists shown: computed, or kept.", ["source"], **own)
        self.refusals = Counter("matcher_refusals", "Requests refused because too many waited.", **own)
        self.ready = Gauge(
            "matcher_model_ready", "Processes whose model is loaded.", multiprocess_mode="livesum", **own
        )

    def refused(self) -> None:
        """Count a request that was told to come back."""
        self.refusals.inc()

    def text(self) -> bytes:
        """Return all figures as Prometheus reads them, over all processes when there are several."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        if _FOLDER not in os.environ:
            return generate_latest(self.registry)
        whole = CollectorRegistry()
        MultiProcessCollector(whole)  # type: ignore[no-untyped-call]
        return generate_latest(whole)


def of(app: Flask) -> Meters:
    """Return the counters of `app`."""
    return cast(Meters, app.extensions[_KEY])


def measure(app: Flask, service: Service) -> None:
    """Count every request of `app` with its time, and log it when the settings ask for that."""
    meters = app.extensions[_KEY] = Meters()
    service.matching.lists.tell = lambda source: meters.lists.labels(source).inc()
    is_logged = service.settings.access_log == "on"

    def begin() -> None:
        g.began = time.perf_counter()

    def end(response: Response) -> Response:
        if "began" in g:
            seconds = time.perf_counter() - g.began
            endpoint = request.endpoint or "none"
            meters.requests.labels(endpoint, response.status_code).observe(seconds)
            meters.ready.set(service.engine.is_loaded)
            if is_logged:
                size = response.calculate_content_length()
                _log.info(
                    "%s %s %s %s %.1fms", request.method, endpoint, response.status_code, size or "-", 1000 * seconds
                )
        return response

    app.before_request(begin)
    app.after_request(end)


@contextmanager
def shared_between_processes() -> Iterator[None]:
    """Let processes that are started inside keep their figures where all find them."""
    with tempfile.TemporaryDirectory(prefix="matcher-metrics-") as folder:
        os.environ[_FOLDER] = folder
        yield


def forget_process(pid: int) -> None:
    """Take a process that has ended out of figures of the living; what it counted stays counted."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid)  # type: ignore[no-untyped-call]
