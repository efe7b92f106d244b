"""Every query of the service. Functions take an open `Database` and return models, never rows."""

from sqlite_utils import Database

from matcher.store.database import Store

__all__ = ["Database", "Store"]
