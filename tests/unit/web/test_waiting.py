"""A page asked for while the model is loading says so and asks again; a post waits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from matcher import search_engine
from matcher.service import Service
from matcher.settings import Settings
from tests.support.hash_encoder import HashEncoder
from web import create_app


@contextmanager
def loading(monkeypatch: pytest.MonkeyPatch, service: Service) -> Iterator[threading.Event]:
    """A model that comes only when the event is set."""
    comes, begun = threading.Event(), threading.Event()

    def load(*_: object) -> HashEncoder:
        begun.set()
        comes.wait(20)
        return HashEncoder()

    monkeypatch.setattr(search_engine, "load_encoder", load)
    thread = threading.Thread(target=service.warm)
    thread.start()
    begun.wait(20)
    yield comes
    comes.set()
    thread.join()


def test_a_search_before_the_model_is_there_waits_politely(home, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("web.waiting._READER_SECONDS", 0.01)
    service = Service(Settings(home=home, password_memory_kib=8, password_rounds=1))
    browser = create_app(service.settings, service).test_client()
    with loading(monkeypatch, service) as comes:
        early = browser.get("/search?q=电池")
        assert (early.status_code, early.headers["Refresh"], early.headers["Retry-After"]) == (503, "2", "2")
        assert "正在准备匹配" in early.text
        assert browser.get("/").status_code == 200
        comes.set()
    late = browser.get("/search?q=电池")
    assert (late.status_code, "Refresh" in late.headers) == (200, False)
    service.close()


def test_whoever_has_no_patience_set_gets_the_model_however_long_it_takes(home, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    service = Service(Settings(home=home, password_memory_kib=8, password_rounds=1))
    found: list[object] = []
    with loading(monkeypatch, service) as comes:
        asking = threading.Thread(target=lambda: found.append(service.engine.encoder()))
        asking.start()
        comes.set()
        asking.join(20)
    assert isinstance(found[0], HashEncoder)
    service.close()
