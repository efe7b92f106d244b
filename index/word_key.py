"""Terms as numbers: what a vocabulary of millions is kept and looked up as."""

from functools import lru_cache
from hashlib import blake2b


@lru_cache(maxsize=100_000)
def word_key(term: str) -> int:
    """Return 64 bits that stand for a term; among 10^8 different terms the odds of any two alike are 1 in 4,000."""
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
