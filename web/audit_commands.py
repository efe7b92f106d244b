"""The commands `matcher audit …` and `matcher tidy`."""

import sys
from dataclasses import asdict

import click

from web.audit_pages import sheet
from web.command_parts import json_option, opened, print_json


@click.group()
def audit() -> None:
    """Verify and export the record of who did what."""


@audit.command()
@json_option
def verify(as_json: bool) -> None:
    """Check that no line was changed, taken out or put in between; note the last hash to see later cuts as well."""
    with opened() as service:
        verdict = service.auditing.verify()
    if as_json:
        print_json(asdict(verdict))
    elif verdict.broken_at is None:
        click.echo(f"操作记录完整：{verdict.count} 行，最后一行的校验值 {verdict.head}")
    else:
        click.echo(f"操作记录从第 {verdict.broken_at} 行起与校验值不符：有行被改动、删除或插入", err=True)
    sys.exit(verdict.broken_at is not None)


@audit.command()
@click.option("--search", "q", default="", help="Only lines that hold this text.")
def export(q: str) -> None:
    """Write the lines as CSV on standard output, oldest first."""
    with opened() as service:
        for row in sheet(service.auditing.every(q)):
            click.echo(row, nl=False)


@click.command()
def tidy() -> None:
    """Erase old contacts, sessions and broken uploads, close records that ran out; meant to be run each night."""
    with opened() as service:
        contacts, sessions = service.personal_data.tidy()
        files = service.attachments.sweep()
        closed, reminded = service.lifetimes.sweep()
    click.echo(f"撤回了 {closed} 条到期的需求和成果，提醒了 {reminded} 条即将到期的", err=True)
    told = f"已清除 {contacts} 条合作意向里的联系方式，{sessions} 次过期的登录，{files} 个没有传完的文件"
    click.echo(told, err=True)
