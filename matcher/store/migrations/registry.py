"""The set that every step joins."""

from sqlite_utils import Migrations

migrations = Migrations("matcher")
