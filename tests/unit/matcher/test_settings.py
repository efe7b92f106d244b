"""Settings: defaults, the environment, and what is refused."""

from dataclasses import fields
from pathlib import Path

import pytest

from matcher.errors import MatcherError
from matcher.settings import Settings, read_settings

COUNTS = [item.name for item in fields(Settings) if isinstance(item.default, int)]


def test_defaults() -> None:
    assert read_settings({}) == Settings()
    assert (Settings().home, Settings().model, Settings().host) == (Path("var"), "bundled", "127.0.0.1")


def test_every_setting_is_read_from_the_environment() -> None:
    values = {item.name: "on" if item.name == "access_log" else "7" for item in fields(Settings)}
    given = {f"MATCHER_{name.upper()}": value for name, value in values.items()}
    found = read_settings(given | {"PATH": "x", "MATCHER_UNKNOWN": "y"})
    for item in fields(Settings):
        value = getattr(found, item.name)
        assert type(value) is type(item.default) or isinstance(value, Path)
        assert str(value) == values[item.name]


@pytest.mark.parametrize(
    ("name", "value"), [("workers", "0"), ("workers", "viele"), ("metrics_port", "65536"), ("access_log", "yes")]
)
def test_a_word_that_is_none_of_those_known_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(MatcherError, match=f"MATCHER_{name.upper()} 的值“{value}”"):
        read_settings({f"MATCHER_{name.upper()}": value})


@pytest.mark.parametrize("port", ["", "1", "9100", "59999", "60863", "65535"])
def test_every_port_is_taken(port: str) -> None:
    assert read_settings({"MATCHER_METRICS_PORT": port}).metrics_port == port


def test_workers_are_a_number_or_as_many_as_cores() -> None:
    assert Settings(workers="3").worker_count == 3
    assert 1 <= Settings().worker_count <= 8


def test_the_environment_of_the_process_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHER_PORT", "8123")
    assert read_settings().port == 8123


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "viele", " 7"])
def test_a_number_that_is_none_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(MatcherError, match=f"MATCHER_{name.upper()} 的值“{value}”"):
        read_settings({f"MATCHER_{name.upper()}": value})


def test_every_setting_has_its_help() -> None:
    assert all(item.metadata["help"].endswith(".") for item in fields(Settings))


def test_files_lie_in_the_home() -> None:
    found = Settings(home=Path("/srv/matcher"))
    assert {path.parent for path in (found.database_path, found.models_dir, found.snapshots_dir)} == {found.home}
