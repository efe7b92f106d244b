"""Every setting with its default and help: the only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from matcher.errors import MatcherError


def _setting(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Each field is read from `MATCHER_` + its name in capitals; the help text goes into the docs."""

    home: Path = _setting(Path("var"), "Folder of the database, the built model and the index snapshots.")
    model: str = _setting("bundled", "`bundled`, or the folder or hub name of a sentence-transformers model.")
    host: str = _setting("127.0.0.1", "Address the service binds to.")
    port: int = _setting(8000, "Port the service binds to.")
    threads: int = _setting(4, "Threads that answer requests.")
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
    searches_per_minute: int = _setting(120, "Searches that one account, or one address without an account, may make.")
    posts_per_hour: int = _setting(120, "Needs, achievements and interests that one account may post or change.")
    password_memory_kib: int = _setting(65_536, "Memory that argon2id takes for one password.")
    password_rounds: int = _setting(3, "Passes that argon2id makes over that memory.")
    page_size: int = _setting(20, "Rows a page of a list shows.")
    match_count: int = _setting(10, "Matches a page shows at first.")
    snapshot_min: int = _setting(5000, "Index size from which a snapshot is kept on disk.")
    exact_limit: int = _setting(200_000, "Index size up to which search is exact; beyond it is approximate.")
    upload_limit_mb: int = _setting(256, "Largest file that can be imported.")
    busy_timeout_ms: int = _setting(10_000, "How long a write waits for another one to finish.")

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


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of `environment` (the process's own by default).

    Raises: MatcherError when a number is not a whole number of at least 1.
    """
    source = os.environ if environment is None else environment
    given = {item.name: source[name] for item in fields(Settings) if (name := f"MATCHER_{item.name.upper()}") in source}
    return Settings(**{name: _convert(name, value) for name, value in given.items()})


def _convert(name: str, value: str) -> Any:
    default: Any = Settings.__dataclass_fields__[name].default
    if isinstance(default, int):
        if not value.isdecimal() or int(value) < 1:
            raise MatcherError(f"环境变量 MATCHER_{name.upper()} 的值“{value}”不是正整数，请改为如 {default} 的数字")
        return int(value)
    return Path(value) if isinstance(default, Path) else value
