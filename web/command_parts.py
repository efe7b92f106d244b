"""What the commands of `matcher` share: the opened service, progress on standard error, JSON on standard output."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from matcher.service import Service
from matcher.settings import read_settings

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")


@contextmanager
def opened() -> Iterator[Service]:
    """Yield the service that the environment names; its store is closed afterwards."""
    service = Service(read_settings())
    try:
        service.lifetimes.sweep_daily()
        yield service
    finally:
        service.close()


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[..., None]]:
    """Yield a function step(done, total, stage) that draws a bar on standard error, on terminals only."""
    with click.progressbar(length=total, label=label, file=sys.stderr) as bar:

        def step(done: int, of: int, stage: str = "") -> None:
            bar.label = f"{label} {stage}".strip()
            bar.length = max(1, of)
            bar.finished = False
            bar.update(done - bar.pos)

        yield step


def print_json(value: object) -> None:
    """Print `value` as one line of JSON."""
    click.echo(json.dumps(value, ensure_ascii=False))
