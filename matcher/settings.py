"""Every setting with its default and help: the only reader of the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from matcher.errors import MatcherError

# 1 to 65535.
_PORT = r"(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])"
# What words a setting takes, and how to say so.
_SHAPES = {
    "workers": (r"auto|[1-9]\d{0,2}", " auto 或 1 至 999 的数字"),
    "metrics_port": (rf"|{_PORT}", "一个端口，如 9100，或留空"),
    "access_log": (r"on|off", " on 或 off"),
}


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Each field is read from `MATCHER_` + its name in capitals; the help text goes into the docs."""

    home: Path = _setting(Path("var"), "Folder of the database, the built model and the index snapshots.")
    model: str = _setting("bundled", "`bundled`, or the folder or hub name of a sentence-transformers model.")
    engine: str = _setting("fp32", "What runs the bundled model: `auto`, `int8`, `fp32` or `torch`.")
    engine_threads: int = _setting(64, "Most processor cores that encoding takes in one process.")
    host: str = _setting("127.0.0.1", "Address the service binds to.")
    port: int = _setting(8000, "Port the service binds to.")
    workers: str = _setting("auto", "Processes that answer requests; `auto`: as many as cores, at most 8.")
    threads: int = _setting(4, "Threads of each process that answer requests.")
    queue: int = _setting(32, "Requests that wait in each process; more are asked to come back (503).")
    metrics_port: str = _setting("", "Port of 127.0.0.1 for /metrics without signing in; empty: none.")
    access_log: str = _setting("off", "`on`: a line for each request, with its time, without address or query.")
    actor: str = _setting("本机用户", "Name that commands write into histories.")
    public_url: str = _setting("", "Address behind a reverse proxy that ends TLS, see docs/reverse-proxy.md.")
    session_idle_minutes: int = _setting(120, "How long somebody stays signed in without doing anything.")
    session_hours: int = _setting(12, "How long somebody stays signed in at most.")
    second_factor_for: str = _setting("", "`administrators`: they administer only with a second factor; else optional.")
    smtp_url: str = _setting("", "Server for mails, `smtp://user:password@host:587?from=address`; empty: no mails.")
    contact_days: int = _setting(365, "How long contacts stay in a settled interest before `matcher tidy` erases them.")
    link_hours: int = _setting(72, "How long an invitation or a link for a new password holds.")
    interest_days: int = _setting(30, "How long an expression of interest waits for each answer.")
    reminder_days: int = _setting(3, "Days between two reminders of an expression of interest.")
    rewards: str = _setting("", "TOML file with rules of rewards, see docs/rewards.md; empty: those that come along.")
    searches_per_minute: int = _setting(120, "Searches that one account, or one address without an account, may make.")
    posts_per_hour: int = _setting(120, "Needs, achievements and interests that one account may post or change.")
    password_memory_kib: int = _setting(65_536, "Memory that argon2id takes for one password.")
    password_rounds: int = _setting(3, "Passes that argon2id makes over that memory.")
    valid_days: int = _setting(365, "How long a need or achievement holds once published or renewed.")
    expiry_notice_days: int = _setting(14, "How long before that its organisation is reminded.")
    page_size: int = _setting(20, "Rows a page of a list shows.")
    match_count: int = _setting(10, "Matches a page shows at first.")
    background_worker: str = _setting("on", "`on`: the service also does background jobs; `off`: `matcher work` does.")
    lease_seconds: int = _setting(60, "How long a background job waits for a worker that went silent.")
    suggestion_level: int = _setting(3, "Level (1-4) from which on a pair is suggested to brokers.")
    suggestions_per_record: int = _setting(5, "Suggestions that one need or achievement brings at most.")
    index: str = _setting("faiss", "`faiss`, in the memory of each process; or `milvus://…`, see docs/milvus.md.")
    snapshot_min: int = _setting(5000, "Index size from which a snapshot is kept on disk.")
    exact_limit: int = _setting(20_000, "Index size up to which search is exact; beyond it is approximate.")
    upload_limit_mb: int = _setting(256, "Largest file that can be imported.")
    file_limit_mb: int = _setting(20, "Largest file that can be attached to a record.")
    busy_timeout_ms: int = _setting(10_000, "How long a write waits for another one to finish.")

    @property
    def worker_count(self) -> int:
        """How many processes answer requests."""
        return int(self.workers) if self.workers != "auto" else min(8, len(os.sched_getaffinity(0)))

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return self.home / "matcher.db"

    @property
    def models_dir(self) -> Path:
        """Where the default model is built."""
        return self.home / "models"

    @property
    def snapshots_dir(self) -> Path:
        """Where index snapshots lie."""
        return self.home / "snapshots"

    @property
    def locks_dir(self) -> Path:
        """Where processes lock what they change together outside the database."""
        return self.home / "locks"

    @property
    def files_dir(self) -> Path:
        """Where attached files lie."""
        return self.home / "files"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of `environment` (the process's own by default).

    Raises: MatcherError when a number is not a whole number of at least 1.
    """
    source = os.environ if environment is None else environment
    given = {item.name: source[name] for item in fields(Settings) if (name := f"MATCHER_{item.name.upper()}") in source}
    return Settings(**{name: _convert(name, value) for name, value in given.items()})


def _convert(name: str, value: str) -> Any:
    default: Any = Settings.__dataclass_fields__[name].default
    if name in _SHAPES and not re.fullmatch(_SHAPES[name][0], value):
        raise MatcherError(f"环境变量 MATCHER_{name.upper()} 的值“{value}”不对，请改为{_SHAPES[name][1]}")
    if isinstance(default, int):
        if not value.isdecimal() or int(value) < 1:
            raise MatcherError(f"环境变量 MATCHER_{name.upper()} 的值“{value}”不是正整数，请改为如 {default} 的数字")
        return int(value)
    return Path(value) if isinstance(default, Path) else value
