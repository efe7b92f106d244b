"""The schema, one decorated step a change, a module a subject. A step that has shipped is never edited.

The order of the imports is the order of the steps.
"""
# ruff: noqa: F401

from sqlite_utils import Database

from matcher.store.migrations import records_and_accounts  # isort: skip
from matcher.store.migrations import confidentiality  # isort: skip
from matcher.store.migrations import inbox  # isort: skip
from matcher.store.migrations import public_ids  # isort: skip
from matcher.store.migrations import refining  # isort: skip
from matcher.store.migrations import files  # isort: skip
from matcher.store.migrations import cooperation_records  # isort: skip
from matcher.store.migrations import engagements  # isort: skip
from matcher.store.migrations import desk  # isort: skip
from matcher.store.migrations import growth  # isort: skip
from matcher.store.migrations import shared_indexes  # isort: skip
from matcher.store.migrations import shares_of_means  # isort: skip
from matcher.store.migrations.registry import migrations

__all__ = ["MIGRATION_NAMES", "migrations"]

MIGRATION_NAMES = frozenset(step.name for step in migrations.pending(Database(memory=True)))
