"""The command `matcher rewards`."""

import click

from matcher.controlled_lists import regions
from matcher.errors import InvalidInputError
from matcher.rewards import Claim, total_yuan
from web.command_parts import json_option, opened, print_json
from web.frame import money


@click.command()
@click.option("--region", "place", default="", help="Only records of this division: its code or name.")
@click.option("--year", type=click.IntRange(1, 9999), help="Only records signed in this year.")
@click.option("--due", is_flag=True, help="Only what qualifies.")
@json_option
def rewards(place: str, year: int | None, due: bool, as_json: bool) -> None:
    """List what the rules of rewards give the cooperation records, and what is missing."""
    codes = regions().codes_named(place) if place else ("",)
    if len(codes) != 1:
        raise InvalidInputError({"region": f"“{place}”不是一个行政区划，请写代码（如 130407）或写全名称"})
    with opened() as service:
        found = [each for each in service.rewards.claims(region=codes[0], year=year) if each.amount_yuan or not due]
    if as_json:
        print_json({"claims": [_row(each) for each in found], "total_yuan": total_yuan(found)})
        return
    for each in found:
        missing = f"；缺：{'；'.join(each.missing)}" if each.missing else ""
        click.echo(f"{money(each.amount_yuan)}  {each.deal.title}（{each.deal.parties}）  {each.rule.name}{missing}")
    click.echo(f"合计 {money(total_yuan(found))}，{len(found)} 项")


def _row(claim: Claim) -> dict[str, object]:
    return {
        "id": claim.deal.id,
        "title": claim.deal.title,
        "parties": claim.deal.parties,
        "region": claim.deal.region,
        "year": claim.year,
        "rule": claim.rule.id,
        "count": claim.count,
        "amount_yuan": claim.amount_yuan,
        "missing": list(claim.missing),
    }
