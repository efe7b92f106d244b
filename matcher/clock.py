"""The clock that the service goes by: times are kept in UTC, days are those of China."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """Return the present date in China."""
    return datetime.now(ZONE).date()
