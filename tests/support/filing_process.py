"""A process that files records beside others: `python -m tests.support.filing_process HOME FIRST COUNT`.

It tries every record, beginning at FIRST, and prints the ids of those that it filed itself.
"""

import sys
from pathlib import Path

from matcher.errors import IllegalTransitionError, StaleEditError
from matcher.service import Service
from matcher.settings import Settings
from tests.support.hash_encoder import HashEncoder


def main(home: str, first: str, count: str) -> None:
    """File what can be filed."""
    service = Service(Settings(home=Path(home), busy_timeout_ms=60_000), HashEncoder())
    for place in range(int(count)):
        number = 1 + (int(first) + place) % int(count)
        seen = service.cooperations.get(number)
        try:
            service.cooperations.decide(number, "filed", seen.version, "管理员")
        except (IllegalTransitionError, StaleEditError):
            continue
        print(number)
    service.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
