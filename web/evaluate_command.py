"""`matcher evaluate`: how well needs are answered, which fail and why, and whether two runs really differ."""

import time
from pathlib import Path
from typing import Any, Literal

import click

from matcher import ranking
from matcher.comparing import compare, read_figures
from matcher.diagnosis import ablation, calibration_report, per_need
from matcher.evaluation import evaluate, report, reranked
from matcher.models import Kind
from matcher.ranking import Ranker
from matcher.runs import Qrels, Run, cut, items, read_qrels, read_text, write_run
from matcher.settings import read_settings
from web import evaluate_tables
from web.command_parts import json_option, opened, print_json, progress

_STAGES = {"need": "需求", "achievement": "成果", "rank": "排序"}
_path = click.Path(path_type=Path)


@click.command("evaluate")
@click.option("--achievements", type=_path, help="Achievements to rank.")
@click.option("--needs", type=_path, help="Needs that ask.")
@click.option("--qrels", type=_path, help="Judgments: need 0 achievement grade.")
@click.option("--run-out", type=_path, help="Write the run here, in TREC form.")
@click.option("--top", default=100, show_default=True, type=click.IntRange(1, 1000), help="Length of each list.")
@click.option("--cache", type=_path, help="Folder that keeps vectors between runs.")
@click.option(
    "--ranker", "ranker_name", help="A ranker's JSON file, a version, or `fusion`; the shipped one by default."
)
@click.option("--per-need", "by_need", is_flag=True, help="Each need, worst first, and why it fails.")
@click.option("--calibration", is_flag=True, help="Whether probabilities, levels and “none” hold.")
@click.option("--ablate", is_flag=True, help="What each family of features is worth.")
@click.option("--compare", "runs", nargs=2, type=_path, help="Two TREC runs or JSON reports: do they differ?")
@json_option
def evaluate_command(
    achievements: Path | None,
    needs: Path | None,
    qrels: Path | None,
    runs: tuple[Path, Path] | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Measure ranking against graded judgments, in a throw-away store, through the code that serves pages."""
    if runs:
        found = _compared(runs, qrels)
    elif achievements and needs and qrels:
        found = _measured({"achievement": achievements, "need": needs}, read_qrels(qrels), **options)
    else:
        raise click.UsageError("Give --achievements, --needs and --qrels, or --compare with two runs.")
    if as_json:
        print_json(evaluate_tables.rounded(found))
    else:
        click.echo("\n".join(evaluate_tables.lines(found)))


def _compared(runs: tuple[Path, Path], qrels: Path | None) -> dict[str, Any]:
    judgments = read_qrels(qrels) if qrels else None
    first, second = (read_figures(path, judgments) for path in runs)
    return {"compare": {name: each._asdict() for name, each in compare(first, second).items()}}


def _measured(
    files: dict[Kind, Path],
    qrels: Qrels,
    run_out: Path | None,
    top: int,
    cache: Path | None,
    ranker_name: str | None,
    **parts: bool,
) -> dict[str, Any]:
    started = time.monotonic()
    ranker = _ranker(ranker_name)
    if ranker == "fusion" and (parts["calibration"] or parts["ablate"]):
        raise click.UsageError("`fusion` has no probabilities and features: leave out --calibration and --ablate.")
    with progress("评测", 1) as step:

        def tell(stage: str, done: int, total: int) -> None:
            step(done, total, _STAGES[stage])

        run = evaluate(read_settings(), files, sorted(qrels), top, cache, tell, fusion=ranker == "fusion")
    if isinstance(ranker, Ranker):
        run = reranked(run, ranker)
    if run_out:
        write_run(run_out, cut(run, top))
    figures = report(items(cut(run, top)), qrels) | {"seconds": round(time.monotonic() - started, 1)}
    return figures | _parts(run, qrels, top, ranker, **parts)


def _parts(
    run: Run, qrels: Qrels, top: int, ranker: Ranker | str | None, by_need: bool, calibration: bool, ablate: bool
) -> dict[str, Any]:
    """Return what was asked for beyond the figures."""
    found: dict[str, Any] = {}
    if ranker is not None:
        found["ranker"] = ranker if isinstance(ranker, str) else ranker.version
    if by_need:
        found["per_need"] = [each._asdict() for each in per_need(run, qrels, top)]
    if calibration:
        used = ranker if isinstance(ranker, Ranker) else ranking.shipped_ranker()
        found["calibration"] = calibration_report(run, qrels, used.thresholds[3])
    if ablate:
        found["ablation"] = [
            {
                "family": each.family,
                "features": each.features,
                "differences": {name: difference._asdict() for name, difference in each.differences.items()},
            }
            for each in ablation(run, qrels, ranking.shipped_judgments(), top)
        ]
    return found


def _ranker(name: str | None) -> Ranker | Literal["fusion"] | None:
    """Return the ranker of a file or a version. Raises: RankerError; ImportFileError; NotFoundError."""
    if name is None or name == "fusion":
        return name
    path = Path(name)
    if path.suffix == ".json" or path.is_file():
        return ranking.from_json(read_text(path, "排序模型文件"))
    with opened() as service:
        return service.rankers.get(name)
