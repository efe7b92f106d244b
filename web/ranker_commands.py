"""The commands `matcher train` and `matcher rankers`."""

from dataclasses import asdict
from typing import Any

import click

from matcher.rankers import RankerVersion
from web.command_parts import json_option, opened, print_json
from web.ranker_pages import told


@click.command()
@click.option("--leave-out-withdrawn", is_flag=True, help="Do not learn from verdicts on withdrawn records.")
@json_option
@click.pass_context
def train(ctx: click.Context, leave_out_withdrawn: bool, as_json: bool) -> None:
    """Fit the ranker anew to the shipped judgments and all verdicts; install it unless it is worse (exit code 1)."""
    with opened() as service:
        found = service.learning.train(service.settings.actor, leave_out_withdrawn)
    if as_json:
        version = found.installed.version if found.installed else None
        print_json(asdict(found) | {"installed": version})
    else:
        click.echo(told(found), err=found.installed is None)
    if found.installed is None:
        ctx.exit(1)


@click.command()
@click.option("--use", "version", metavar="VERSION", help="Bring this version in force: back, or forward again.")
@json_option
def rankers(version: str | None, as_json: bool) -> None:
    """List the versions of the ranker, newest first, and which one is in force."""
    with opened() as service:
        if version is not None:
            service.rankers.use(version, service.settings.actor)
        found = service.rankers.versions()
    if as_json:
        print_json({"rankers": [_row(each) for each in found]})
        return
    for each in found:
        click.echo(f"{'*' if each.in_force else ' '} {each.version:<16}{_described(each)}")


def _row(each: RankerVersion) -> dict[str, Any]:
    return asdict(each) | {"created_at": each.created_at.isoformat() if each.created_at else None}


def _described(each: RankerVersion) -> str:
    """Return the facts of a version that tell it from the others."""
    held_back = each.facts.get("held_back")
    parts = [
        f"{each.actor} 于 {each.created_at:%Y-%m-%d %H:%M} UTC 训练" if each.created_at else "随程序附带",
        f"评判 {each.facts['verdicts']} 条" if "verdicts" in each.facts else "",
        f"训练对 {each.facts['pairs']}" if "pairs" in each.facts else "",
        f"留出评判上对数损失 {held_back['after']['log_loss']:.3f}，nDCG@10 {held_back['after']['ndcg']:.3f}"
        if held_back
        else "",
        "" if each.fits else "特征与本程序不符，不能使用",
    ]
    return "；".join(part for part in parts if part)
