"""Loads sqlite-utils without pandas.

It takes pandas along wherever that is installed, as it is beside pymilvus: a second and 70 MB in every process, for
rows of a kind that are not used here. It must be imported before anything that imports sqlite-utils.
"""

import sys

_is_loaded = "pandas" in sys.modules
if not _is_loaded:
    sys.modules["pandas"] = None  # type: ignore[assignment]
import sqlite_utils  # noqa: E402, F401

if not _is_loaded:
    del sys.modules["pandas"]
