"""Which passwords may be chosen, and how they are kept."""

import pytest

from matcher.errors import InvalidInputError
from matcher.passwords import LONGEST, Passwords, check_password, generated

CHEAP = Passwords(8, 1)


def test_a_password_fits_its_own_hash_alone() -> None:
    kept = CHEAP.hashed("一只蓝色的水杯 9")
    assert kept.startswith("$argon2id$") and "水杯" not in kept
    assert CHEAP.fits(kept, "一只蓝色的水杯 9")
    assert not CHEAP.fits(kept, "一只蓝色的水杯 8") and not CHEAP.fits(kept, "")
    assert kept != CHEAP.hashed("一只蓝色的水杯 9")


def test_nothing_fits_without_a_hash_or_with_a_broken_one() -> None:
    assert not CHEAP.fits(None, "x" * 12) and not CHEAP.fits("broken", "x" * 12)


def test_what_is_beyond_the_longest_is_not_cut_off() -> None:
    kept = CHEAP.hashed("x" * LONGEST)
    assert CHEAP.fits(kept, "x" * LONGEST) and not CHEAP.fits(kept, "x" * (LONGEST + 1))


def test_hashes_of_another_cost_are_outdated() -> None:
    assert not CHEAP.is_outdated(CHEAP.hashed("x"))
    assert Passwords(16, 1).is_outdated(CHEAP.hashed("x"))


@pytest.mark.parametrize("password", ["", "short", "密码太短", "x" * (LONGEST + 1)])
def test_length_is_told(password: str) -> None:
    with pytest.raises(InvalidInputError, match="个字符"):
        check_password(password)


@pytest.mark.parametrize(
    "password",
    ["password123", "1234567890", "qwertyuiop", "admin123456", "aaaaaaaaaaaaaa", "p@ssw0rd2024", "iloveyou520"],
)
def test_common_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidInputError, match="太常见") as caught:
        check_password(password)
    assert password not in str(caught.value)


def test_a_password_made_of_what_is_known_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="太常见"):
        check_password("WangXiaomin-77", "wangxiaomin", "王晓敏")


@pytest.mark.parametrize("password", ["一只蓝色的水杯在桌上", "correct horse battery", "duijie-kqm3-7r9d"])
def test_long_uncommon_passwords_may_be_chosen(password: str) -> None:
    check_password(password, "wangxiaomin", "王晓敏")


def test_generated_passwords_differ_and_may_be_chosen() -> None:
    found = {generated() for _ in range(20)}
    assert len(found) == 20
    for password in found:
        check_password(password)
