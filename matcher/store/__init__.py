"""Every query of the service. Functions take an open `Database` and return models, never rows."""

import matcher.store.lean_import  # isort: skip  # noqa: F401

from sqlite_utils import Database

from matcher.store.database import Store

__all__ = ["Database", "Store"]
