"""The options that benches over real records share."""

from argparse import ArgumentParser
from pathlib import Path


def over_records(description: str | None) -> ArgumentParser:
    """Return a parser that takes the files of records, the folder of kept vectors and that of built models."""
    parser = ArgumentParser(description=description)
    parser.add_argument("--achievements", type=Path, required=True)
    parser.add_argument("--needs", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/vectors"))
    parser.add_argument("--models", type=Path, default=Path("var/models"))
    return parser
