"""The `matcher` command: each command a few lines that call the service."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from matcher.answers import Match
from matcher.errors import MatcherError
from matcher.importing import ImportReport
from matcher.models import LEVEL_NAMES, Kind, Record
from matcher.settings import read_settings
from web.account_commands import account, greet_administrator, greet_demo_people
from web.audit_commands import audit, tidy
from web.command_parts import json_option, opened, print_json, progress
from web.confidence import percent
from web.digest_command import digest
from web.evaluate_command import evaluate_command
from web.job_commands import jobs, suggest, work
from web.policy_page import markdown
from web.ranker_commands import rankers, train
from web.reward_commands import rewards

_NAMES = {
    **{"need": "需求", "achievement": "成果", "organisation": "单位", "verdict": "评判"},
    **{"interest": "合作意向", "engagement": "对接", "cooperation": "合作备案", "rewrite": "改写建议"},
}
_KINDS: dict[str, Kind] = {"needs": "need", "achievements": "achievement"}
_MOST_PROBLEMS_SHOWN = 50


class _Commands(click.Group):
    """Turns domain errors into one line on standard error and exit code 1; usage errors exit with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MatcherError as error:
            click.echo(f"错误：{error}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("\n已中断。完成的部分已保存，数据库完好；再次运行同一命令会接着做。", err=True)
            ctx.exit(130)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tech-matcher")
def main() -> None:
    """Match enterprises' technical needs with achievements, say why, and record the cooperation."""


main.add_command(evaluate_command)
main.add_command(train)
main.add_command(rankers)
main.add_command(account)
main.add_command(audit)
main.add_command(tidy)
main.add_command(jobs)
main.add_command(suggest)
main.add_command(work)
main.add_command(digest)
main.add_command(rewards)


@main.command()
def policy() -> None:
    """Print who may do what as Markdown: the text of docs/policy.md."""
    click.echo(markdown(), nl=False)


@main.command()
def init() -> None:
    """Make the database, build the model and make an administrator; harmless when all are there."""
    with opened() as service, progress("准备模型", 100) as step:
        service.prepare_model(lambda fraction: step(round(100 * fraction), 100))
    click.echo(f"数据库 {service.settings.database_path} 已就绪", err=True)
    with opened() as service:
        greet_administrator(service)


@main.command()
def seed() -> None:
    """Load the demo catalogue and demo work (all invented, marked as demo); loads only what is missing."""
    with opened() as service, progress("载入演示数据", 1) as step:
        gained = service.seed(service.settings.actor, step)
    with opened() as service:
        greet_demo_people(service)
        gained |= service.seed_work()
    click.echo("新增演示数据：" + "，".join(f"{_NAMES[kind]} {count}" for kind, count in gained.items()), err=True)


@main.command("import")
@click.argument("kind", type=click.Choice(list(_KINDS)))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--keep-good", is_flag=True, help="Store the sound rows of a file that has bad ones.")
@json_option
@click.pass_context
def import_(ctx: click.Context, kind: str, file: Path, keep_good: bool, as_json: bool) -> None:
    """Import FILE (.jsonl or .csv) of needs or achievements; the same id again updates."""
    with opened() as service, progress("导入", 1) as step:
        report = service.importing.import_file(_KINDS[kind], file, service.settings.actor, keep_good, step)
    _print_report(report, keep_good, as_json)
    if report.problems:
        ctx.exit(1)


@main.command()
@click.argument("need_id")
@click.option("-k", "count", default=10, show_default=True, type=click.IntRange(1, 200), help="How many to print.")
@json_option
def match(need_id: str, count: int, as_json: bool) -> None:
    """Print the best achievements for NEED_ID.

    That is the end of its address, its number, or the id that it was imported with.
    """
    with opened() as service:
        need = service.postings.find("need", need_id)
        found = service.matching.matches("need", need.id, k=count)
    if as_json:
        print_json(
            {
                "need": _summary(need),
                "version": found.ranker_version,
                "none": found.is_none,
                "advice": [{"action": each.action, "reason": each.reason} for each in found.advice],
                "matches": [_row(match) for match in found.matches],
            }
        )
        return
    click.echo(f"需求 {need.id}：{need.title}")
    if found.matches and found.is_none:
        click.echo("目前没有合适的成果。")
        for each in found.advice:
            click.echo(f"  可以{each.action}：{each.reason}")
        click.echo("以下各项把握都不大，仅供参考：")
    for row in found.matches:
        terms = "、".join(term.text for term in row.shared_terms)
        click.echo(f"{row.rank:>3}. [{_confidence(row)}] {row.achievement.title}（成果 {row.achievement.id}）")
        click.echo(f"       为什么：{terms or '含义相近，没有共同术语'}")
    if not found.matches:
        click.echo("没有找到已发布的成果。")


@main.command()
@click.argument("text")
@click.option(
    "--in", "kind", type=click.Choice(list(_KINDS)), default="achievements", show_default=True, help="What to search."
)
@click.option("-k", "count", default=10, show_default=True, type=click.IntRange(1, 200), help="How many to print.")
@json_option
def search(text: str, kind: str, count: int, as_json: bool) -> None:
    """Print the published records that fit TEXT best."""
    with opened() as service:
        found = service.matching.search(_KINDS[kind], text, k=count)
    if as_json:
        print_json({"results": [_summary(record) | {"relative": each.relative} for record, each in found]})
        return
    for rank, (record, each) in enumerate(found, 1):
        click.echo(f"{rank:>3}. [{each.relative:>3}] {record.title}（{_NAMES[record.kind]} {record.id}）")
    if not found:
        click.echo("没有找到相关的记录。")


@main.command()
def reindex() -> None:
    """Give every record a vector of the configured model, and bring all vectors to where MATCHER_INDEX says.

    The service goes on with the old ones meanwhile.
    """
    with opened() as service:
        with progress("重建向量", 1) as step:
            encoded = service.reindex(step)
        with progress("写入索引", 1) as step:
            counts = service.complete_indexes(step)
        model_id, place = service.engine.model_id(), service.engine.place
    click.echo(f"已重建 {encoded} 条向量，当前模型 {model_id}", err=True)
    kept = "，".join(f"{_NAMES[kind]} {count}" for kind, count in counts.items())
    click.echo(f"索引位置 {place}：{kept}", err=True)


@main.command()
@click.option("--host", help="Address to bind to; the setting by default.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to bind to; the setting by default.")
def serve(host: str | None, port: int | None) -> None:
    """Start the service."""
    from web.serving import serve_forever

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    serve_forever(replace(read_settings(), **given))


def _print_report(report: ImportReport, keep_good: bool, as_json: bool) -> None:
    problems = [
        {"line": each.line, "field": each.field, "value": each.value, "reason": each.reason} for each in report.problems
    ]
    if as_json:
        counts = {"added": report.added, "updated": report.updated, "unchanged": report.unchanged}
        print_json(counts | {"problems": problems})
        return
    for each in report.problems[:_MOST_PROBLEMS_SHOWN]:
        place = f"第 {each.line} 行" + (f" {each.field}" if each.field else "")
        click.echo(f"{place}“{each.value}”：{each.reason}", err=True)
    if len(problems) > _MOST_PROBLEMS_SHOWN:
        click.echo(f"……另有 {len(problems) - _MOST_PROBLEMS_SHOWN} 处，用 --json 查看全部", err=True)
    if problems and not keep_good:
        click.echo("文件有误，一行也没有导入。改正后再试，或加 --keep-good 只导入无误的行。", err=True)
    else:
        click.echo(f"新增 {report.added}，更新 {report.updated}，未变 {report.unchanged}")


def _row(match: Match) -> dict[str, Any]:
    candidate = match.candidate
    return _summary(match.achievement) | {
        "rank": match.rank,
        "level": candidate.level,
        "level_name": LEVEL_NAMES[candidate.level] if candidate.level else None,
        "probability": candidate.probability,
        "relative": candidate.relative,
        "shared_terms": [term.text for term in match.shared_terms],
        "closest_sentence": match.closest_sentence,
        "folded": [_summary(each) for each in match.folded],
    }


def _confidence(match: Match) -> str:
    level, probability = match.candidate.level, match.candidate.probability
    return "" if level is None or probability is None else f"{LEVEL_NAMES[level]} {percent(probability)}"


def _summary(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "external_id": record.external_id,
        "title": record.title,
        "organisation": record.organisation,
        "field": record.field,
    }
