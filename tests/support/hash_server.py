"""The real program with the small encoder in the place of the model: `python -m tests.support.hash_server COMMAND …`.

Beside the commands of `matcher` there is `snapshots`, which rebuilds both indexes and writes their snapshots until it
is killed.
"""

import sys

from matcher import search_engine
from tests.support.hash_encoder import HashEncoder

search_engine.load_encoder = lambda *_: HashEncoder()  # type: ignore[assignment, return-value]


def write_snapshots_forever() -> None:
    """Rebuild from the store and save, again and again."""
    from matcher.service import Service
    from matcher.settings import read_settings

    service = Service(read_settings())
    while True:
        for kind in ("need", "achievement"):
            live = service.engine.live(kind)
            live._built()
        print("round", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["snapshots"]:
        write_snapshots_forever()
    from web.cli import main

    main()
