"""Limits on guessing (failed sign-ins by address and login and by address, sign-ups by address), searching, posting.

Nothing counts by login alone: then anybody could lock somebody else out by guessing wrongly.
"""

import math
import time

from limits import RateLimitItem, parse
from limits.strategies import FixedWindowRateLimiter

from matcher.errors import ThrottledError
from matcher.settings import Settings
from matcher.store import Store
from matcher.store.attempts import SqliteStorage

SIGN_INS = parse("8 per 15 minutes")
SIGN_INS_OF_ADDRESS = parse("100 per 15 minutes")
SIGN_UPS = parse("10 per hour")
LINKS = parse("30 per hour")
_ASK_FOR_LINK = "忘记密码可以请管理员发重设链接"
_SLOW_DOWN = "刚才填写的内容没有丢，稍后可以再提交"


class Throttle:
    """Counts attempts in the store."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._limiter = FixedWindowRateLimiter(SqliteStorage(store))
        self._searches = parse(f"{settings.searches_per_minute} per minute")
        self._posts = parse(f"{settings.posts_per_hour} per hour")

    def check_sign_in(self, address: str, login: str) -> None:
        """Count an attempt to sign in. Raises: ThrottledError when there were too many from this address."""
        self._check(SIGN_INS_OF_ADDRESS, "sign-in", address)
        self._count(SIGN_INS, "sign-in", address, login)

    def note_failed(self, address: str) -> None:
        """Count a failed attempt against the address as a whole."""
        self._limiter.hit(SIGN_INS_OF_ADDRESS, "sign-in", address)

    def note_signed_in(self, address: str, login: str) -> None:
        """Forget the failed attempts of somebody who then knew the password."""
        self._limiter.clear(SIGN_INS, "sign-in", address, login)

    def check_sign_up(self, address: str) -> None:
        """Count an attempt to sign up. Raises: ThrottledError."""
        self._count(SIGN_UPS, "sign-up", address)

    def check_link(self, address: str) -> None:
        """Count a one-time link that did not hold. Raises: ThrottledError."""
        self._count(LINKS, "link", address)

    def check_search(self, who: str) -> None:
        """Count a search of an account or address. Raises: ThrottledError."""
        self._count(self._searches, "search", who, way_out=_SLOW_DOWN)

    def check_post(self, who: str) -> None:
        """Count something that an account posts or changes. Raises: ThrottledError."""
        self._count(self._posts, "post", who, way_out=f"{_SLOW_DOWN}；大批内容请管理员批量导入")

    def _check(self, item: RateLimitItem, *key: str) -> None:
        if not self._limiter.test(item, *key):
            raise self._refusal(item, *key)

    def _count(self, item: RateLimitItem, *key: str, way_out: str = _ASK_FOR_LINK) -> None:
        if not self._limiter.hit(item, *key):
            raise self._refusal(item, *key, way_out=way_out)

    def _refusal(self, item: RateLimitItem, *key: str, way_out: str = _ASK_FOR_LINK) -> ThrottledError:
        seconds = self._limiter.get_window_stats(item, *key).reset_time - time.time()
        minutes = max(1, math.ceil(seconds / 60))
        return ThrottledError(f"次数太多，请 {minutes} 分钟后再试。{way_out}")
