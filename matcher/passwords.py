"""Passwords: which may be chosen, and how they are kept (argon2id)."""

import secrets
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from matcher.errors import InvalidInputError

SHORTEST = 10
LONGEST = 200
# What zxcvbn guesses within a hundred million tries: a common password, or one with a digit or year added.
_FEWEST_GUESSES = 100_000_000
_MOST_WEIGHED = 72
# Without characters that are taken for each other when they are read from a screen.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Passwords:
    """Hashes of passwords at one cost."""

    def __init__(self, memory_kib: int, rounds: int) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=max(8, memory_kib), parallelism=1)

    @cached_property
    def _decoy(self) -> str:
        return self._hasher.hash(generated())

    def prepare(self) -> None:
        """Hash once what unknown logins are compared with, so that not even the first of them takes longer."""
        self.fits(None, "")

    def hashed(self, password: str) -> str:
        """Return the text to keep of a password."""
        return self._hasher.hash(password)

    def fits(self, kept: str | None, password: str) -> bool:
        """Return whether `kept` is of this password; without anything kept it takes as long and is False."""
        if len(password) > LONGEST:
            kept, password = None, ""
        try:
            self._hasher.verify(kept or self._decoy, password)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Return whether the password should be hashed anew, at the present cost."""
        return self._hasher.check_needs_rehash(kept)


def check_password(password: str, *known: str) -> None:
    """Raises: InvalidInputError for a password that is too short, too long, common, or made of what is `known`."""
    if len(password) < SHORTEST:
        raise _problem(f"密码至少 {SHORTEST} 个字符，现在 {len(password)} 个。用几个不相干的词连起来，又长又好记")
    if len(password) > LONGEST:
        raise _problem(f"密码最多 {LONGEST} 个字符")
    told = [text.casefold() for text in known if len(text) >= 3]
    rest = password.casefold()
    for text in told:
        rest = rest.replace(text, "")
    if len(rest) < SHORTEST // 2 or zxcvbn(password[:_MOST_WEIGHED])["guesses"] < _FEWEST_GUESSES:
        raise _problem("这个密码太常见，容易被猜到。请用几个不相干的词连起来，不要用姓名、登录名、生日或键盘顺序")


def generated() -> str:
    """Return a new random password that can be read aloud (79 bits)."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def _problem(message: str) -> InvalidInputError:
    return InvalidInputError({"password": message})
