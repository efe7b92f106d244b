"""The second factor: a code that a phone shows for half a minute (TOTP, RFC 6238). Pure but for chance."""

from datetime import datetime

import pyotp

_ISSUER = "科技供需对接"
_SECONDS = 30


def new_secret() -> str:
    """Return a new secret, 160 bits in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, login: str) -> str:
    """Return the otpauth address that an application on a phone takes the secret from."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=_ISSUER)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the number of the half minute that a code belongs to: the present one or its neighbours; None if to none.

    A step may be used once, so whoever checks keeps it.
    """
    present = int(now.timestamp()) // _SECONDS
    digits = "".join(code.split())
    fitting = (step for step in (present, present - 1, present + 1) if _is_code(secret, digits, step))
    return next(fitting, None)


def _is_code(secret: str, digits: str, step: int) -> bool:
    return digits.isascii() and pyotp.utils.strings_equal(digits, pyotp.TOTP(secret).generate_otp(step))
