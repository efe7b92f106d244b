"""The same content posted twice makes one thing."""

import threading
import time

import pytest

from web.once import Tokens


def test_the_second_post_gets_the_first_ones_address() -> None:
    made: list[str] = []
    tokens = Tokens()

    def make() -> str:
        made.append("")
        return f"/needs/{len(made)}"

    assert [tokens.address_made("a", make) for _ in range(3)] == ["/needs/1"] * 3
    assert tokens.address_made("b", make) == "/needs/2"


def test_posts_at_the_same_moment_make_one_thing() -> None:
    made: list[int] = []
    tokens = Tokens()
    start = threading.Barrier(8)

    def make() -> str:
        time.sleep(0.02)
        made.append(1)
        return "/needs/1"

    def post() -> None:
        start.wait()
        tokens.address_made("a", make)

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]


def test_a_post_that_failed_can_be_tried_again() -> None:
    tokens = Tokens()

    def fail() -> str:
        raise ValueError

    with pytest.raises(ValueError):
        tokens.address_made("a", fail)
    assert tokens.address_made("a", lambda: "/needs/1") == "/needs/1"


def test_old_tokens_are_forgotten() -> None:
    tokens = Tokens()
    for number in range(1001):
        tokens.address_made(str(number), lambda: "/x")
    assert tokens.address_made("0", lambda: "/y") == "/y"
    assert tokens.address_made("1000", lambda: "/y") == "/x"
